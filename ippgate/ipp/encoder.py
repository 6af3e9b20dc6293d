"""Encoding messages (RFC 8010 section 3.1). What :mod:`ippgate.ipp.decoder` accepted encodes as it
came."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from ippgate.ipp.enums import GroupTag, Tag
from ippgate.ipp.message import Attribute, Collection, Message

_HEADER = struct.Struct(">BBHI")
_BEG_COLLECTION = int(Tag.BEG_COLLECTION)
_END_COLLECTION = b"\x37\x00\x00\x00\x00"
_MEMBER_NAME = int(Tag.MEMBER_ATTR_NAME)


def encode(message: Message) -> bytes:
    """The octets of a message, end-of-attributes-tag included; a document may follow them.

    Raises ValueError when a name, value or number does not fit into its field.
    """
    parts: list[bytes] = []
    try:
        parts.append(_HEADER.pack(*message.version, message.code, message.request_id))
        for group in message.groups:
            parts.append(bytes((group.tag,)))
            for attribute in group.attributes:
                _attribute(parts, attribute)
    except (struct.error, OverflowError) as error:
        raise ValueError(f"a name, value or number does not fit into its field: {error}") from None
    parts.append(bytes((GroupTag.END,)))
    return b"".join(parts)


def _attribute(parts: list[bytes], attribute: Attribute) -> None:
    """Appends an attribute; collections are walked with a stack of their own, not by recursion."""
    name = attribute.name.encode("ascii")
    waiting: list[Iterator[Attribute]] = []
    for value in attribute.values:
        if isinstance(value, Collection):
            _open(parts, name, value, waiting)
            _members(parts, waiting)
        else:
            tag, octets = value
            parts.append(_field(tag, name, octets))
        name = b""


def _field(tag: int, name: bytes, octets: bytes) -> bytes:
    return b"%c%b%b%b%b" % (
        tag,
        len(name).to_bytes(2, "big"),
        name,
        len(octets).to_bytes(2, "big"),
        octets,
    )


def _open(
    parts: list[bytes], name: bytes, value: Collection, waiting: list[Iterator[Attribute]]
) -> None:
    parts.append(_field(_BEG_COLLECTION, name, b""))
    waiting.append(_fields(parts, value, waiting))


def _members(parts: list[bytes], waiting: list[Iterator[Attribute]]) -> None:
    """Encodes the innermost collection that is not finished until none is left."""
    while waiting:
        depth = len(waiting)
        for _ in waiting[-1]:
            if len(waiting) > depth:
                break
        else:
            waiting.pop()
            parts.append(_END_COLLECTION)


def _fields(
    parts: list[bytes], collection: Collection, waiting: list[Iterator[Attribute]]
) -> Iterator[Attribute]:
    """Appends the members' fields; yields after each value, so that a nested one can come
    between."""
    for member in collection.members:
        name = member.name.encode("ascii")
        if not collection.named_in_place:
            parts.append(_field(_MEMBER_NAME, b"", name))
            name = b""
        for value in member.values:
            if isinstance(value, Collection):
                _open(parts, name, value, waiting)
            else:
                parts.append(_field(value[0], name, value[1]))
            name = b""
            yield member
