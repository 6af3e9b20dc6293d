"""The order of one stream's lines: what is missing, moved, repeated or rewritten."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from ippgate.audit.line import FIRST_PREV, Link

GAPS = 1000
"""Remembered at once, in case their lines come later. A trail with more is beyond repair."""


class Place(NamedTuple):
    """Where a line stands: the file's name as given, and the line's number from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}" if self.file else f"line {self.line}"


class Fault(enum.Enum):
    """How a trail can break."""

    EDITED = "edited"
    """The line's octets do not give its hash, or not the one that the next line names."""
    DELETED = "deleted"
    """Lines are missing in front of this one."""
    REORDERED = "reordered"
    """The line stands where it was not written."""
    REPEATED = "repeated"
    """The line has the number of one that came before."""
    TORN = "torn"
    """The line is not complete: cut off in the middle."""
    FOREIGN = "foreign"
    """Not a line of this trail."""


@dataclass(frozen=True, slots=True)
class Break:
    """One place where the chain does not hold, and why, in words."""

    place: Place
    fault: Fault
    words: str


@dataclass(slots=True)
class _Gap:
    """Numbers that did not come: ``first`` to ``last``. ``place``, ``seq``: of the line
    behind the gap. ``early``: hashes of the lines that would have come too early if the gap were
    none. ``before``: the hash of the line in front of it."""

    first: int
    last: int
    place: Place
    seq: int
    early: dict[int, str]
    before: str | None


class Sequence:
    """Follows one stream line by line, with bounded memory.

    ``begins_at``, ``follows``: number of the first line, and the hash it builds on (64 zeros when
    it is the stream's very first).
    """

    def __init__(self, first: Link, *, goes_on: bool) -> None:
        """``goes_on``: the first line itself says that it continues a file that was rotated."""
        self.stream = first.position.stream
        self.begins_at = first.position.seq if goes_on else 1
        self.follows = first.prev if goes_on else FIRST_PREV
        self.lines = 0
        self.last_event = first.event
        self._expected = self.begins_at
        self._hash: str | None = self.follows
        self._place: Place | None = None
        self._latest: Place | None = None
        self._gaps: list[_Gap] = []
        self._early: dict[int, str] = {}

    @property
    def ends_at(self) -> int:
        """Number of the last line."""
        return self._expected - 1

    @property
    def last_hash(self) -> str | None:
        """Hash of the last line; None when that line was edited."""
        return self._hash

    def take(self, link: Link, place: Place) -> list[Break]:
        """The next line of the stream."""
        self.lines += 1
        self.last_event = link.event
        before, self._latest = self._latest, place
        if not link.intact:
            return self._edited(link, place)
        seq = link.position.seq
        if seq == self._expected:
            return self._in_order(link, place)
        if seq < self._expected:
            return self._late(link, place, before)
        self._jump(link, place)
        return []

    def end(self) -> list[Break]:
        """What is missing for good."""
        return [
            Break(gap.place, Fault.DELETED, f"{_numbers(gap)} missing in front of this line")
            for gap in self._gaps
        ]

    def _jump(self, link: Link, place: Place) -> None:
        """Numbers from the one expected to the one in front of ``link`` did not come, but for those
        that came too early."""
        first, before, seq = self._expected, self._hash, link.position.seq
        early = {n: self._early.pop(n) for n in sorted(self._early) if first <= n < seq}
        bounds = [first - 1, *early, seq]
        early[seq] = link.position.hash
        early.update(self._advance(seq, link.position.hash, place))
        pairs = [(low + 1, high - 1) for low, high in pairwise(bounds) if low + 1 < high]
        for low, high in pairs[: GAPS - len(self._gaps)]:
            self._gaps.append(_Gap(low, high, place, seq, early, before))

    def _advance(self, seq: int, digest: str | None, place: Place) -> dict[int, str]:
        """Goes on behind ``seq``, and behind lines that came too early: returns those."""
        self._expected, self._hash, self._place = seq + 1, digest, place
        passed: dict[int, str] = {}
        while self._expected in self._early:
            self._hash = passed[self._expected] = self._early.pop(self._expected)
            self._expected += 1
        return passed

    def _in_order(self, link: Link, place: Place) -> list[Break]:
        before, digest = self._place, self._hash
        self._advance(link.position.seq, link.position.hash, place)
        if digest is None or link.prev == digest:
            return []
        if before is None:
            words = "it does not begin as a stream begins"
            return [Break(place, Fault.EDITED, words)]
        words = f"the line behind it ({place}) was written after a line with another hash"
        return [Break(before, Fault.EDITED, words)]

    def _edited(self, link: Link, place: Place) -> list[Break]:
        seq = link.position.seq
        if self._filled(seq) is None:
            # What an edited line says of itself proves nothing: it counts as the line that was due.
            self._advance(self._expected, None, place)
        return [Break(place, Fault.EDITED, "its content does not give its hash")]

    def _late(self, link: Link, place: Place, before: Place | None) -> list[Break]:
        seq = link.position.seq
        gap = self._gaps[-1] if self._gaps else None
        if gap is not None and gap.place == before and gap.first == seq == self._due(gap):
            # The line before this one came too early: from here it goes on in order.
            self._gaps.pop()
            if len(self._early) < GAPS:
                self._early.update(gap.early)
            moved = Break(gap.place, Fault.REORDERED, f"number {gap.seq} stands before {seq}")
            self._hash = gap.before
            self._expected = seq
            return [moved, *self._in_order(link, place)]
        if self._filled(seq) is not None:
            words = f"number {seq} stands behind {self._expected - 1}"
            return [Break(place, Fault.REORDERED, words)]
        return [Break(place, Fault.REPEATED, f"number {seq} came before")]

    def _due(self, gap: _Gap) -> int:
        """The first number that was due when the line behind the gap came instead."""
        return next(g.first for g in self._gaps if g.place == gap.place)

    def _filled(self, seq: int) -> _Gap | None:
        """The gap that ``seq`` was missing in, if any; it is no longer."""
        for index, gap in enumerate(self._gaps):
            if gap.first <= seq <= gap.last:
                parts = [
                    _Gap(gap.first, seq - 1, gap.place, gap.seq, gap.early, gap.before),
                    _Gap(seq + 1, gap.last, gap.place, gap.seq, gap.early, None),
                ]
                left = [part for part in parts if part.first <= part.last]
                # One gap may become two, but not without end: what is forgotten reads as repeated.
                self._gaps[index : index + 1] = left[-max(1, GAPS - len(self._gaps) + 1) :]
                return gap
        return None


def _numbers(gap: _Gap) -> str:
    if gap.first == gap.last:
        return f"number {gap.first} is"
    return f"numbers {gap.first} to {gap.last} are"
