"""Questions that the gateway asks printers by itself, about jobs and about when they were started.

All are queries, and the oldest printers understand them: IPP/1.1, printer-uri and job-id.
"""

from __future__ import annotations

from collections.abc import Sequence

from ippgate.exchange.ports import Printer, PrinterUnavailable
from ippgate.exchange.reading import read_reply
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.first import first_integer
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import (
    boolean,
    charset,
    integer,
    keyword,
    name,
    natural_language,
    uri,
)

MANY, SOME = 1000, 400
"""Jobs that are asked for together, with a few attributes or with all that are of interest: more
would not fit into a reply of the size that is read. Of those that ended printers list the newest
first."""

_REQUEST_ID = 1
_LAST_SUCCESS = 0x00FF


class NoSuchJob(Exception):
    """The printer has no job of that id."""


def question(
    operation: Operation, printer: Printer, user_name: str, *more: Attribute, job_id: int | None
) -> Message:
    """An operation of the gateway's own on a printer, or on one of its jobs."""
    attributes = [
        Attribute("attributes-charset", (charset("utf-8"),)),
        Attribute("attributes-natural-language", (natural_language("en"),)),
        Attribute("printer-uri", (uri(printer.uri),)),
    ]
    if job_id is not None:
        attributes.append(Attribute("job-id", (integer(job_id),)))
    attributes.append(Attribute("requesting-user-name", (name(user_name),)))
    group = Group(GroupTag.OPERATION, (*attributes, *more))
    return Message((1, 1), operation, _REQUEST_ID, (group,))


async def answer(printer: Printer, message: Message, *, repeatable: bool = True) -> Message:
    """The printer's reply, whatever its status. Raises PrinterUnavailable."""
    reply = await printer.send(encode(message), None, None, repeatable=repeatable)
    section = await read_reply(reply, _REQUEST_ID)
    reply.abandon()
    return section.message


async def describe_job(
    printer: Printer, job_id: int, user_name: str, wanted: Sequence[str]
) -> Message:
    """Get-Job-Attributes. Raises NoSuchJob or PrinterUnavailable."""
    message = await answer(
        printer,
        question(
            Operation.GET_JOB_ATTRIBUTES, printer, user_name, _requested(wanted), job_id=job_id
        ),
    )
    if message.code in (Status.CLIENT_ERROR_NOT_FOUND, Status.CLIENT_ERROR_GONE):
        raise NoSuchJob
    return message


async def list_jobs(
    printer: Printer,
    user_name: str,
    wanted: Sequence[str],
    *,
    completed: bool = False,
    own: bool = False,
    most: int = SOME,
) -> Message:
    """Get-Jobs: all jobs that have not ended, or that have, as the printer lists them for this
    name; ``own``: those that it has under this name alone.

    Raises PrinterUnavailable, also when the printer does not answer the question.
    """
    which = keyword("completed" if completed else "not-completed")
    mine = (Attribute("my-jobs", (boolean(True),)),) if own else ()
    message = await answer(
        printer,
        question(
            Operation.GET_JOBS,
            printer,
            user_name,
            _requested(wanted),
            Attribute("which-jobs", (which,)),
            Attribute("limit", (integer(most),)),
            *mine,
            job_id=None,
        ),
    )
    if message.code > _LAST_SUCCESS:
        words = f"it answers Get-Jobs with {Status(message.code).keyword}"
        raise PrinterUnavailable(words, sent=True)
    return message


async def booted(printer: Printer, user_name: str, now: float) -> float | None:
    """When the printer was started, in seconds since the epoch; None when it does not say.

    Raises PrinterUnavailable.
    """
    message = await answer(
        printer,
        question(
            Operation.GET_PRINTER_ATTRIBUTES,
            printer,
            user_name,
            _requested(("printer-up-time",)),
            job_id=None,
        ),
    )
    group = message.group(GroupTag.PRINTER)
    up = first_integer(group.get("printer-up-time")) if group is not None else None
    return now - up if up is not None and up > 0 else None


def _requested(names: Sequence[str]) -> Attribute:
    return Attribute("requested-attributes", tuple(keyword(name) for name in names))
