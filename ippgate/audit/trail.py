"""The trail as the exchange sees it: one file, written by a thread of its own.

Records that wait together are written together: one write and, when one of them is durable, one
sync. A record that need not be durable waits for the write alone, so that a full disk is noticed by
the very request that could not be recorded.

Whatever goes wrong with the disk, the words reach whoever waits as TrailUnwritable, and what could
not be written is in no file. Every record that comes later tries again, and so does this trail by
itself once a second: it recovers without a restart. ``stream.opened`` then says how long nothing
was written, why, and how many records were refused.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from ippgate.audit.events import Event, Record
from ippgate.audit.file import TrailFile
from ippgate.audit.line import STREAM, encode
from ippgate.audit.writer import Entry, Writer
from ippgate.exchange.ports import Clock, TrailUnwritable
from ippgate.reactor import Reactor

DISK_SECONDS = 5.0
"""How long a record waits for the disk. A disk that takes longer serves nobody."""
WATCH_SECONDS = 0.5
"""Between looks at records that wait: they are given up within DISK_SECONDS and this."""
PROBE_SECONDS = 1.0
"""Between tries while the trail cannot be written and nobody asks."""

_log = Logger()


class TrailMeter(Protocol):
    """Counts records. Called in the reactor's thread; never raises."""

    def recorded(self, *, event: str) -> None:
        """``ippgate_audit_records_total{event}``."""

    def writable(self, *, writable: bool) -> None:
        """``ippgate_audit_writable``; called when it changes, and at the start."""


class FileTrail:
    """An audit trail in one file: ``exchange.ports.Trail``.

    ``stream``: what the stream is called (letters, digits, ``._-``); without it a new file gets
    eight random hexadecimal digits, and an existing one keeps what it has. Start it after any fork:
    a lock belongs to the process. ``direct``: whether records that need not be durable may be
    written in the reactor's thread (``Writer.write_now``).
    """

    def __init__(
        self,
        path: Path,
        reactor: Reactor,
        clock: Clock,
        meter: TrailMeter,
        *,
        stream: str | None = None,
        direct: bool = True,
    ) -> None:
        if stream is not None and not STREAM.fullmatch(stream):
            raise ValueError(f"a stream is called by letters, digits and ._-: {stream!r}")
        self._path = path
        self._reactor = reactor
        self._clock = clock
        self._meter = meter
        self._file = TrailFile(
            path, stream if stream is not None else secrets.token_hex(4), required=bool(stream)
        )
        self._direct = direct
        self._closing = False
        self._writer: Writer | None = None
        self._ended: Deferred[None] = Deferred()
        self._writable: bool | None = None
        self._hangs: str | None = None
        self._watch: IDelayedCall | None = None
        self._probe_at = 0.0

    async def start(self, detail: dict[str, object]) -> None:
        """Opens and recovers the file and writes ``stream.opened`` with ``detail``.

        Raises TrailUnwritable: the folder is missing, the file is locked by another gateway, is no
        trail, or cannot be written.
        """
        self._writer = Writer(self._file, self._clock, self._reported, self._thread_ended, detail)
        self._ended = Deferred()
        self._closing = False
        self._writer.start()
        try:
            await self._submit(None, durable=True, event=None)
        except TrailUnwritable:
            await self._finish()
            raise

    async def record(self, record: Record, *, durable: bool) -> None:
        """Appends a record; with ``durable``, returns when it is synced to the disk.

        Raises TrailUnwritable; the record is then in no file and will be in none. Raises ValueError
        when the record's time has no zone.
        """
        if self._closing:
            raise TrailUnwritable(f"the trail {self._path} is closed")
        body = encode(record)
        if not durable and self._direct and self._writer is not None and self._writable:
            if self._writer.write_now(body, self._clock.monotonic()):
                self._meter.recorded(event=record.event.value)
                return
        await self._submit(body, durable=durable, event=record.event)

    async def stop(self) -> None:
        """Writes ``stream.closed``, syncs, and closes the file. Later records are refused.

        When the disk refuses even that, it is logged; the stream then reads as crashed.
        """
        if self._writer is None:
            return
        closed = Record(self._clock.now(), Event.STREAM_CLOSED, "")
        self._closing = True
        try:
            await self._submit(encode(closed), durable=True, event=closed.event)
        except TrailUnwritable as error:
            _log.error("The audit trail was not closed in good order: {error}", error=str(error))
        await self._finish()

    # --- waiting ----------------------------------------------------------------------------------

    async def _submit(self, body: bytes | None, *, durable: bool, event: Event | None) -> None:
        if self._writer is None:
            raise TrailUnwritable(f"the trail {self._path} is not open")
        if self._hangs is not None:
            raise TrailUnwritable(self._hangs)
        done: Deferred[None] = Deferred()
        self._writer.submit(Entry(body, durable, event, self._clock.monotonic(), done))
        self._keep_watch()
        await done

    def _keep_watch(self) -> None:
        if self._watch is None:
            self._watch = self._reactor.callLater(WATCH_SECONDS, self._look)

    def _look(self) -> None:
        """Gives up what waits too long for the disk; tries the disk when it failed."""
        self._watch = None
        writer, now = self._writer, self._clock.monotonic()
        if writer is None:
            return
        late = writer.overdue(now - DISK_SECONDS)
        if late:
            self._hangs = f"the disk of {self._path} does not answer"
            self._ended_with(late, TrailUnwritable(self._hangs))
        elif not self._writable and self._hangs is None and now >= self._probe_at:
            if not writer.busy:
                self._probe_at = now + PROBE_SECONDS
                probe = Deferred.fromCoroutine(self._submit(None, durable=True, event=None))
                probe.addErrback(_refused)  # type: ignore[unused-awaitable]
        # Who waited may have stopped the trail on hearing that.
        if self._writer is writer and (writer.busy or not self._writable):
            self._keep_watch()

    async def _finish(self) -> None:
        """Ends the thread; does not wait for one that hangs."""
        writer, self._writer = self._writer, None
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if writer is not None:
            writer.finish()
            if self._hangs is None:
                try:
                    await self._ended.addTimeout(DISK_SECONDS, self._reactor)
                except TimeoutError:
                    _log.error("The disk of {path} does not answer", path=str(self._path))

    # --- what the writer says ---------------------------------------------------------------------

    def _reported(self, entries: Sequence[Entry], error: TrailUnwritable | None) -> None:
        self._reactor.callFromThread(self._heard, entries, error)

    def _thread_ended(self) -> None:
        self._reactor.callFromThread(self._ended.callback, None)

    def _heard(self, entries: Sequence[Entry], error: TrailUnwritable | None) -> None:
        self._hangs = None
        self._ended_with(entries, error)

    def _ended_with(self, entries: Sequence[Entry], error: TrailUnwritable | None) -> None:
        self._note(error)
        for entry in entries:
            if error is not None:
                # One each: an exception that is raised to several waiters gathers their traces.
                entry.done.errback(TrailUnwritable(str(error)))
                continue
            if entry.event is not None:
                self._meter.recorded(event=entry.event.value)
            entry.done.callback(None)

    def _note(self, error: TrailUnwritable | None) -> None:
        writable = error is None
        if writable == self._writable:
            return
        if error is not None:
            _log.error("The audit trail: {error}. Requests are refused", error=str(error))
        elif self._writable is not None:
            _log.info("The audit trail {path} can be written again", path=str(self._path))
        self._writable = writable
        self._meter.writable(writable=writable)
        if error is not None and self._writer is not None:
            self._keep_watch()


def _refused(failure: Failure) -> None:
    """A probe that failed says nothing new."""
    failure.trap(TrailUnwritable)  # type: ignore[no-untyped-call]
