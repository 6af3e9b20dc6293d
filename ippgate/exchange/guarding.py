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
from ippgate.exchange.forwarding import DocumentStream, Watch
from ippgate.exchange.ports import Ledger, Printer, PrinterUnavailable
from ippgate.exchange.reading import read_reply
from ippgate.exchange.request import Request
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Group, Message, Value
from ippgate.ipp.values import (
    as_integer,
    as_text,
    boolean,
    charset,
    integer,
    keyword,
    name,
    natural_language,
    uri,
)

_REQUEST_ID = 1
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
        await _ask(printer, Operation.CANCEL_JOB, user, Attribute("job-id", (integer(job_id),)))
    except PrinterUnavailable:
        return None
    return job_id


async def _broken_off(request: Request, printer: Printer, ledger: Ledger, user: str) -> int | None:
    names = ("job-id", "job-name", "job-originating-user-name")
    reply = await _ask(
        printer,
        Operation.GET_JOBS,
        user,
        Attribute("my-jobs", (boolean(True),)),
        Attribute("limit", (integer(_LOOKED_AT),)),
        Attribute("requested-attributes", tuple(keyword(word) for word in names)),
    )
    found = []
    for group in reply.groups:
        job_id = _number(group, "job-id") if group.tag == GroupTag.JOB else None
        if job_id is None or _text(group, "job-originating-user-name") != user:
            continue
        if request.job_name is not None and _text(group, "job-name") != request.job_name:
            continue
        if await ledger.job(printer.name, job_id) is None:
            found.append(job_id)
    return found[0] if len(found) == 1 else None


async def _ask(printer: Printer, operation: Operation, user: str, *more: Attribute) -> Message:
    given = {attribute.name: attribute for attribute in more}
    target = [given.pop("job-id")] if "job-id" in given else []
    group = Group(
        GroupTag.OPERATION,
        (
            Attribute("attributes-charset", (charset("utf-8"),)),
            Attribute("attributes-natural-language", (natural_language("en"),)),
            Attribute("printer-uri", (uri(printer.uri),)),
            *target,
            Attribute("requesting-user-name", (name(user),)),
            *given.values(),
        ),
    )
    message = Message((1, 1), operation, _REQUEST_ID, (group,))
    reply = await printer.send(encode(message), None, None, repeatable=False)
    section = await read_reply(reply, _REQUEST_ID)
    reply.abandon()
    if section.message.code > _LAST_SUCCESS:
        words = f"{operation.keyword}: {Status(section.message.code).keyword}"
        raise PrinterUnavailable(words, sent=True)
    return section.message


def _number(group: Group, name_: str) -> int | None:
    value = _value(group, name_)
    try:
        return None if value is None else as_integer(value)
    except ValueError:
        return None


def _text(group: Group, name_: str) -> str | None:
    value = _value(group, name_)
    try:
        return None if value is None else as_text(value)
    except ValueError:
        return None


def _value(group: Group, name_: str) -> Value | None:
    attribute = group.get(name_)
    if attribute is None or not isinstance(attribute.values[0], Value):
        return None
    return attribute.values[0]
