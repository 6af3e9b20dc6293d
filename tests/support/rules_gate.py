"""A gate with a few rules, before a printer that has colour and duplex."""

from __future__ import annotations

from typing import Any

from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import enum, integer, keyword, mime_media_type, range_of_integer
from tests.support.exchange_fakes import Gate, ipp_reply, job_reply, request
from tests.support.policies import policy_of

HEAD = "version: 1\nrules:\n"
NOT_SUPPORTED = Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED
WRONG_FORMAT = Status.CLIENT_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED


def keywords(name_: str, *words: str) -> Attribute:
    return Attribute(name_, tuple(keyword(word) for word in words))


CAPABILITIES = Group(
    GroupTag.PRINTER,
    (
        keywords("sides-supported", "one-sided", "two-sided-long-edge"),
        keywords("sides-default", "one-sided"),
        keywords("print-color-mode-supported", "color", "monochrome"),
        keywords("print-color-mode-default", "color"),
        Attribute("copies-supported", (range_of_integer(1, 99),)),
        Attribute("copies-default", (integer(1),)),
        keywords("job-hold-until-supported", "no-hold", "indefinite"),
        Attribute("print-quality-supported", (enum(3), enum(4))),
        Attribute(
            "document-format-supported",
            (mime_media_type("application/pdf"), mime_media_type("image/urf")),
        ),
    ),
)


def printer(message: Message, document: bytes) -> bytes:
    """A printer that has colour and duplex, and makes job 7."""
    if message.code == Operation.GET_PRINTER_ATTRIBUTES:
        return ipp_reply(message, CAPABILITIES)
    if message.code in (Operation.PRINT_JOB, Operation.CREATE_JOB, Operation.SEND_DOCUMENT):
        return job_reply(message, 7)
    return ipp_reply(message)


def gate_of(*rules: str) -> Gate:
    gate = Gate(policy_of(HEAD + "".join(f"  - {{{rule}}}\n" for rule in rules)))
    gate.printer.script = printer
    return gate


def rule(more: str, operations: str = '["@print", "@job"]', decision: str = "permit") -> str:
    return f"name: r, who: authenticated, operations: {operations}, decision: {decision}" + (
        f", {more}" if more else ""
    )


def job(*attributes: Attribute, operation: int = Operation.PRINT_JOB, **how: Any) -> Message:
    groups = (Group(GroupTag.JOB, attributes),) if attributes else ()
    how.setdefault("document_format", "application/pdf")
    return request(operation, groups=groups, **how)


def printed(gate: Gate, operation: int = Operation.PRINT_JOB) -> dict[str, tuple[Any, ...]]:
    """Attributes of the last request of that operation that reached the printer."""
    message = [m for m, _ in gate.printer.received if m.code == operation][-1]
    return {a.name: a.values for group in message.groups for a in group.attributes}


def reached(gate: Gate) -> list[Operation]:
    return [Operation(message.code) for message, _ in gate.printer.received]
