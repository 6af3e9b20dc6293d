"""Whose job is it: what the ledger says, or else what the printer remembers.

The name that a printer knows a job's owner by is the one that the gateway wrote into
requesting-user-name when the job was made.
"""

from __future__ import annotations

from ippgate.exchange.ports import Ledger, Printer
from ippgate.exchange.reading import read_reply
from ippgate.exchange.request import Request
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Collection, Group, Message
from ippgate.ipp.values import as_text, charset, integer, keyword, name, natural_language, uri
from ippgate.policy.facts import Principal

_REQUEST_ID = 1
_OWNER = "job-originating-user-name"


class NoSuchJob(Exception):
    """The printer has no job of that id."""


async def owns(principal: Principal, request: Request, printer: Printer, ledger: Ledger) -> bool:
    """Whether the principal owns the request's job. Raises NoSuchJob or PrinterUnavailable."""
    job_id = request.target.job_id
    assert job_id is not None, "only asked about a job"
    owner = await ledger.owner(request.target.printer, job_id)
    if owner is not None:
        return owner == principal.id
    return await _printer_says(printer, job_id, principal.name) == principal.name


async def _printer_says(printer: Printer, job_id: int, user_name: str) -> str | None:
    question = Message(
        (1, 1),
        Operation.GET_JOB_ATTRIBUTES,
        _REQUEST_ID,
        (
            Group(
                GroupTag.OPERATION,
                (
                    Attribute("attributes-charset", (charset("utf-8"),)),
                    Attribute("attributes-natural-language", (natural_language("en"),)),
                    Attribute("printer-uri", (uri(printer.uri),)),
                    Attribute("job-id", (integer(job_id),)),
                    Attribute("requesting-user-name", (name(user_name),)),
                    Attribute("requested-attributes", (keyword(_OWNER),)),
                ),
            ),
        ),
    )
    reply = await printer.send(encode(question), None, None, repeatable=True)
    section = await read_reply(reply, _REQUEST_ID)
    reply.abandon()
    if section.message.code in (
        Status.CLIENT_ERROR_NOT_FOUND,
        Status.CLIENT_ERROR_GONE,
    ):
        raise NoSuchJob
    group = section.message.group(GroupTag.JOB)
    attribute = group.get(_OWNER) if group is not None else None
    if attribute is None or isinstance(attribute.values[0], Collection):
        return None
    try:
        return as_text(attribute.values[0])
    except ValueError:
        return None
