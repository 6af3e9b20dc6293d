"""What a printer can do, as far as rules need to know.

A rule that writes a value must know that the printer takes it; a rule that limits an attribute must
know what the printer does when it is not given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ippgate.exchange.asking import scalar
from ippgate.exchange.capabilities import Question, Snapshot
from ippgate.exchange.ports import Printer, PrinterUnavailable
from ippgate.ipp.enums import GroupTag
from ippgate.ipp.message import Attribute, Collection, Value
from ippgate.ipp.values import boolean
from ippgate.policy.attributes import Syntax, comparable, syntax_of
from ippgate.policy.facts import Scalar, Span

_QUESTION = Question((1, 1), "en", None, database=False)
_MONOCHROME = frozenset({"monochrome", "auto-monochrome", "process-monochrome", "bi-level"})


@dataclass(frozen=True, slots=True)
class Abilities:
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

    def ignores(self, name_: str, wanted: Scalar) -> bool:
        """Whether a value is none of those that it lists; of media it takes others, too."""
        listed = syntax_of(name_) in (Syntax.KEYWORD, Syntax.ENUM) and name_ != "media"
        return listed and bool(self.supported(name_)) and not self.takes(name_, wanted)

    def does_anyway(self, name_: str, wanted: Scalar) -> bool:
        """Whether it does so without being told, since it cannot do otherwise."""
        if self.supported(name_):
            return False
        if name_ == "print-color-mode":
            colour = self.attributes.get("color-supported")
            cannot = colour is not None and colour.values[0] == boolean(False)
            return cannot and wanted in _MONOCHROME
        return (name_, wanted) in (("sides", "one-sided"), ("copies", 1), ("number-up", 1))


class KnownAbilities:
    """Of all printers, as they are known."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Snapshot, Abilities]] = {}

    async def of(self, printer: Printer) -> Abilities:
        """What the printer can do. Raises PrinterUnavailable."""
        snapshot = await printer.capabilities(_QUESTION)
        known = self._known.get(printer.name)
        if known is not None and known[0] is snapshot:
            return known[1]
        group = snapshot.message.group(GroupTag.PRINTER)
        if group is None:
            raise PrinterUnavailable("it does not say what it can do", sent=True)
        abilities = Abilities({attribute.name: attribute for attribute in group.attributes})
        self._known[printer.name] = (snapshot, abilities)
        return abilities
