"""DECIDE: from a request and a principal to a decision that permits, or a refusal.

Which status says no is chosen by what clients do with it: a CUPS queue asks for other credentials
on 0x0403, and treats 0x0406 as a printer that is not there.
"""

from __future__ import annotations

from ippgate.exchange.jobs import RememberedJob
from ippgate.exchange.operations import CONTINUES_JOB, SELECTS_OWN_JOBS
from ippgate.exchange.ownership import TargetJob, is_own
from ippgate.exchange.ports import Edges, Printer
from ippgate.exchange.questions import NoSuchJob
from ippgate.exchange.refusal import Challenge, IppRefusal
from ippgate.exchange.request import Request
from ippgate.ipp.enums import Operation, Status
from ippgate.policy.decision import Decision, Effect, Reason
from ippgate.policy.facts import Facts, Principal
from ippgate.policy.policy import Policy


async def decide(
    policy: Policy,
    request: Request,
    principal: Principal | None,
    address: str,
    printer: Printer | None,
    job: TargetJob,
    edges: Edges,
) -> tuple[Decision, RememberedJob | None]:
    """The decision, which permits, and the job that it is about, if the request names one that came
    through the gateway.

    Raises Challenge, IppRefusal, LedgerUnavailable or PrinterUnavailable. What nobody could permit
    is refused without looking at the job: so much about it is not told.
    """
    name = request.target.printer
    at = edges.clock.now()
    facts = Facts(principal, name, request.operation, _owner_by_nature(request), address, at)
    decision = policy.decide(facts)
    if decision.effect is Effect.IDENTIFY:
        raise Challenge
    if printer is None or not policy.may_see(principal, name, address, at):
        raise _not_found(name)
    target: RememberedJob | None = None
    if request.target.job_id is not None and (
        decision.effect in (Effect.PERMIT, Effect.LOOK_UP_OWNER)
    ):
        target = await _look_up(job, request)
        own = is_own(target, principal)
        if decision.effect is Effect.LOOK_UP_OWNER:
            decision = policy.decide(Facts(principal, name, request.operation, own, address, at))
        if request.operation in CONTINUES_JOB and decision.effect is Effect.PERMIT:
            if principal is None:
                raise Challenge
            if not own:
                decision = Decision(Effect.REFUSE, Reason.NOT_OWNER)
    if decision.reason is Reason.NOT_OWNER and decision.effect is Effect.REFUSE:
        list_jobs = Facts(principal, name, Operation.GET_JOBS, False, address, at)
        if policy.decide(list_jobs).effect is not Effect.PERMIT:
            raise _no_such_job(request)
    if decision.effect is not Effect.PERMIT:
        raise _refusal(decision, request)
    return decision, target


def _owner_by_nature(request: Request) -> bool | None:
    """Whether the person owns what the operation selects, where no job is named.

    None: a job is named, and its owner is not looked up yet.
    """
    if request.target.job_id is not None:
        return None
    return request.own_jobs or request.operation in SELECTS_OWN_JOBS


async def _look_up(job: TargetJob, request: Request) -> RememberedJob | None:
    try:
        return await job.look_up()
    except NoSuchJob:
        raise _no_such_job(request) from None


def _no_such_job(request: Request) -> IppRefusal:
    """The same for a job that does not exist and for one that the person may not know about."""
    return IppRefusal(
        Status.CLIENT_ERROR_NOT_FOUND,
        f"Printer {request.target.printer} has no job {request.target.job_id} for you.",
        reason="no-such-job",
    )


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
