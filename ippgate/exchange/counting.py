"""What a rule permits within a quota is counted before anything is sent, and given back when
nothing was printed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ippgate.exchange.account import Account
from ippgate.exchange.deciding import Permission
from ippgate.exchange.operations import PRINTS_AGAIN
from ippgate.exchange.ports import Amounts, LedgerUnavailable, OverQuota, Quotas
from ippgate.exchange.saying_no import not_counted, over_quota
from ippgate.exchange.shaping import RESHAPED
from ippgate.ipp.enums import Operation

_MAKES_JOB = frozenset(
    {
        Operation.PRINT_JOB,
        Operation.PRINT_URI,
        Operation.CREATE_JOB,
        Operation.VALIDATE_JOB,
        Operation.RESUBMIT_JOB,
    }
)
_ADDS = frozenset({Operation.SEND_DOCUMENT, Operation.SEND_URI})
"""Operations that bring a further document, and no further job."""
_COUNTED = _MAKES_JOB | _ADDS | PRINTS_AGAIN | RESHAPED


async def reserve(permission: Permission, quotas: Quotas | None, now: datetime) -> str | None:
    """The reservation's id; None: there is nothing to count. Raises IppRefusal.

    What is only validated is given back at once.
    """
    decision, facts = permission.printing or permission.decision, permission.facts
    limits = decision.obligations.quota
    if not limits or facts.operation not in _COUNTED:
        return None
    if quotas is None or facts.principal is None or decision.rule is None:
        raise not_counted(decision, "nobody counts here")
    try:
        reservation = await quotas.reserve(
            facts.principal.id, decision.rule, limits, amounts(permission)
        )
    except OverQuota as error:
        raise over_quota(decision, error, now) from None
    except LedgerUnavailable as error:
        raise not_counted(decision, str(error)) from None
    if facts.operation is Operation.VALIDATE_JOB:
        await quotas.release(reservation)
        return None
    return reservation


async def attach(account: Account, quotas: Quotas | None) -> None:
    """What was reserved belongs to the job that was made. That it cannot be written down does not
    undo the job: the trail has it."""
    if quotas is None or account.reservation is None or account.job_id is None:
        return
    reservation, account.reservation = account.reservation, None
    try:
        await quotas.attach(reservation, account.printer, account.job_id)
    except LedgerUnavailable as error:
        account.error = f"the job is not counted yet: {error}"


async def give_back(account: Account, quotas: Quotas | None) -> None:
    """What is still reserved when the exchange ends was not printed."""
    if quotas is not None and account.reservation is not None:
        await quotas.release(account.reservation)


def amounts(permission: Permission) -> Amounts:
    """What the request takes, as far as it says; of a change, what it takes more than before."""
    facts = permission.facts
    printing = permission.printing or permission.decision
    asked = facts.job.attributes or {}
    jobs = 1 if facts.operation in _MAKES_JOB | PRINTS_AGAIN else 0
    pages: int | None = 0
    if jobs or facts.operation in RESHAPED:
        written = dict(printing.obligations.enforce)
        pages = _pages({**dict(permission.default), **asked, **written})
    if facts.operation in RESHAPED:
        more = (pages or 1) - (_pages(permission.before or {}) or 1)
        return Amounts(0, max(0, more), 0)
    return Amounts(jobs, pages, facts.job.document.size)


def _pages(asked: Mapping[str, tuple[object, ...]]) -> int | None:
    """A job has a page at least, whatever it says, and each copy of it has, too; None: it says
    nothing."""
    copies = max(1, _number(asked.get("copies", ())) or 1)
    declared = _number(asked.get("job-impressions", ()))
    return None if declared is None and copies == 1 else max(1, declared or 1) * copies


def _number(values: tuple[object, ...]) -> int | None:
    numbers = [value for value in values if isinstance(value, int)]
    return max(numbers) if numbers else None
