"""The thread that writes a trail: whatever waits goes out with one write and one sync.

The reactor's thread submits entries and is told, through ``report``, what became of them. An entry
has exactly one end: written, or failed and in no file. What a hanging disk finishes after its
entries were given up is taken back.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from twisted.internet.defer import Deferred

from ippgate.audit.events import Event, Record
from ippgate.audit.file import Opened, TrailFile
from ippgate.audit.line import encode, timestamp
from ippgate.exchange.ports import Clock, TrailUnwritable

QUEUE_RECORDS = 10_000
"""Waiting at once. More than the connections that can wait, so that only a stuck disk fills it."""
QUEUE_OCTETS = 16 * 1024 * 1024
"""Of waiting records: what a stuck disk may cost in memory."""
BATCH_OCTETS = 1024 * 1024
"""Of one write, give or take one line. A crash in the middle leaves no more than this torn."""
SYNC_SECONDS = 1.0
"""Records that need not be durable are on the disk after this, too."""
LOOK_SECONDS = 1.0
"""Between looks at whether the file was rotated, for records that go straight to it."""


@dataclass(slots=True, eq=False)
class Entry:
    """A record on its way to the disk. ``since``: seconds on the monotonic clock.

    ``body`` None: nothing to write; the trail is tried, and opened if it is not.
    """

    body: bytes | None
    durable: bool
    event: Event | None
    since: float
    done: Deferred[None]


Report = Callable[[Sequence[Entry], TrailUnwritable | None], None]
"""Entries that were written (None) or failed. No entries: only what the disk said."""


class Writer(threading.Thread):
    """Owns a TrailFile from its first to its last octet. A daemon: a hanging disk holds nobody.

    ``report`` is called in this thread, ``ended`` as its last act. ``detail`` goes into every
    ``stream.opened``.
    """

    def __init__(
        self,
        file: TrailFile,
        clock: Clock,
        report: Report,
        ended: Callable[[], None],
        detail: dict[str, object],
    ) -> None:
        super().__init__(name=f"trail {file.path.name}", daemon=True)
        self._file = file
        self._clock = clock
        self._report = report
        self._ended = ended
        self._detail = detail
        self._changed = threading.Condition()
        self._waiting: deque[Entry] = deque()
        self._octets = 0
        self._pending: list[Entry] = []
        self._finishing = False
        self._given_up = 0
        self._late = False
        self._working = True
        self._looked_at = 0.0
        self._unsynced = False
        self._opened: Opened | None = None
        self._gap: Gap | None = None

    # --- called in the reactor's thread -----------------------------------------------------------

    def submit(self, entry: Entry) -> None:
        """Raises TrailUnwritable when too much waits already."""
        size = len(entry.body or b"")
        with self._changed:
            if len(self._waiting) >= QUEUE_RECORDS or self._octets + size > QUEUE_OCTETS:
                raise TrailUnwritable(
                    f"{len(self._waiting)} records wait for the disk of {self._file.path} already"
                )
            self._waiting.append(entry)
            self._octets += size
            self._changed.notify()

    def write_now(self, body: bytes, now: float) -> bool:
        """Writes one record, not synced, from the caller's own thread; False: submit it instead.

        To wake a thread for each record costs many times what the write costs. So a record that
        need not be durable goes straight to the page cache, as web servers write their logs: but
        only while the thread has nothing to do and the trail is in order. Anything else (a file to
        open, a disk that is full, a sync that takes its time) is left to the thread. That the
        thread syncs once a second what was written here keeps it from piling up in memory, and
        finds a disk that hangs before the page cache is full of it.
        """
        with self._changed:
            if self._working or self._waiting or self._gap is not None:
                return False
            try:
                if now - self._looked_at >= LOOK_SECONDS:
                    self._looked_at = now
                    if not self._file.in_place():
                        return False
                if not self._file.is_open:
                    return False
                self._file.append([body])
            except TrailUnwritable:
                # Nothing of it stayed. The thread tries again, and says what is wrong.
                return False
            if not self._unsynced:
                self._unsynced = True
                self._changed.notify()
            return True

    def overdue(self, before: float) -> list[Entry]:
        """Gives up everything, if an entry has waited since ``before``; returns what had not ended.

        What is being written now is taken back as soon as the disk answers.
        """
        with self._changed:
            oldest = self._pending[:1] or list(self._waiting)[:1]
            if not oldest or oldest[0].since > before:
                return []
            given_up = [*self._pending, *self._waiting]
            self._given_up += _records(given_up)
            self._late = True
            self._pending = []
            self._waiting.clear()
            self._octets = 0
            return given_up

    @property
    def busy(self) -> bool:
        """Whether an entry has not ended yet."""
        with self._changed:
            return bool(self._pending or self._waiting)

    def finish(self) -> None:
        """The thread ends when nothing waits any more."""
        with self._changed:
            self._finishing = True
            self._changed.notify()

    # --- the thread -------------------------------------------------------------------------------

    def run(self) -> None:
        while (batch := self._take()) is not None:
            try:
                if batch:
                    self._commit(batch)
                else:
                    self._sync()
                self._own_up()
            except TrailUnwritable as error:
                self._fail(error)
            except Exception as error:  # noqa: BLE001 - a defect refuses records, it loses none
                self._fail(TrailUnwritable(f"defect while writing the trail: {error!r}"))
        try:
            self._file.close()
        except TrailUnwritable as error:
            self._report([], error)
        self._ended()

    def _take(self) -> list[Entry] | None:
        """The entries of one write; an empty list when it is time to sync; None at the end."""
        with self._changed:
            self._working = False
            while not self._waiting:
                if self._finishing:
                    self._working = True
                    return None
                if not self._changed.wait(SYNC_SECONDS if self._unsynced else None):
                    self._working = True
                    return []
            self._working = True
            size = 0
            while self._waiting and size < BATCH_OCTETS:
                entry = self._waiting.popleft()
                size += len(entry.body or b"")
                self._pending.append(entry)
            self._octets -= size
            return list(self._pending)

    def _commit(self, batch: list[Entry]) -> None:
        self._be_ready()
        file = self._file
        # Those that need no sync go first: if the sync fails, the others can be cut off behind
        # them.
        swift = [entry for entry in batch if not entry.durable]
        durable = [entry for entry in batch if entry.durable]
        bodies = [entry.body for entry in (*swift, *durable) if entry.body is not None]
        before = file.mark
        kept = file.append(bodies, len(swift)) if swift else before
        if not swift and bodies:
            file.append(bodies)
        if swift:
            if not self._settle(swift):
                file.back_to(before)
                return
            self._unsynced = True
        if durable:
            try:
                file.sync()
            except TrailUnwritable:
                file.back_to(kept)
                raise
            if self._settle(durable):
                self._unsynced = False
            else:
                file.back_to(kept)

    def _settle(self, entries: list[Entry]) -> bool:
        """Reports that they are written; False when they were given up meanwhile."""
        with self._changed:
            if not self._pending:
                return False
            ended = set(entries)
            self._pending = [entry for entry in self._pending if entry not in ended]
        self._report(entries, None)
        return True

    def _fail(self, error: TrailUnwritable) -> None:
        with self._changed:
            failed, self._pending = self._pending, []
            given_up, self._given_up, self._late = self._given_up, 0, False
        if self._gap is None:
            self._gap = Gap(timestamp(self._clock.now()), str(error))
        self._gap.refused += given_up + _records(failed)
        self._report(failed, error)

    def _own_up(self) -> None:
        """The disk answered, but too late for some: that is an error like any other."""
        with self._changed:
            late = self._late
        if late:
            raise TrailUnwritable(f"the disk of {self._file.path} did not answer in time")

    def _sync(self) -> None:
        self._unsynced = False
        self._file.sync()

    def _be_ready(self) -> None:
        """Opens the file if it is not open, and writes why the chain begins or goes on here."""
        if not self._file.in_place():
            self._opened = self._file.open()
        if self._opened is None and self._gap is None:
            return
        before = self._file.mark
        self._file.append([encode(self._opening(before.position.hash))])
        try:
            self._file.sync()
        except TrailUnwritable:
            self._file.back_to(before)
            raise
        self._opened = self._gap = None
        done: Deferred[None] = Deferred()
        self._report([Entry(None, True, Event.STREAM_OPENED, 0.0, done)], None)

    def _opening(self, previous: str) -> Record:
        detail: dict[str, object] = {**self._detail}
        if self._opened is not None:
            detail.update(self._opened.detail())
        else:
            detail.update(reason="writable", previous=previous)
        if self._gap is not None:
            detail["gap"] = self._gap.detail()
        return Record(self._clock.now(), Event.STREAM_OPENED, "", detail=detail)


@dataclass(slots=True)
class Gap:
    """A time in which nothing could be written: since when, why, and how many were refused."""

    since: str
    error: str
    refused: int = 0

    def detail(self) -> dict[str, object]:
        return {"since": self.since, "error": self.error, "refused": self.refused}


def _records(entries: Sequence[Entry]) -> int:
    """How many of them are records: not those that only try the trail."""
    return sum(entry.event is not None for entry in entries)
