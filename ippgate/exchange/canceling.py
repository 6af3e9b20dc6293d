"""Canceling many jobs, one after the other: what old printers cannot do by themselves, and what no
printer can that knows no users.

Cancel-My-Jobs and Cancel-Jobs: PWG 5100.11 sections 5.1 and 5.2.
"""

from __future__ import annotations

from collections.abc import Sequence

from ippgate.exchange.enquiries import answer, list_jobs, question
from ippgate.exchange.jobs import seen_jobs
from ippgate.exchange.ownership import WANTED, is_own, owners
from ippgate.exchange.ports import Edges, Printer
from ippgate.exchange.refusal import IppRefusal
from ippgate.exchange.request import Request, bad_request
from ippgate.ipp.enums import Operation, Status
from ippgate.ipp.message import Value
from ippgate.ipp.values import as_integer
from ippgate.policy.facts import Principal

_LAST_SUCCESS = 0x00FF
_OVER = (
    Status.CLIENT_ERROR_NOT_FOUND,
    Status.CLIENT_ERROR_GONE,
    Status.CLIENT_ERROR_NOT_POSSIBLE,
)
"""The job ended before it could be canceled."""


async def to_cancel(
    request: Request, printer: Printer, principal: Principal, edges: Edges
) -> list[int]:
    """The jobs that the request means: for Cancel-My-Jobs the person's own, for Cancel-Jobs all
    that have not ended; or of those the ones that ``job-ids`` names.

    Raises IppRefusal when one is named that is not among them: none is canceled then.
    """
    now = edges.clock.now().timestamp()
    seen = seen_jobs(await list_jobs(printer, principal.name, WANTED), now)
    found = [job.job_id for job in seen]
    if request.operation == Operation.CANCEL_MY_JOBS:
        known = await owners(printer, seen, principal.name, edges)
        found = [job_id for job_id in found if is_own(known.get(job_id), principal)]
    named = _named(request)
    missing = [job_id for job_id in named if job_id not in found]
    if missing:
        which = ", ".join(map(str, missing[:5])) + (" …" if len(missing) > 5 else "")
        raise IppRefusal(
            Status.CLIENT_ERROR_NOT_FOUND,
            f"There is no job {which} here that you could cancel: nothing was canceled.",
            reason="no-such-job",
        )
    return named or found


async def cancel(printer: Printer, job_ids: Sequence[int], user_name: str) -> list[int]:
    """Cancels them; those that the printer says were canceled. Raises PrinterUnavailable, and
    IppRefusal when the printer refuses."""
    canceled = []
    for job_id in job_ids:
        message = question(Operation.CANCEL_JOB, printer, user_name, job_id=job_id)
        reply = await answer(printer, message, repeatable=False)
        if reply.code <= _LAST_SUCCESS:
            canceled.append(job_id)
        elif reply.code not in _OVER:
            raise IppRefusal(
                Status(reply.code),
                f"Printer {printer.name} does not cancel job {job_id}: "
                f"{Status(reply.code).keyword}.",
                reason="printer-refuses",
            )
    return canceled


def _named(request: Request) -> list[int]:
    attribute = request.attribute("job-ids")
    if attribute is None:
        return []
    try:
        ids = [as_integer(value) for value in attribute.values if isinstance(value, Value)]
    except ValueError:
        ids = []
    if len(ids) != len(attribute.values) or any(job_id < 1 for job_id in ids):
        raise bad_request("job-ids must be integers, 1 or more.")
    return list(dict.fromkeys(ids))
