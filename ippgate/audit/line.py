"""One line of the trail: a record as JSON, and its link to the line before.

A line is one JSON object and one newline, in UTF-8. Its members stand in this order, those that do
not apply left out::

    time event id client tls user printer operation attributes decision job document result detail
    stream seq prev hash

``hash`` is the SHA-256, in hexadecimal, over the octets of the line as written up to and without
``,"hash"``, closed by ``}``. ``prev`` is the ``hash`` of the line before in the same stream; the
first line (``seq`` 1) has 64 zeros. The octets that were written are what is hashed: to verify a
line nothing is encoded again, so no difference between JSON libraries can matter.

Everything that a terminal or a line-oriented program could take for more than text (control
characters, line and paragraph separators, direction marks, lone surrogates, unassigned code points)
is escaped as JSON escapes it.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from ippgate.audit.events import Record

TEXT_CHARACTERS = 1024
"""Of one text. Longer ones end in an ellipsis: what a client sends must not fill the disk."""
KEY_CHARACTERS = 128
"""Of a member's name."""
PART_CHARACTERS = 4096
"""Of all texts of one part (``user``, ``attributes``, …) together, each value counted as 16 more.
What is over is an ellipsis. Each part has its own: none can push another out of the record."""
DEPTH = 8
"""Objects and lists within each other."""
LINE_OCTETS = 1024 * 1024
"""No line is longer: PART_CHARACTERS for each part, each escaped to at most 12 octets."""

FIRST_PREV = "0" * 64
"""``prev`` of a stream's first line."""

_VALUE_COST = 16
_CUT = "…"
_LARGEST = 2**63
_PARTS = (
    "client",
    "tls",
    "user",
    "printer",
    "operation",
    "attributes",
    "decision",
    "job",
    "document",
    "result",
    "detail",
)
_FORM = {"allow_nan": False, "check_circular": False, "separators": (",", ":")}
_encode_ascii = json.JSONEncoder(ensure_ascii=True, **_FORM).encode  # type: ignore[arg-type]
_encode_utf8 = json.JSONEncoder(ensure_ascii=False, **_FORM).encode  # type: ignore[arg-type]

STREAM = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What a stream may be called."""
_HEAD = re.compile(rb'\{"time":"([0-9T:.-]{26}Z)","event":"([a-z.-]{1,64})",')
_TAIL = re.compile(
    rb',"stream":"([A-Za-z0-9._-]{1,64})","seq":([1-9][0-9]{0,17})'
    rb',"prev":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}\n\Z'
)
_TAIL_OCTETS = 320
"""No tail is longer."""
_HASH_MEMBER_OCTETS = len(b',"hash":""}\n') + 64


class Position(NamedTuple):
    """Where a stream stands: the last line's ``seq`` and ``hash``. Nothing written yet: seq 0."""

    stream: str
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Link:
    """What a line says of its place in a chain. ``time`` as written.

    ``intact``: whether the line's octets give its hash.
    """

    time: str
    event: str
    position: Position
    prev: str
    intact: bool


def timestamp(time: datetime) -> str:
    """RFC 3339 in UTC with microseconds: ``2026-11-24T01:02:03.000004Z``.

    Raises ValueError when ``time`` does not know its zone.
    """
    if time.tzinfo is not UTC:
        if time.tzinfo is None:
            raise ValueError(f"the time of a record needs its zone: {time!r}")
        time = time.astimezone(UTC)
    return "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ" % (  # noqa: UP031 - half the time of isoformat
        time.year,
        time.month,
        time.day,
        time.hour,
        time.minute,
        time.second,
        time.microsecond,
    )


def encode(record: Record) -> bytes:
    """The record as a JSON object, without the stream's members and without newline.

    Texts, numbers and nesting are cut to the limits above; what JSON cannot say (a number that is
    not finite, an object of some other type) is written as text. Raises ValueError when the time
    has no zone.
    """
    entry: dict[str, object] = {
        "time": timestamp(record.time),
        "event": record.event.value,
        "id": record.id,
    }
    for part in _PARTS:
        value = getattr(record, part)
        if value is not None:
            entry[part] = value
    try:
        text = _encode_ascii(entry)
    except (TypeError, ValueError, RecursionError):
        text = ""
    # A record this short has no text that is too long: most records need no second look.
    if not text or len(text) > TEXT_CHARACTERS:
        entry = {name: _Trim().value(part, DEPTH) for name, part in entry.items()}
        text = _encode_ascii(entry)
    # The ASCII form is the fastest to make. Only a record with more in it is made again, readable.
    if "\\u" in text or "\x7f" in text:
        text = _encode_utf8(entry)
        if not text.isprintable():
            text = _escape(text)
    return text.encode()


def chain(body: bytes, last: Position) -> tuple[bytes, Position]:
    """The whole line, newline included, that follows ``last``; and the position after it."""
    seq = last.seq + 1
    linked = b'%b,"stream":"%b","seq":%d,"prev":"%b"' % (
        body[:-1],
        last.stream.encode(),
        seq,
        last.hash.encode(),
    )
    digest = sha256(linked + b"}").hexdigest()
    line = b'%b,"hash":"%b"}\n' % (linked, digest.encode())
    return line, Position(last.stream, seq, digest)


def read_link(line: bytes) -> Link | None:
    """The link of a whole line, newline included; None when it is no line of a trail."""
    head = _HEAD.match(line)
    tail = _TAIL.search(line, max(0, len(line) - _TAIL_OCTETS))
    if head is None or tail is None:
        return None
    stream, seq, prev, stated = tail.groups()
    computed = sha256(line[:-_HASH_MEMBER_OCTETS] + b"}").hexdigest()
    position = Position(stream.decode(), int(seq), stated.decode())
    return Link(
        head[1].decode(), head[2].decode(), position, prev.decode(), computed == position.hash
    )


class _Trim:
    """Copies a value within the limits; ``_left`` is what the part may still cost."""

    def __init__(self) -> None:
        self._left = PART_CHARACTERS

    def _members(self, value: dict[Any, object], depth: int) -> dict[str, object]:
        kept: dict[str, object] = {}
        for name, member in value.items():
            if self._left <= 0:
                kept[_CUT] = _CUT
                break
            key = name if isinstance(name, str) else repr(name)
            kept[self._text(key, KEY_CHARACTERS)] = self.value(member, depth - 1)
        return kept

    def value(self, value: object, depth: int) -> object:
        self._left -= _VALUE_COST
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(value, TEXT_CHARACTERS)
        if isinstance(value, int) and -_LARGEST <= value < _LARGEST:
            return int(value)
        if isinstance(value, float) and math.isfinite(value):
            return float(value)
        if depth <= 0:
            return _CUT
        if isinstance(value, dict):
            return self._members(value, depth)
        if isinstance(value, (list, tuple, set, frozenset)):
            return self._items(value, depth)
        return self._text(_described(value), TEXT_CHARACTERS)

    def _items(
        self,
        values: list[object] | tuple[object, ...] | set[object] | frozenset[object],
        depth: int,
    ) -> list[object]:
        kept: list[object] = []
        for item in values:
            if self._left <= 0:
                kept.append(_CUT)
                break
            kept.append(self.value(item, depth - 1))
        return kept

    def _text(self, text: str, most: int) -> str:
        most = min(most, max(self._left, 1))
        if len(text) > most:
            text = text[: most - 1] + _CUT
        self._left -= len(text)
        return str(text)


def _described(value: object) -> str:
    """Something that JSON has no form for, in words that cannot fail."""
    if isinstance(value, int):
        return f"a number of {value.bit_length()} bits"
    if isinstance(value, (float, bytes, datetime)):
        return str(value)
    return type(value).__name__


def _escape(text: str) -> str:
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    """``\\uXXXX`` (RFC 8259 section 7); beyond the basic plane: as a pair of surrogates."""
    octets = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{octets[i]:02x}{octets[i + 1]:02x}" for i in range(0, len(octets), 2))
