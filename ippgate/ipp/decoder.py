"""Incremental decoding of messages (RFC 8010 section 3.1).

    version-number  operation-id or status-code  request-id
        2                     2                      4          octets
    *( begin-attribute-group-tag *( attribute ) )  end-of-attributes-tag  document

    attribute, and each further value of it, and each part of a collection:

    value-tag  name-length  name  value-length  value
        1           2        n         2          v             octets

    name-length 0: a further value of the attribute before. In a collection: memberAttrName (0x4A)
    carries a member's name as its value, begCollection (0x34) opens a nested one, endCollection
    (0x37) closes it (section 3.1.6).

Octets are taken as they come, one field at a time; what waits is never scanned twice. What follows
the end-of-attributes-tag is the document, which is not touched.
"""

from __future__ import annotations

from functools import lru_cache

from ippgate.ipp import syntax
from ippgate.ipp.enums import GroupTag, Tag
from ippgate.ipp.errors import DecodeError, Header
from ippgate.ipp.limits import REQUEST_LIMITS, STRICT, Limits, Quirks
from ippgate.ipp.message import Attribute, Collection, Group, Message, Value

_HEADER_OCTETS = 8
_FIRST_VALUE_TAG = 0x10
_BEG_COLLECTION = int(Tag.BEG_COLLECTION)
_END_COLLECTION = int(Tag.END_COLLECTION)
_MEMBER_NAME = int(Tag.MEMBER_ATTR_NAME)
_END = int(GroupTag.END)
_COLLECTION_TAGS = frozenset((_BEG_COLLECTION, _END_COLLECTION, _MEMBER_NAME))
_LANGUAGE_TAGS = (Tag.TEXT_WITH_LANGUAGE, Tag.NAME_WITH_LANGUAGE)
_ALWAYS = -1
"""In a table of lengths: no length is right by itself, the value is looked at."""
_LENGTHS = {int(tag): length for tag, length in syntax.FIXED.items()}
_LENGTHS |= dict.fromkeys(map(int, (*_LANGUAGE_TAGS, Tag.BOOLEAN, Tag.EXTENSION)), _ALWAYS)
"""Lengths that need no further look, by tag; tags that are not here need none at all."""
_STRICT_LENGTHS = dict.fromkeys(map(int, syntax.LONGEST), _ALWAYS) | _LENGTHS
_MIXED = "members named by memberAttrName and in place, in one collection"
_NAME_OCTETS = bytes(range(0x21, 0x7F))
_NAMES_REMEMBERED = 4096
"""Attribute names that are not read anew: printers repeat a few hundred in every reply."""

_new = tuple.__new__
"""Makes a Value or Attribute directly: NamedTuple's own constructor costs twice that."""


@lru_cache(_NAMES_REMEMBERED)
def _name_of(octets: bytes) -> str:
    """An attribute's name. Raises ValueError when an octet of it is not printable ASCII."""
    if octets.translate(None, _NAME_OCTETS):
        raise ValueError
    return octets.decode("ascii")


class _Open:
    """An attribute list under construction: a group's, or a collection's members."""

    __slots__ = ("attributes", "in_place", "name", "values")

    def __init__(self) -> None:
        self.attributes: list[Attribute] = []
        self.name: str | None = None
        self.values: list[Value | Collection] = []
        self.in_place = False

    def flush(self) -> None:
        """Completes the attribute that was open."""
        if self.name is not None:
            self.attributes.append(_new(Attribute, (self.name, tuple(self.values))))
            self.name = None
            self.values = []


class Decoder:
    """Takes octets in any pieces; ``message`` is there once the end-of-attributes-tag was read.

    ``header``: version, code and request-id, as soon as they were read. ``octets``: length of the
    attribute section, header and end tag included, so far. ``rest``: what came after it.
    """

    def __init__(self, limits: Limits = REQUEST_LIMITS, quirks: Quirks = STRICT) -> None:
        self._limits = limits
        self._quirks = quirks
        self._most_values = limits.values
        self._lengths = _STRICT_LENGTHS if limits.syntax_lengths else _LENGTHS
        self._pieces: list[bytes] = []
        self._waiting = 0
        self._needed = _HEADER_OCTETS
        self._groups: list[Group] = []
        self._group_tag: int | None = None
        self._open = _Open()
        self._outer: list[_Open] = []
        self._attributes = 0
        self._values = 0
        self.header: Header | None = None
        self.message: Message | None = None
        self.octets = 0
        self.rest = b""

    def feed(self, octets: bytes) -> None:
        """Takes the next octets. Raises DecodeError; the decoder is of no further use then."""
        if self._complete():
            self.rest += octets
            return
        if not octets:
            return
        self._pieces.append(octets)
        self._waiting += len(octets)
        if self._waiting < self._needed:
            return
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        position = 0
        if self.header is None:
            self.header = _header(data)
            position = _HEADER_OCTETS
        position = self._fields(data, position)
        left = data[position:]
        self.octets += position
        if self._complete():
            self.rest = left
            self._pieces = []
        else:
            self._pieces = [left]
            self._waiting = len(left)

    def _complete(self) -> bool:
        return self.message is not None

    def finish(self) -> None:
        """There is no more. Raises DecodeError when the message is not complete."""
        if self.message is None:
            raise self._error(
                self._waiting, "truncated", "the message ends before its end-of-attributes-tag"
            )

    def _fields(self, data: bytes, position: int) -> int:
        """Decodes all complete fields; returns where the first incomplete one begins.

        ``_needed`` is then how many octets from there on it takes to get further.
        """
        length = len(data)
        limits = self._limits
        longest_name, longest_value = limits.name_length, limits.value_length
        room = limits.octets - self.octets
        while True:
            if position >= length:
                self._needed = 1
                return position
            if position >= room:
                raise self._error(position, "too-large", f"more than {limits.octets} octets")
            tag = data[position]
            if tag < _FIRST_VALUE_TAG:
                self._delimiter(tag, position)
                position += 1
                if self._complete():
                    return position
                continue
            name_start = position + 3
            if name_start > length:
                self._needed = 3
                return position
            name_end = name_start + ((data[position + 1] << 8) | data[position + 2])
            if name_end - name_start > longest_name:
                raise self._error(position, "name-length", "the name is too long")
            value_start = name_end + 2
            if value_start > length:
                self._needed = value_start - position
                return position
            value_end = value_start + ((data[name_end] << 8) | data[name_end + 1])
            if value_end - value_start > longest_value:
                raise self._error(name_end, "value-length", "the value is too long")
            if value_end > room:
                raise self._error(position, "too-large", f"more than {limits.octets} octets")
            if value_end > length:
                self._needed = value_end - position
                return position
            self._field(tag, data[name_start:name_end], data[value_start:value_end], position)
            position = value_end

    def _delimiter(self, tag: int, position: int) -> None:
        if self._outer:
            raise self._error(position, "collection-open", "a collection is not closed")
        self._open.flush()
        if self._group_tag is not None:
            self._groups.append(Group(self._group_tag, tuple(self._open.attributes)))
        if tag == _END:
            header = self.header
            assert header is not None, "fields come after the header"
            self.message = Message(*header, tuple(self._groups))
            return
        if tag == 0:
            raise self._error(position, "reserved-tag", "delimiter tag 0x00 is reserved")
        self._group_tag = tag
        self._open = _Open()

    def _field(self, tag: int, name: bytes, octets: bytes, position: int) -> None:
        """A complete field: a value, or a part of a collection."""
        length = self._lengths.get(tag)
        if length is not None and length != len(octets):
            self._check(tag, octets, position)
        self._values += 1
        if self._values > self._most_values:
            raise self._error(position, "too-many-values", f"more than {self._most_values}")
        open_ = self._open
        if tag in _COLLECTION_TAGS:
            self._collection_part(open_, tag, name, octets, position)
            return
        if name or open_.name is None:
            self._named(tag, name, position)
        open_.values.append(_new(Value, (tag, octets)))

    def _check(self, tag: int, octets: bytes, position: int) -> None:
        fault = syntax.fault(tag, octets)
        if fault is not None:
            raise self._error(position, "value-syntax", fault)
        if self._limits.syntax_lengths:
            longest = syntax.LONGEST.get(tag)
            if longest is not None and len(octets) > longest:
                words = f"{Tag(tag).keyword} is at most {longest} octets, not {len(octets)}"
                raise self._error(position, "value-length", words)

    def _named(self, tag: int, name: bytes, position: int) -> None:
        """A value with a name in its own name field, or one that lacks it."""
        self._require_group(position)
        if self._outer:
            self._named_in_place(tag, name, position)
        elif not name:
            words = "a further value, without an attribute before it"
            raise self._error(position, "no-attribute", words)
        self._begin(name, position)

    def _require_group(self, position: int) -> None:
        if self._group_tag is None:
            raise self._error(position, "no-group", "an attribute outside of any group")

    def _named_in_place(self, tag: int, name: bytes, position: int) -> None:
        open_ = self._open
        if not name:
            words = f"unexpected {Tag(tag).keyword}: memberAttrName must come first"
            raise self._error(position, "member-name", words)
        if not self._quirks.members_named_in_place:
            words = "a member must be named by memberAttrName, not in its own name field"
            raise self._error(position, "member-name", words)
        if open_.name is not None and not open_.in_place:
            raise self._error(position, "member-name", _MIXED)
        open_.in_place = True

    def _collection_part(
        self, open_: _Open, tag: int, name: bytes, octets: bytes, position: int
    ) -> None:
        if tag == _BEG_COLLECTION:
            if name or open_.name is None:
                self._named(tag, name, position)
            self._push(octets, position)
            return
        if not self._outer:
            self._require_group(position)
            words = f"{Tag(tag).keyword} outside of a collection"
            raise self._error(position, "no-collection", words)
        if name or (tag == _END_COLLECTION and octets):
            words = f"{Tag(tag).keyword} with a name, or endCollection with a value"
            raise self._error(position, "collection-syntax", words)
        if open_.name is not None and not open_.values:
            words = f"unexpected {Tag(tag).keyword}: member {open_.name} has no value"
            raise self._error(position, "no-value", words)
        if tag == _END_COLLECTION:
            self._pop()
            return
        if not octets:
            raise self._error(position, "member-name", "memberAttrName is empty")
        if len(octets) > self._limits.name_length:
            raise self._error(position, "name-length", "the name is too long")
        if open_.in_place:
            raise self._error(position, "member-name", _MIXED)
        self._begin(octets, position)

    def _begin(self, name: bytes, position: int) -> None:
        """A new attribute, or member, begins."""
        self._attributes += 1
        if self._attributes > self._limits.attributes:
            words = f"more than {self._limits.attributes}"
            raise self._error(position, "too-many-attributes", words)
        open_ = self._open
        open_.flush()
        try:
            open_.name = _name_of(name)
        except ValueError:
            words = "a name with octets that are not printable"
            raise self._error(position, "name-syntax", words) from None

    def _push(self, octets: bytes, position: int) -> None:
        if octets:
            raise self._error(position, "collection-syntax", "begCollection with a value")
        if len(self._outer) >= self._limits.depth:
            words = f"collections nested deeper than {self._limits.depth}"
            raise self._error(position, "too-deep", words)
        self._outer.append(self._open)
        self._open = _Open()

    def _pop(self) -> None:
        closed = self._open
        closed.flush()
        self._open = self._outer.pop()
        self._open.values.append(Collection(tuple(closed.attributes), closed.in_place))

    def _error(self, position: int, rule: str, detail: str) -> DecodeError:
        return DecodeError(self.octets + position, rule, detail, self.header)


def decode(
    octets: bytes, limits: Limits = REQUEST_LIMITS, quirks: Quirks = STRICT
) -> tuple[Message, bytes]:
    """A whole message and the document octets after it. Raises DecodeError."""
    decoder = Decoder(limits, quirks)
    decoder.feed(octets)
    decoder.finish()
    assert decoder.message is not None, "finish() raises when the message is not complete"
    return decoder.message, decoder.rest


def _header(data: bytes) -> Header:
    return (
        (data[0], data[1]),
        int.from_bytes(data[2:4], "big"),
        int.from_bytes(data[4:8], "big"),
    )
