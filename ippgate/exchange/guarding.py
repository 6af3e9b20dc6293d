"""FORWARD, before it and while it goes on: a document that turns out to be something else.

The rules have permitted what was declared. Before the first octet goes on, the document's beginning
shows its real format; while it passes, its size. When they refuse then, the printer's job is
cancelled.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from ippgate.document.format import detect, inflated
from ippgate.exchange.asking import scalar
from ippgate.exchange.deciding import Deciding, Note, Permission
from ippgate.exchange.enquiries import answer, list_jobs, question
from ippgate.exchange.forwarding import DocumentStream, Watch
from ippgate.exchange.job_ids import group_job_id
from ippgate.exchange.ports import Ledger, Printer, PrinterUnavailable
from ippgate.exchange.request import Request
from ippgate.ipp.enums import Operation
from ippgate.ipp.first import first_text

_LAST_SUCCESS = 0x00FF
_LOOKED_AT = 50
"""Jobs of a person among which the one that was just broken off is looked for."""


async def looked_into(
    permission: Permission,
    deciding: Deciding,
    request: Request,
    document: DocumentStream,
    note: Note,
) -> Permission:
    """The permission, once the document's format is known. Raises IppRefusal, or what reading the
    body raises."""
    beginning = await document.beginning()
    attribute = request.attribute("compression")
    compression = None if attribute is None else str(scalar(attribute.values[0]))
    known = permission.facts.job.document
    if document.complete:
        known = replace(known, size=len(beginning), follows=bool(beginning))
    if beginning:
        known = replace(known, detected=detect(inflated(beginning, compression)))
    permission = deciding.again(permission, known, request, note)
    if permission.decision.pending:
        document.watch(_size_watch(permission, deciding, request, note))
    return permission


def _size_watch(permission: Permission, deciding: Deciding, request: Request, note: Note) -> Watch:
    """Decides again wherever the size of the document can change the decision."""
    bounds = deciding.sizes(request)
    known = permission.facts.job.document
    passed = [0]

    def watch(octets: int, complete: bool) -> None:
        if complete:
            deciding.again(permission, replace(known, size=octets), request, note)
        elif bisect_right(bounds, octets) != bisect_right(bounds, passed[0]):
            deciding.again(permission, replace(known, at_least=octets), request, note)
        passed[0] = octets

    return watch


async def cancel(request: Request, printer: Printer, ledger: Ledger, user: str) -> int | None:
    """Cancels the job that the request made or continued at the printer; its id, or None when it
    could not be found.

    A job whose making was broken off is told by its owner's name, its own name, and that nobody has
    it in the ledger. Where several are like that, none is touched.
    """
    job_id = request.target.job_id
    try:
        if job_id is None:
            job_id = await _broken_off(request, printer, ledger, user)
        if job_id is None:
            return None
        cancelling = question(Operation.CANCEL_JOB, printer, user, job_id=job_id)
        reply = await answer(printer, cancelling, repeatable=False)
    except PrinterUnavailable:
        return None
    return job_id if reply.code <= _LAST_SUCCESS else None


async def _broken_off(request: Request, printer: Printer, ledger: Ledger, user: str) -> int | None:
    names = ("job-id", "job-name", "job-originating-user-name")
    reply = await list_jobs(printer, user, names, own=True, most=_LOOKED_AT)
    found = []
    for group in reply.groups:
        job_id = group_job_id(group)
        if job_id is None or first_text(group.get("job-originating-user-name")) != user:
            continue
        if request.job_name not in (None, first_text(group.get("job-name"))):
            continue
        if await ledger.job(printer.name, job_id) is None:
            found.append(job_id)
    return found[0] if len(found) == 1 else None
