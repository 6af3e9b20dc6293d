"""Encoding messages (RFC 8010 section 3.1). What :mod:`ippgate.ipp.decoder` accepted encodes as it
came."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache

from ippgate.ipp.enums import GroupTag, Tag
from ippgate.ipp.message import Attribute, Collection, Message, Value

_HEADER = struct.Struct(">BBHI")
_TAG_AND_LENGTH = struct.Struct(">BH")
_LENGTH = struct.Struct(">H").pack
_NO_LENGTH = _LENGTH(0)
_BEG_COLLECTION = int(Tag.BEG_COLLECTION)
_END_COLLECTION = b"\x37\x00\x00\x00\x00"
_MEMBER_NAME = b"\x4a\x00\x00"
_REMEMBERED = 4096
"""Beginnings of fields, and names of members, that are not put together anew."""


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
    name, values = attribute
    for value in values:
        if isinstance(value, Collection):
            parts += (_beginning(_BEG_COLLECTION, name), _NO_LENGTH)
            _collection(parts, value)
        else:
            tag, octets = value
            parts += (_beginning(tag, name), _LENGTH(len(octets)), octets)
        name = ""


def _collection(parts: list[bytes], collection: Collection) -> None:
    """Appends the members of a collection and its end.

    Collections inside are walked with a stack of what is left to do around them, not by recursion.
    """
    around: list[tuple[Iterator[Attribute], bool, Iterator[Value | Collection]]] = []
    members, in_place = iter(collection.members), collection.named_in_place
    values: Iterator[Value | Collection] = iter(())
    name = ""
    while True:
        for value in values:
            if isinstance(value, Collection):
                parts += (_beginning(_BEG_COLLECTION, name), _NO_LENGTH)
                around.append((members, in_place, values))
                members, in_place, values = iter(value.members), value.named_in_place, iter(())
                break
            tag, octets = value
            parts += (_beginning(tag, name), _LENGTH(len(octets)), octets)
            name = ""
        else:
            member = next(members, None)
            if member is not None:
                name, values = member.name, iter(member.values)
                if not in_place:
                    parts.append(_member(name))
                    name = ""
                continue
            parts.append(_END_COLLECTION)
            if not around:
                return
            members, in_place, values = around.pop()
            name = ""


@lru_cache(_REMEMBERED)
def _beginning(tag: int, name: str) -> bytes:
    """A field up to its value's length; without a name it is a further value."""
    return _TAG_AND_LENGTH.pack(tag, len(name)) + name.encode("ascii")


@lru_cache(_REMEMBERED)
def _member(name: str) -> bytes:
    """The field that names a member."""
    octets = name.encode("ascii")
    return _MEMBER_NAME + _LENGTH(len(octets)) + octets
