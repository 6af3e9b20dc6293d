"""Counts of questions that survive a restart, and that all workers share."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ippgate.identity.state_file import StateFile
from ippgate.identity.tallies import Tally, Window

SWEEP_SECONDS = 60.0
MOST_ROWS = 200_000
"""Some 20 MB; more names than these in one window are guessed from many networks at once."""


class SharedTallies:
    """Implements Tallies by the state file."""

    def __init__(self, window: Window, state: StateFile) -> None:
        self._window = window
        self._state = state
        self._swept = 0.0

    def begin(self, asked: Sequence[Tally], now: float) -> str | None:
        """See Tallies.begin."""
        with self._state.transaction() as database:
            self._sweep(database, now)
            digests = [self._state.digest(key) for key, _ in asked]
            for digest, (key, most) in zip(digests, asked, strict=True):
                if self._locked(database, digest, most, now):
                    return key
            oldest = now - self._window.within
            for digest in digests:
                database.execute("delete from asked where key = ? and at <= ?", (digest, oldest))
                database.execute("insert into asked values (?, ?)", (digest, now))
        return None

    def forget(self, keys: Sequence[str]) -> int:
        """See Tallies.forget."""
        with self._state.transaction() as database:
            return sum(
                database.execute(
                    "delete from asked where key = ?", (self._state.digest(key),)
                ).rowcount
                for key in keys
            )

    def take_back(self, keys: Sequence[str]) -> None:
        """See Tallies.take_back."""
        with self._state.transaction() as database:
            for key in keys:
                database.execute(
                    "delete from asked where rowid = "
                    "(select rowid from asked where key = ? order by at desc limit 1)",
                    (self._state.digest(key),),
                )

    def _locked(self, database: sqlite3.Connection, digest: bytes, most: int, now: float) -> bool:
        count, last = database.execute(
            "select count(*), max(at) from asked where key = ?", (digest,)
        ).fetchone()
        if count < most:
            return False
        if now < last + self._window.for_:
            return True
        database.execute("delete from asked where key = ?", (digest,))
        return False

    def _sweep(self, database: sqlite3.Connection, now: float) -> None:
        """Forgets what counts no more; and what is later than now, since the clock was set back."""
        if abs(now - self._swept) < SWEEP_SECONDS:
            return
        self._swept = now
        # What locks a name came within one time before the last, and the last counts for another.
        longest = self._window.within + self._window.for_
        database.execute(
            "delete from asked where at <= ? or at > ?", (now - longest, now + SWEEP_SECONDS)
        )
        database.execute(
            "delete from asked where rowid in "
            "(select rowid from asked order by at desc limit -1 offset ?)",
            (MOST_ROWS,),
        )
