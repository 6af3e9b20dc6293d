"""How often was asked about a name lately: the port, and a memory of one process.

Blocking and for any thread, so that an implementation may keep its counts in a file or a database
that several processes share.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

SIZE = 20_000
"""Keys in memory: some 5 MB. Guessing at more names than these is stopped by the address."""


@dataclass(frozen=True, slots=True)
class Window:
    """Questions ``within`` seconds are counted together; too many lock ``for_`` seconds from the
    last."""

    within: float
    for_: float


class Tally(NamedTuple):
    """What is counted: a key, and how many questions lock it."""

    key: str
    most: int


class Tallies(Protocol):
    """Counts of questions by key. ``now``: seconds of the time of day, which outlives a restart.

    Raises DirectoryUnavailable when the counts cannot be read or written.
    """

    def begin(self, asked: Sequence[Tally], now: float) -> str | None:
        """Counts a question under each key, in one step with the test whether it may be asked: of
        many at once no more are let through than of many in a row.

        The key that is locked, and nothing is counted then; None when the question may be asked.
        """

    def forget(self, keys: Sequence[str]) -> int:
        """Begins again for these keys; how many questions were counted."""

    def take_back(self, keys: Sequence[str]) -> None:
        """The latest question of each of these keys does not count after all."""


class MemoryTallies:
    """Implements Tallies for one process, until it ends."""

    def __init__(self, window: Window, size: int = SIZE) -> None:
        self._window = window
        self._size = size
        self._times: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def begin(self, asked: Sequence[Tally], now: float) -> str | None:
        """See Tallies.begin."""
        with self._lock:
            for key, most in asked:
                if self._locked(key, most, now):
                    return key
            for key, _ in asked:
                self._count(key, now)
        return None

    def forget(self, keys: Sequence[str]) -> int:
        """See Tallies.forget."""
        with self._lock:
            return sum(len(self._times.pop(key, ())) for key in keys)

    def take_back(self, keys: Sequence[str]) -> None:
        """See Tallies.take_back."""
        with self._lock:
            for key in keys:
                times = self._times.get(key)
                if times:
                    times.pop()

    def _locked(self, key: str, most: int, now: float) -> bool:
        times = self._times.get(key)
        if times is None or len(times) < most:
            return False
        if now < times[-1] + self._window.for_:
            return True
        del self._times[key]
        return False

    def _count(self, key: str, now: float) -> None:
        times = self._times.pop(key, [])
        # The latest last, so that the oldest key is the first.
        self._times[key] = [t for t in times if t > now - self._window.within] + [now]
        if len(self._times) > self._size:
            del self._times[next(iter(self._times))]
