"""DECIDE: from a request and a principal to a decision that permits, or a refusal.

Which status says no is chosen by what clients do with it: a CUPS queue asks for other credentials
on 0x0403, and treats 0x0406 as a printer that is not there.
"""

from __future__ import annotations

from ippgate.exchange.operations import CONTINUES_JOB, SELECTS_OWN_JOBS
from ippgate.exchange.ownership import NoSuchJob, owns
from ippgate.exchange.ports import Edges, Printer
from ippgate.exchange.refusal import Challenge, IppRefusal
from ippgate.exchange.request import Request
from ippgate.ipp.enums import Status
from ippgate.policy.decision import Decision, Effect, Reason
from ippgate.policy.facts import Facts, Principal
from ippgate.policy.policy import Policy


async def decide(
    policy: Policy,
    request: Request,
    principal: Principal | None,
    address: str,
    printer: Printer | None,
    edges: Edges,
) -> Decision:
    """The decision, which permits. Raises Challenge, IppRefusal or PrinterUnavailable.

    The owner of a job is looked up only when a rule, or the operation itself, depends on it.
    """
    name = request.target.printer
    at = edges.clock.now()
    facts = Facts(principal, name, request.operation, _owner_by_nature(request), address, at)
    decision = policy.decide(facts)
    if decision.effect is Effect.IDENTIFY:
        raise Challenge
    if printer is None or not policy.may_see(principal, name, address, at):
        raise _not_found(name)
    looked_up: bool | None = None
    if decision.effect is Effect.LOOK_UP_OWNER:
        assert principal is not None, "anonymous callers own nothing"
        looked_up = await _owns(principal, request, printer, edges)
        decision = policy.decide(Facts(principal, name, request.operation, looked_up, address, at))
    if decision.effect is not Effect.PERMIT:
        raise _refusal(decision, request)
    if request.operation in CONTINUES_JOB:
        if principal is None:
            raise Challenge
        if looked_up is None:
            looked_up = await _owns(principal, request, printer, edges)
        if not looked_up:
            raise _refusal(Decision(Effect.REFUSE, Reason.NOT_OWNER), request)
    return decision


def _owner_by_nature(request: Request) -> bool | None:
    """Whether the person owns what the operation selects, where no job is named.

    None: a job is named, and its owner is not looked up yet.
    """
    if request.target.job_id is not None:
        return None
    return request.own_jobs or request.operation in SELECTS_OWN_JOBS


async def _owns(principal: Principal, request: Request, printer: Printer, edges: Edges) -> bool:
    try:
        return await owns(principal, request, printer, edges.ledger)
    except NoSuchJob:
        raise IppRefusal(
            Status.CLIENT_ERROR_NOT_FOUND,
            f"Printer {request.target.printer} has no job {request.target.job_id}.",
            reason="no-such-job",
        ) from None


def _not_found(name: str) -> IppRefusal:
    """The same for a printer that does not exist and for one that the person may not use."""
    return IppRefusal(
        Status.CLIENT_ERROR_NOT_FOUND,
        f"There is no printer {name} for you here.",
        reason="no-such-printer",
    )


def _refusal(decision: Decision, request: Request) -> IppRefusal:
    operation, printer = request.operation.keyword, request.target.printer
    if decision.reason is Reason.UNKNOWN_OPERATION:
        return IppRefusal(
            Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED,
            f"{operation} is not served at printer {printer}.",
            reason=decision.reason.value,
        )
    if decision.message is not None:
        words = decision.message
    elif decision.reason is Reason.NOT_OWNER:
        words = f"Job {request.target.job_id} is not yours: {operation} is for its owner."
    else:
        words = f"You may not use {operation} at printer {printer}."
    return IppRefusal(
        Status.CLIENT_ERROR_NOT_AUTHORIZED,
        words,
        reason=decision.reason.value,
        rule=decision.rule,
    )
