"""ANSWER: a printer's capabilities, cut to what this person may choose (ippgate.policy.offers).

    X-supported, X-ready          values that may be chosen; ranges end where they may
    X-default                     as the printer says, or the first value that may be chosen
    collections                   those without a member that may not be chosen
    document-format-…             formats that may be printed
    job-k-octets-supported        ends at the largest document
    color-supported, urf-, pwg-   no colour, no second side, where neither may be chosen

An attribute of which nothing is left is left out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import cast

from ippgate.exchange.asking import scalar
from ippgate.exchange.shaping import value as written
from ippgate.ipp.enums import Tag
from ippgate.ipp.message import Attribute, Collection, Value
from ippgate.ipp.values import as_text, boolean, range_of_integer
from ippgate.policy.attributes import comparable, media_size
from ippgate.policy.facts import Scalar, Span
from ippgate.policy.offers import UNRESTRICTED, Offers

NOT_FOR_STRANGERS = frozenset(
    {
        "printer-alert",
        "printer-alert-description",
        "printer-asset-tag",
        "printer-contact-col",
        "printer-detailed-status-messages",
        "printer-dns-sd-name",
        "printer-firmware-name",
        "printer-firmware-patches",
        "printer-firmware-string-version",
        "printer-firmware-version",
        "printer-message-from-operator",
        "printer-organization",
        "printer-organizational-unit",
        "printer-owner-col",
        "printer-requested-client-type",
        "printer-serial-number",
        "printer-wifi-ssid",
        "printer-wifi-state",
        "queued-job-count",
    }
)
"""Left out for callers who are not identified: whose printer it is, what could be attacked in it,
and how much is printed there (RFC 8011 section 4.2.5.2 lets security policy decide)."""

_REMEMBERED = 1024
_FORMATS = ("document-format", "document-format-preferred")
_GREY = ("black_", "sgray_", "W8", "W16")
_COLOURED_URF = ("SRGB", "ADOBERGB", "DEVRGB", "DEVCMYK", "CMYK")
_COLOUR = "print-color-mode"
_TWO_SIDED = ("two-sided-long-edge", "two-sided-short-edge")
_RANGE = struct.Struct(">ii")
_KILO = 1024


def cut(attributes: Iterable[Attribute], offers: Offers, *, anonymous: bool) -> list[Attribute]:
    """A printer group's attributes for this person."""
    given = [a for a in attributes if not (anonymous and a.name in NOT_FOR_STRANGERS)]
    if offers is UNRESTRICTED:
        return given
    by_name = {attribute.name: attribute for attribute in given}
    kept = []
    for attribute in given:
        new = _remembered(attribute, by_name, offers)
        if new is not None:
            kept.append(new)
    return kept


def _remembered(
    attribute: Attribute, others: dict[str, Attribute], offers: Offers
) -> Attribute | None:
    """The same attribute of the same printer is cut once for people of the same rights."""
    name = attribute.name
    about = name.removesuffix("-default").removesuffix("-preferred")
    beside = others.get(f"{about}-supported") if about != name else None
    key = (attribute, beside)
    memory = offers.memory
    if key not in memory:
        if len(memory) >= _REMEMBERED:
            memory.clear()
        memory[key] = _cut(attribute, beside, offers)
    return cast("Attribute | None", memory[key])


def _cut(attribute: Attribute, beside: Attribute | None, offers: Offers) -> Attribute | None:
    name = attribute.name
    for suffix in ("-supported", "-ready", "-default", "-preferred"):
        about = name.removesuffix(suffix)
        if about == name:
            continue
        if about == "document-format":
            return _formats(attribute, beside, offers, suffix)
        if about in ("urf", "pwg-raster-document-type", "color"):
            return _rasters(attribute, offers)
        if about == "job-k-octets" and suffix == "-supported":
            attribute = _kilo_octets(attribute, offers)
        if about == "media-size":
            return _with(attribute, [v for v in attribute.values if _size_offered(v, offers)])
        known = _limited(about, offers)
        if known is None:
            break
        if suffix == "-default" or suffix == "-preferred":
            return _default(attribute, beside, known, offers)
        return _with(attribute, list(_values(attribute.values, known, offers)))
    if any(isinstance(v, Collection) for v in attribute.values):
        return _with(attribute, [v for v in attribute.values if _offered(name, v, offers)])
    return attribute


def _limited(about: str, offers: Offers) -> str | None:
    """The attribute that a capability is about, as rules name it; None: all of it may be chosen."""
    if about in offers.attributes:
        return about
    for collection in ("media-col", "finishings-col"):
        if f"{collection}.{about}" in offers.attributes:
            return f"{collection}.{about}"
    return None


def _values(
    values: Iterable[Value | Collection], name: str, offers: Offers
) -> Iterator[Value | Collection]:
    """What of these may be chosen; what a rule puts in a value's place stands there once."""
    values = tuple(values)
    known = {comparable(name, scalar(v)): v for v in values if isinstance(v, Value)}
    given: set[Value | Collection] = set()
    for value in values:
        found: list[Value | Collection] = []
        if isinstance(value, Collection):
            found = [value]
        elif value.tag == Tag.RANGE_OF_INTEGER:
            span = offers.span(name, Span(*_RANGE.unpack(value.octets)))
            found = [] if span is None else [range_of_integer(*span)]
        else:
            offered = offers.of(name, scalar(value))
            found = [known[comparable(name, o)] for o in offered if comparable(name, o) in known]
        for new in found:
            if new not in given:
                given.add(new)
                yield new


def _default(
    attribute: Attribute, beside: Attribute | None, name: str, offers: Offers
) -> Attribute | None:
    default = attribute.values[0]
    if isinstance(default, Collection):
        return attribute
    asked = scalar(default)
    offered = offers.of(name, asked)
    if asked in offered:
        return attribute
    if beside is not None:
        left = list(_values(beside.values, name, offers))
        first = left[0] if left else None
        if isinstance(first, Value) and first.tag == Tag.RANGE_OF_INTEGER:
            lower, _ = _RANGE.unpack(first.octets)
            return attribute._replace(values=(written(name, lower),))
        return None if first is None else attribute._replace(values=(first,))
    return attribute._replace(values=(written(name, offered[0]),)) if offered else None


def _formats(
    attribute: Attribute, beside: Attribute | None, offers: Offers, suffix: str
) -> Attribute | None:
    left = [v for v in attribute.values if offers.format(_text(v))]
    if left or suffix == "-supported" or beside is None:
        return _with(attribute, left)
    choice = [v for v in beside.values if offers.format(_text(v))]
    return _with(attribute, choice[:1])


def _rasters(attribute: Attribute, offers: Offers) -> Attribute | None:
    """What raster formats say of colour and sides."""
    colour = _COLOUR not in offers.attributes or any(
        offers.of(_COLOUR, mode) and mode in offers.of(_COLOUR, mode) for mode in ("color", "auto")
    )
    two_sided = "sides" not in offers.attributes or any(
        side in offers.of("sides", side) for side in _TWO_SIDED
    )
    if attribute.name == "color-supported":
        return attribute if colour else attribute._replace(values=(boolean(False),))
    left = []
    for value in attribute.values:
        word = _text(value)
        if attribute.name == "urf-supported":
            if not colour and word.startswith(_COLOURED_URF):
                continue
            if not two_sided and word.startswith("DM"):
                continue
        elif not colour and not word.startswith(_GREY):
            continue
        left.append(value)
    return _with(attribute, left)


def _kilo_octets(attribute: Attribute, offers: Offers) -> Attribute:
    largest, value = offers.largest(), attribute.values[0]
    if largest is None or isinstance(value, Collection) or value.tag != Tag.RANGE_OF_INTEGER:
        return attribute
    lower, upper = _RANGE.unpack(value.octets)
    upper = max(lower, min(upper, largest // _KILO))
    return attribute._replace(values=(range_of_integer(lower, upper),))


def _offered(name: str, value: Value | Collection, offers: Offers) -> bool:
    """Whether a collection, such as one of media-col-database or job-presets-supported, has only
    members that may be chosen."""
    if not isinstance(value, Collection):
        return True
    if name.startswith("media-col-") and not _medium_offered(value, offers):
        return False
    about = "media-col." if name.startswith("media-col-") else ""
    about = "finishings-col." if name.startswith("finishings-col-") else about
    for member in value.members:
        limited = f"{about}{member.name}"
        if limited in offers.attributes and not all(
            isinstance(v, Collection) or offers.of(limited, scalar(v)) for v in member.values
        ):
            return False
        if member.name == "media-col" and not all(
            _offered("media-col-", v, offers) for v in member.values
        ):
            return False
    return True


def _medium_offered(collection: Collection, offers: Offers) -> bool:
    if "media" not in offers.attributes:
        return True
    for member in collection.members:
        if member.name == "media-size":
            return all(_size_offered(value, offers) for value in member.values)
        if member.name == "media-size-name":
            return all(bool(offers.of("media", scalar(value))) for value in member.values)
    return True


def _size_offered(value: Value | Collection, offers: Offers) -> bool:
    """A media-size with two numbers; one with ranges stands for sizes that nobody can name."""
    if "media" not in offers.attributes or not isinstance(value, Collection):
        return True
    sides: dict[str, Scalar] = {m.name: scalar(m.values[0]) for m in value.members}
    width, height = sides.get("x-dimension"), sides.get("y-dimension")
    if not isinstance(width, int) or not isinstance(height, int):
        return False
    return bool(offers.of("media", media_size(width, height)))


def _with(attribute: Attribute, left: list[Value | Collection]) -> Attribute | None:
    return attribute._replace(values=tuple(left)) if left else None


def _text(value: Value | Collection) -> str:
    if isinstance(value, Collection):
        return ""
    try:
        return as_text(value).lower() if value.tag == Tag.MIME_MEDIA_TYPE else as_text(value)
    except ValueError:
        return ""
