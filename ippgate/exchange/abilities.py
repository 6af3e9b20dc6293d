"""What a printer can do, asked of it once in a while, for as long as rules need to know.

A rule that writes a value must know that the printer takes it; a rule that limits an attribute must
know what the printer does when it is not given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ippgate.exchange.asking import scalar
from ippgate.exchange.ports import Clock, Printer, PrinterUnavailable
from ippgate.exchange.reading import read_reply
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation
from ippgate.ipp.message import Attribute, Collection, Group, Message, Value
from ippgate.ipp.values import boolean, charset, keyword, name, natural_language, uri
from ippgate.policy.attributes import comparable
from ippgate.policy.facts import Scalar, Span

SECONDS = 300.0
"""How long an answer is believed: printers get new trays and finishers rarely."""
_REQUEST_ID = 1
_LAST_SUCCESS = 0x00FF
_MONOCHROME = frozenset({"monochrome", "auto-monochrome", "process-monochrome", "bi-level"})


@dataclass(frozen=True, slots=True)
class Capabilities:
    """A printer's own description, by attribute name."""

    attributes: Mapping[str, Attribute] = field(default_factory=dict)

    def default(self, name_: str) -> Scalar | None:
        """What the printer does where the attribute is not given; None: it does not say."""
        attribute = self.attributes.get(f"{name_}-default")
        if attribute is None or isinstance(attribute.values[0], Collection):
            return None
        return scalar(attribute.values[0])

    def supported(self, name_: str) -> list[Value]:
        """Values that it takes, as it writes them; ranges as they are."""
        attribute = self.attributes.get(f"{name_}-supported")
        if attribute is None:
            return []
        return [value for value in attribute.values if isinstance(value, Value)]

    def takes(self, name_: str, wanted: Scalar) -> bool:
        """Whether it supports a value."""
        meant = comparable(name_, wanted)
        for value in self.supported(name_):
            known = scalar(value)
            if isinstance(known, Span):
                if isinstance(wanted, int) and known.lower <= wanted <= known.upper:
                    return True
            elif comparable(name_, known) == meant:
                return True
        if name_ == "job-priority":
            return isinstance(wanted, int) and bool(self.supported(name_))
        return False

    def does_anyway(self, name_: str, wanted: Scalar) -> bool:
        """Whether it does so without being told, since it cannot do otherwise."""
        if self.supported(name_):
            return False
        if name_ == "print-color-mode":
            colour = self.attributes.get("color-supported")
            cannot = colour is not None and colour.values[0] == boolean(False)
            return cannot and wanted in _MONOCHROME
        return (name_, wanted) in (("sides", "one-sided"), ("copies", 1), ("number-up", 1))


class KnownCapabilities:
    """Of all printers, as last asked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, tuple[float, Capabilities]] = {}

    async def of(self, printer: Printer) -> Capabilities:
        """What the printer can do. Raises PrinterUnavailable."""
        now = self._clock.monotonic()
        known = self._known.get(printer.name)
        if known is not None and now - known[0] < SECONDS:
            return known[1]
        capabilities = await _ask(printer)
        self._known[printer.name] = (now, capabilities)
        return capabilities


async def _ask(printer: Printer) -> Capabilities:
    names = ("all", "media-col-database")
    question = Message(
        (1, 1),
        Operation.GET_PRINTER_ATTRIBUTES,
        _REQUEST_ID,
        (
            Group(
                GroupTag.OPERATION,
                (
                    Attribute("attributes-charset", (charset("utf-8"),)),
                    Attribute("attributes-natural-language", (natural_language("en"),)),
                    Attribute("printer-uri", (uri(printer.uri),)),
                    Attribute("requesting-user-name", (name("anonymous"),)),
                    Attribute("requested-attributes", tuple(keyword(word) for word in names)),
                ),
            ),
        ),
    )
    reply = await printer.send(encode(question), None, None, repeatable=True)
    section = await read_reply(reply, _REQUEST_ID)
    reply.abandon()
    group = section.message.group(GroupTag.PRINTER)
    if section.message.code > _LAST_SUCCESS or group is None:
        raise PrinterUnavailable("it does not say what it can do", sent=True)
    return Capabilities({attribute.name: attribute for attribute in group.attributes})
