"""ANSWER, where it is about jobs: the ledger hears of them first, and a person of no more of them
than they may know."""

from __future__ import annotations

from ippgate.exchange.account import Account
from ippgate.exchange.canceling import cancel, to_cancel
from ippgate.exchange.counting import attach
from ippgate.exchange.deciding import Deciding
from ippgate.exchange.jobs import ANONYMOUS, seen_jobs
from ippgate.exchange.new_job import was_sent
from ippgate.exchange.operations import CANCELS_JOBS, QUERIES
from ippgate.exchange.ownership import owners
from ippgate.exchange.ports import Edges, Ledger, Printer
from ippgate.exchange.privacy import listing_answer, shown_jobs
from ippgate.exchange.refusal import Challenge
from ippgate.exchange.request import Request
from ippgate.ipp.enums import Operation, Status
from ippgate.ipp.message import Message
from ippgate.policy.privacy import Privacy

_LAST_SUCCESS = 0x00FF


async def remember(message: Message, account: Account, ledger: Ledger) -> None:
    """What the printer did with a job is in the ledger before the client hears of it. Never
    raises."""
    request = account.request
    assert request is not None
    new, account.new_job = account.new_job, None
    if new is not None:
        await new.answered(message, account.document)
        account.job_id, account.job_uuid = new.job_id or account.job_id, new.uuid
    elif message.code <= _LAST_SUCCESS and account.job is not None:
        if account.document is not None:
            await ledger.document_added(account.job.key, account.document)
        elif request.operation == Operation.RESTART_JOB:
            await ledger.restarted(account.job)


def note_made(account: Account, deciding: Deciding) -> None:
    """What jobs were made with, and changed to, is remembered: more may be asked of them."""
    request, permission = account.request, account.permission
    if account.job_id is None or request is None or permission is None:
        return
    if request.operation in (Operation.CREATE_JOB, Operation.PRINT_JOB):
        deciding.made(permission, account.job_id)
    elif request.operation is Operation.SET_JOB_ATTRIBUTES:
        deciding.changed(permission, account.job_id)


async def broke_off(error: Exception, account: Account, edges: Edges) -> None:
    """The printer's answer was not heard. What may have been printed all the same is looked for,
    and stays counted until it is known. Never raises."""
    new, account.new_job = account.new_job, None
    if new is not None:
        await new.failed(error)
        if was_sent(error):
            account.reservation = None
    elif account.job is not None and was_sent(error):
        await attach(account, edges.quotas)


async def private(
    message: Message, printer: Printer, account: Account, privacy: Privacy, edges: Edges
) -> Message:
    """The reply without what this person may not know of jobs.

    Raises LedgerUnavailable or PrinterUnavailable.
    """
    request, principal = account.request, account.principal
    assert request is not None
    if request.operation == Operation.GET_JOBS:
        seen = seen_jobs(message, edges.clock.now().timestamp())
        asker = ANONYMOUS if principal is None else principal.name
        known = await owners(printer, seen, asker, edges)
        return listing_answer(message, request, known, principal, privacy)
    if request.operation in QUERIES and request.target.job_id is not None:
        return shown_jobs(message, account.job, principal, privacy)
    return message


def cannot_cancel(message: Message, request: Request) -> bool:
    """Whether the printer says that it has no such operation, and the gateway can do it."""
    unsupported = message.code == Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED
    return unsupported and request.operation in CANCELS_JOBS


async def cancel_each(printer: Printer, account: Account, edges: Edges) -> None:
    """Cancel-My-Jobs, and Cancel-Jobs where the printer cannot: which jobs stands in the trail
    first.

    Raises Challenge, IppRefusal, LedgerUnavailable, PrinterUnavailable or TrailUnwritable.
    """
    request, principal = account.request, account.principal
    assert request is not None
    if principal is None:
        raise Challenge
    account.job_ids = await to_cancel(request, printer, principal, edges)
    await edges.trail.record(account.intent(), durable=True)
    account.job_ids = await cancel(printer, account.job_ids, principal.name)
