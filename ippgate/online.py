"""Asks the directory and every printer whether they answer: ``ippgate check --online``."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable

from twisted.internet.defer import Deferred, gatherResults

from ippgate.config.findings import Finding, Severity
from ippgate.exchange.ports import (
    CredentialsRefused,
    DirectoryUnavailable,
    PrinterUnavailable,
    Sender,
)
from ippgate.exchange.reading import read_reply
from ippgate.identifying import make_sources
from ippgate.identity.source import Source
from ippgate.ipp import values
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Group, Message, Value
from ippgate.monitor.metrics import Metrics
from ippgate.preparing import Prepared
from ippgate.reactor import Reactor
from ippgate.service import make_printers

PRINTER_SECONDS = 15.0
"""How long a printer may take for a question that it answers from memory."""
_ASKED = ("printer-make-and-model", "printer-state", "printer-state-reasons")
_STATES = {3: "idle", 4: "printing", 5: "stopped"}
_LAST_SUCCESS = 0x00FF
_ids = itertools.count(1)


async def ask_everybody(
    prepared: Prepared, reactor: Reactor, tell: Callable[[str], None]
) -> list[Finding]:
    """All are asked at once. ``tell`` hears what answered well; the rest is in the findings."""
    metrics = Metrics("check")
    sources = make_sources(prepared, reactor, metrics)
    printers = make_printers(prepared, reactor)
    questions = [_source(prepared, source, tell) for source in sources]
    questions += [_printer(prepared, printer, reactor, tell) for printer in printers.values()]
    try:
        answers: list[Finding | None] = await gatherResults(
            [Deferred.fromCoroutine(question) for question in questions], consumeErrors=True
        )
    finally:
        for source in sources:
            source.stop()
        for printer in printers.values():
            printer.close()
    return [finding for finding in answers if finding is not None]


async def _source(
    prepared: Prepared, source: Source, tell: Callable[[str], None]
) -> Finding | None:
    """Asks for somebody who does not exist: the service account must be able to."""
    nobody = f"ippgate-check-{secrets.token_hex(4)}"
    try:
        await source.verify(nobody, secrets.token_hex(8))
    except (DirectoryUnavailable, CredentialsRefused) as error:
        return prepared.loaded.error(("identity", source.name), str(error))
    tell(f"identity.{source.name}: answers")
    return None


async def _printer(
    prepared: Prepared, printer: Sender, reactor: Reactor, tell: Callable[[str], None]
) -> Finding | None:
    key = ("printers", printer.name, "uri")
    asking = Deferred.fromCoroutine(_ask(printer))
    try:
        message = await asking.addTimeout(PRINTER_SECONDS, reactor, _too_late)
    except PrinterUnavailable as error:
        return prepared.loaded.error(key, f"{printer.uri}: {error}")
    if message.code > _LAST_SUCCESS:
        words = f"{printer.uri}: it answers {Status(message.code).keyword}: is the path right?"
        return prepared.loaded.error(key, words)
    model, state, reasons = _read(message)
    tell(f"printers.{printer.name}: {model}, {state}")
    if reasons:
        at = prepared.loaded.error(key, f"{printer.uri}: it says {', '.join(reasons)}")
        return Finding(at.file, at.line, at.path, at.message, Severity.WARNING)
    return None


def _too_late(*_: object) -> Message:
    raise PrinterUnavailable(f"it did not answer within {PRINTER_SECONDS:g} seconds")


async def _ask(printer: Sender) -> Message:
    group = Group(
        GroupTag.OPERATION,
        (
            Attribute("attributes-charset", (values.charset("utf-8"),)),
            Attribute("attributes-natural-language", (values.natural_language("en"),)),
            Attribute("printer-uri", (values.uri(printer.uri),)),
            Attribute("requested-attributes", tuple(values.keyword(name) for name in _ASKED)),
        ),
    )
    request = Message((1, 1), Operation.GET_PRINTER_ATTRIBUTES, next(_ids), (group,))
    reply = await printer.send(encode(request), None, None, repeatable=True)
    try:
        return (await read_reply(reply, request.request_id)).message
    finally:
        reply.abandon()


def _read(message: Message) -> tuple[str, str, list[str]]:
    """Make and model, state in words, and the reasons that a person must see to."""
    group = message.group(GroupTag.PRINTER) or Group(GroupTag.PRINTER, ())
    texts: dict[str, list[str]] = {}
    state = "state unknown"
    for attribute in group.attributes:
        for value in attribute.values:
            if not isinstance(value, Value):
                continue
            try:
                if attribute.name == "printer-state":
                    state = _STATES.get(values.as_integer(value), state)
                else:
                    texts.setdefault(attribute.name, []).append(values.as_text(value))
            except ValueError:
                continue
    model = "".join(texts.get("printer-make-and-model", [])) or "a printer of unknown make"
    reasons = [reason for reason in texts.get("printer-state-reasons", []) if reason != "none"]
    return model, state, reasons
