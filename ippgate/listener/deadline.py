"""One deadline at a time for one connection, cheap to move.

Moving a deadline writes a number; the timer underneath is set once and, when it fires early, set
again.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime


class Deadline:
    """Calls ``missed`` with the deadline's name when it passes."""

    def __init__(self, clock: IReactorTime, missed: Callable[[str], None]) -> None:
        self._clock = clock
        self._missed = missed
        self._due: float | None = None
        self._name = ""
        self._timer: IDelayedCall | None = None
        self._stopped = False

    @property
    def name(self) -> str:
        """Which deadline runs; empty when none does."""
        return self._name if self._due is not None else ""

    def set(self, name: str, seconds: float) -> None:
        """From now on this deadline counts, and no other."""
        if self._stopped:
            return
        due = self._clock.seconds() + seconds
        self._name = name
        self._due = due
        if self._timer is not None and self._timer.getTime() > due:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._clock.callLater(seconds, self._fire)

    def clear(self) -> None:
        """No deadline counts."""
        self._due = None

    def stop(self) -> None:
        """The connection is over: no deadline counts any more, whatever is set."""
        self._stopped = True
        self._due = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        if self._due is None:
            return
        left = self._due - self._clock.seconds()
        if left > 0:
            self._timer = self._clock.callLater(left, self._fire)
            return
        self._due = None
        self._missed(self._name)
