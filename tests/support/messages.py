"""Messages for Hypothesis: any that the decoder accepts within its limits for requests."""

from __future__ import annotations

from hypothesis import strategies as st

from ippgate.ipp.enums import GroupTag, Tag
from ippgate.ipp.limits import COLLECTION_DEPTH
from ippgate.ipp.message import Attribute, Collection, Group, Message, Value
from ippgate.ipp.syntax import FIXED, LONGEST

_NAMES = st.text(
    alphabet=[chr(octet) for octet in range(0x21, 0x7F)], min_size=1, max_size=12
)  # fmt: skip
_NO_PLAIN_VALUE = {Tag.BEG_COLLECTION, Tag.END_COLLECTION, Tag.MEMBER_ATTR_NAME}
_GROUP_TAGS = st.integers(0x01, 0x0F).filter(lambda tag: tag != GroupTag.END)
_LANGUAGE = {Tag.TEXT_WITH_LANGUAGE, Tag.NAME_WITH_LANGUAGE}


def _octets(tag: int) -> st.SearchStrategy[bytes]:
    """Octets that are a value of that syntax, or any for a tag that nobody knows."""
    if tag == Tag.BOOLEAN:
        return st.sampled_from([b"\0", b"\1"])
    if tag in FIXED:
        return st.binary(min_size=FIXED[tag], max_size=FIXED[tag])
    if tag in _LANGUAGE:
        part = st.binary(max_size=20).map(lambda part: len(part).to_bytes(2, "big") + part)
        return st.tuples(part, part).map(b"".join)
    if tag == Tag.EXTENSION:
        number = st.integers(0, 2**31 - 1).map(lambda number: number.to_bytes(4, "big"))
        return st.tuples(number, st.binary(max_size=8)).map(b"".join)
    return st.binary(max_size=min(LONGEST.get(tag, 30), 30))


_TAGS = st.one_of(
    st.sampled_from([tag for tag in Tag if tag not in _NO_PLAIN_VALUE]),
    st.integers(0x10, 0xFF).filter(lambda tag: tag not in _NO_PLAIN_VALUE),
)


def _value(draw: st.DrawFn, depth: int) -> Value | Collection:
    """A value, or a collection at most ``depth`` deep; the deeper, the rarer."""
    if depth and draw(st.integers(0, 5)) == 0:
        return Collection(_attributes(draw, depth - 1))
    tag = draw(_TAGS)
    return Value(tag, draw(_octets(tag)))


def _attributes(draw: st.DrawFn, depth: int) -> tuple[Attribute, ...]:
    return tuple(
        Attribute(name, tuple(_value(draw, depth) for _ in range(draw(st.integers(1, 3)))))
        for name in draw(st.lists(_NAMES, max_size=4))
    )


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """Any message: unknown tags, groups, operations and versions, collections, sets."""
    version = draw(st.tuples(st.integers(0, 255), st.integers(0, 255)))
    code, request_id = draw(st.integers(0, 0xFFFF)), draw(st.integers(0, 0xFFFFFFFF))
    groups = tuple(
        Group(tag, _attributes(draw, COLLECTION_DEPTH))
        for tag in draw(st.lists(_GROUP_TAGS, max_size=3))
    )
    return Message(version, code, request_id, groups)


def chunked(octets: bytes, sizes: list[int]) -> list[bytes]:
    """The octets in pieces of those sizes, over and over; all in one where there are none."""
    pieces = []
    position = index = 0
    while position < len(octets):
        size = sizes[index % len(sizes)] if sizes else len(octets)
        pieces.append(octets[position : position + size])
        position += size
        index += 1
    return pieces
