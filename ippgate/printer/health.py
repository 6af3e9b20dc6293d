"""How a printer is, as it says itself: state, reasons, queue, supplies (RFC 8011 section 5.4, PWG
5100.9). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ippgate.ipp.enums import GroupTag, Tag
from ippgate.ipp.message import Attribute, Message, Value
from ippgate.ipp.values import as_integer, as_text

STATES: Mapping[int, str] = {3: "idle", 4: "processing", 5: "stopped"}
"""printer-state (RFC 8011 section 5.4.11)."""
MARKERS = 32
"""More supplies than any printer has; a reply may name thousands."""
_NAME_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class Health:
    """``state``: a word of STATES, or None where the printer does not say. ``markers``: percent
    left, by the supply's name; those that the printer cannot measure are left out."""

    state: str | None = None
    reasons: tuple[str, ...] = ()
    queued_jobs: int | None = None
    markers: Mapping[str, int] = field(default_factory=dict)


def health(reply: Message) -> Health:
    """From a reply to Get-Printer-Attributes. What is not there, or is nonsense, is left out."""
    group = reply.group(GroupTag.PRINTER)
    attributes = {a.name: a for a in group.attributes} if group is not None else {}
    states = _integers(attributes.get("printer-state"))
    queued = _integers(attributes.get("queued-job-count"))
    reasons = _texts(attributes.get("printer-state-reasons"))
    names = _texts(attributes.get("marker-names"))
    levels = _integers(attributes.get("marker-levels"))
    markers = {
        name[:_NAME_CHARACTERS]: level
        for name, level in zip(names[:MARKERS], levels[:MARKERS], strict=False)
        if name is not None and level is not None and 0 <= level <= 100
    }
    return Health(
        state=STATES.get(_first(states, -1)),
        reasons=tuple(reason for reason in reasons if reason and reason != "none"),
        queued_jobs=_first(queued, 0) if queued else None,
        markers=markers,
    )


def _first(values: list[int | None], otherwise: int) -> int:
    value = values[0] if values else None
    return otherwise if value is None or value < 0 else value


def _integers(attribute: Attribute | None) -> list[int | None]:
    """The values in order; None for one that is no number, since lists are parallel."""
    if attribute is None:
        return []
    return [
        as_integer(value)
        if isinstance(value, Value) and value.tag in (Tag.INTEGER, Tag.ENUM)
        else None
        for value in attribute.values
    ]


def _texts(attribute: Attribute | None) -> list[str | None]:
    if attribute is None:
        return []
    texts: list[str | None] = []
    for value in attribute.values:
        try:
            texts.append(as_text(value) if isinstance(value, Value) else None)
        except ValueError:
            texts.append(None)
    return texts
