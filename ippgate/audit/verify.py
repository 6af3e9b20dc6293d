"""Proves a trail, or says which line breaks it and why. Pure: it is given lines.

What a chain proves: between its first and its last line nothing was changed, taken out, put in or
moved. What it cannot prove alone: that nothing was cut off at its end. A stream that does not end
with ``stream.closed`` is still open, crashed, or was cut; the verdict says so, with its last number
and hash to compare.

A file holds one stream. One that was rotated begins with a ``stream.opened`` that names the hash of
the line before; give the files in their order, and that is proved, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from ippgate.audit.events import Event
from ippgate.audit.line import FIRST_PREV, Link, read_link
from ippgate.audit.sequence import Break, Fault, Place, Sequence

BREAKS = 1000
"""Remembered; more are counted."""
STREAMS = 1000
"""Followed at once; lines of more count as foreign."""

_GOES_ON = "rotated"
"""Reason of a ``stream.opened`` that may stand at the head of a file that continues another."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream, as far as it was given. ``follows``: hash of a line before the first one, in a
    file that was not given. ``last_hash`` is None when the last line was edited."""

    name: str
    lines: int
    first: int
    last: int
    follows: str | None
    last_hash: str | None
    closed: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """``lines``: of all files. ``first``, ``last``: times, as written, in the order of the lines.

    ``breaks`` in the order of the lines; ``more``: how many there are besides.
    """

    lines: int
    streams: tuple[Stream, ...]
    first: str | None
    last: str | None
    breaks: tuple[Break, ...]
    more: int

    @property
    def proven(self) -> bool:
        """Whether there is a trail and nothing breaks it."""
        return self.lines > 0 and not self.breaks


class Verification:
    """Takes one line after the other, of one file after the other; memory stays bounded."""

    def __init__(self) -> None:
        self.lines = 0
        self._streams: dict[str, Sequence] = {}
        self._breaks: list[Break] = []
        self._more = 0
        self._first: str | None = None
        self._last: str | None = None
        self._place = Place("", 0)
        self._here: str | None = None
        self._order: dict[str, int] = {}

    def file(self, name: str) -> None:
        """The lines that follow are of this file."""
        self._place = Place(name, 0)
        self._here = None
        self._order.setdefault(name, len(self._order))

    def line(self, line: bytes) -> None:
        """The next line, its newline included."""
        self.lines += 1
        self._place = Place(self._place.file, self._place.line + 1)
        if not line.endswith(b"\n"):
            self._broken(Fault.TORN, "it is not complete: the file was cut, or a write broke off")
            return
        link = read_link(line)
        if link is None:
            self._broken(Fault.FOREIGN, "it is not a line of a trail")
            return
        sequence = self._sequence(link, line)
        if sequence is not None:
            self._first = self._first or link.time
            self._last = link.time
            self._note(sequence.take(link, self._place))

    def verdict(self) -> Verdict:
        """The end: no line follows."""
        for sequence in self._streams.values():
            self._note(sequence.end())
        breaks = sorted(
            self._breaks, key=lambda b: (self._order.get(b.place.file, 0), b.place.line)
        )
        return Verdict(
            self.lines,
            tuple(_summary(sequence) for sequence in self._streams.values()),
            self._first,
            self._last,
            tuple(breaks),
            self._more,
        )

    def _sequence(self, link: Link, line: bytes) -> Sequence | None:
        """The stream of this file; None when the line is of another."""
        name = link.position.stream
        if self._here is None and (link.intact or name in self._streams):
            self._here = name
        elif self._here is not None and name != self._here:
            if link.intact:
                self._broken(Fault.FOREIGN, f"it is of the stream {name}, not of {self._here}")
                return None
            # Its stream was edited, too: it takes the place of a line of this one.
            name = self._here
        if name not in self._streams:
            if len(self._streams) >= STREAMS:
                self._broken(Fault.FOREIGN, "it is of one stream too many")
                return None
            self._here = name
            self._streams[name] = Sequence(link, goes_on=_goes_on(link, line))
        return self._streams[name]

    def _broken(self, fault: Fault, words: str) -> None:
        self._note([Break(self._place, fault, words)])

    def _note(self, breaks: list[Break]) -> None:
        room = max(0, BREAKS - len(self._breaks))
        self._breaks += breaks[:room]
        self._more += len(breaks[room:])


def verify(lines: Iterable[bytes]) -> Verdict:
    """The verdict over the lines of one file, each with its newline."""
    verification = Verification()
    for line in lines:
        verification.line(line)
    return verification.verdict()


def _goes_on(link: Link, line: bytes) -> bool:
    """Whether a file may begin with this line although the stream does not."""
    if link.event != Event.STREAM_OPENED.value or not link.intact:
        return False
    try:
        detail = json.loads(line)["detail"]
        return bool(detail["previous"] == link.prev and detail["reason"] == _GOES_ON)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _summary(sequence: Sequence) -> Stream:
    return Stream(
        sequence.stream,
        sequence.lines,
        sequence.begins_at,
        sequence.ends_at,
        sequence.follows if sequence.follows != FIRST_PREV else None,
        sequence.last_hash,
        sequence.last_event == Event.STREAM_CLOSED.value,
    )
