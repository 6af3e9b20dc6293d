"""DECIDE, before it: what a request asks for, as policy sees it.

An attribute counts wherever it stands: in the operation, job or document group, under a former
name, or within ``overrides`` (PWG 5100.6), which say it again for some pages. So a job cannot ask
in one place for what is refused in another.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from ippgate.exchange.request import Request
from ippgate.ipp.enums import GroupTag, Tag
from ippgate.ipp.message import Attribute, Collection, Group, Value
from ippgate.ipp.values import as_boolean, as_integer, as_text
from ippgate.policy.attributes import ALIASES, SYNTAX, Syntax, media_size
from ippgate.policy.facts import Asked, Document, Scalar, Span

_GROUPS = (GroupTag.OPERATION, GroupTag.JOB, GroupTag.DOCUMENT)
_NOT_ASKED = frozenset(
    {
        "attributes-charset",
        "attributes-natural-language",
        "printer-uri",
        "job-uri",
        "job-id",
        "requesting-user-name",
        "document-format",
        "last-document",
    }
)
_SECRETS = frozenset({"document-access", "document-password", "job-password"})
"""Of these, and of whatever stands within them, only that it is there."""
_WHICH_PAGES = frozenset({"pages", "document-numbers", "document-copies"})
"""Members of overrides that say where, not what."""
_COLLECTION = "collection"
_GIVEN = "given"
"""Stands for secrets, and for what is neither text nor number."""
_RANGE = struct.Struct(">ii")
_RESOLUTION = struct.Struct(">iib")


def asked(request: Request) -> Asked:
    """Every attribute that describes the job or document, by name."""
    found: dict[str, tuple[Scalar, ...]] = {}
    for group in request.message.groups:
        if group.tag in _GROUPS:
            for name, value in _values(group):
                found[name] = (*found.get(name, ()), value)
    return found


def document(request: Request, length: int | None) -> Document:
    """What the request says of its document. ``length``: of the body after the attributes; None:
    not known. Without a document in the request, what it declares to come."""
    declared = request.document_format
    follows = request.carries_document and length != 0
    size = length if follows else None
    if not request.carries_document:
        size = _octets(request)
    return Document(declared, None, size, follows=follows)


def _octets(request: Request) -> int | None:
    """job-k-octets (RFC 8011 section 5.3.17.1), in octets: a part of 1,024 counts whole."""
    values = dict(_values(request.message.groups[0])).get("job-k-octets")
    return max(0, values - 1) * 1024 + 1 if isinstance(values, int) and values > 0 else None


def _values(group: Group) -> Iterator[tuple[str, Scalar]]:
    """Names and values, those of collections with dots."""
    waiting = [(ALIASES.get(a.name, a.name), a) for a in reversed(group.attributes)]
    while waiting:
        name, attribute = waiting.pop()
        if name in _NOT_ASKED:
            continue
        for value in attribute.values:
            if not isinstance(value, Collection):
                yield name, _GIVEN if SYNTAX.get(name) is Syntax.OPAQUE else scalar(value)
                continue
            yield name, _COLLECTION
            if name in _SECRETS:
                continue
            if name == "media-col" or name.endswith(".media-col"):
                yield from _media(value)
            waiting.extend(_members(name, value))


def _members(name: str, collection: Collection) -> Iterator[tuple[str, Attribute]]:
    for member in collection.members:
        if name != "overrides":
            yield f"{name}.{member.name}", member
            if member.name == "media":
                yield member.name, member  # of a cover, or of sheets between: it is printed on, too
        elif member.name not in _WHICH_PAGES:
            yield ALIASES.get(member.name, member.name), member


def _media(collection: Collection) -> Iterator[tuple[str, Scalar]]:
    """The medium that a media-col asks for, as ``media`` would: by its size (PWG 5100.7)."""
    for member in collection.members:
        for value in member.values:
            if member.name == "media-size-name" and isinstance(value, Value):
                yield "media", scalar(value)
            elif member.name == "media-size" and isinstance(value, Collection):
                sides = {m.name: scalar(m.values[0]) for m in value.members if _plain(m)}
                width, height = sides.get("x-dimension"), sides.get("y-dimension")
                if isinstance(width, int) and isinstance(height, int):
                    yield "media", media_size(width, height)


def _plain(attribute: Attribute) -> bool:
    return isinstance(attribute.values[0], Value)


def scalar(value: Value | Collection) -> Scalar:
    """A value as policy sees it; of secrets and what is no text or number, that it is given."""
    if isinstance(value, Collection):
        return _COLLECTION
    try:
        if value.tag in (Tag.INTEGER, Tag.ENUM):
            return as_integer(value)
        if value.tag == Tag.BOOLEAN:
            return "true" if as_boolean(value) else "false"
        if value.tag == Tag.RANGE_OF_INTEGER:
            return Span(*_RANGE.unpack(value.octets))
        if value.tag == Tag.RESOLUTION:
            return _resolution(*_RESOLUTION.unpack(value.octets))
        return as_text(value)
    except (ValueError, struct.error):
        return _GIVEN


def _resolution(cross_feed: int, feed: int, units: int) -> str:
    """``600dpi``, ``600x300dpi``, as CUPS's and PWG's programs write it."""
    unit = "dpi" if units == 3 else "dpcm"
    return f"{feed}{unit}" if cross_feed == feed else f"{cross_feed}x{feed}{unit}"
