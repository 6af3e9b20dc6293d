"""The ledger's database as the reactor sees it: bounded threads, a deadline on every call, and a
look once a second whether it is back when it was not there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TypeVar

from sqlalchemy import Connection, update
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from ippgate.exchange.ports import LedgerUnavailable
from ippgate.ledger import schema
from ippgate.ledger.connections import Connections, Cut, GivenUp
from ippgate.ledger.location import Location
from ippgate.reactor import Reactor
from ippgate.spawn import Tasks
from ippgate.threads import BoundedThreads, Overloaded, TooLate

T = TypeVar("T")

CALL_SECONDS = 5.0
"""How long anybody waits for the ledger."""
PROBE_SECONDS = 1.0
"""Between looks while it does not work."""
READERS = 3
WAITING = 200
"""Calls that wait for a thread, of each kind: more are refused at once."""

_log = Logger()


class LedgerMeter(Protocol):
    """Called in the reactor's thread; never raises."""

    def ledger_writable(self, *, writable: bool) -> None:
        """``ippgate_ledger_writable``; called when it changes, and at the start."""


class Database:
    """Transactions in threads. ``back``: called when it can be written again."""

    def __init__(
        self,
        location: Location,
        reactor: Reactor,
        meter: LedgerMeter,
        back: Callable[[], None] = lambda: None,
    ) -> None:
        self._connections = Connections(location)
        self._reactor = reactor
        self._meter = meter
        self._back = back
        # SQLite has one writer at a time: those that wait do so here, where waiting is cheap.
        writers = 1 if location.file is not None else READERS
        self._readers = BoundedThreads(reactor, "ledger-read", READERS, WAITING)
        self._writers = BoundedThreads(reactor, "ledger-write", writers, WAITING)
        self._trouble: str | None = "it was not opened yet"
        self._said: str | None = None
        self._probe: IDelayedCall | None = None
        self._stopped = False
        self._tasks = Tasks()

    @property
    def trouble(self) -> str | None:
        """What is wrong with it, in words; None when it was written when last tried."""
        return self._trouble

    async def start(self) -> None:
        """Opens it. When it cannot be, it is tried again until it can: never raises."""
        try:
            await self.write(_touch)
        except LedgerUnavailable:
            self._meter.ledger_writable(writable=False)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What ``work`` returns, in a transaction that changes nothing. Raises
        LedgerUnavailable."""
        return await self._call(self._readers, work, writes=False)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What ``work`` returns, when it is on the disk. What was given up is not kept.

        Raises LedgerUnavailable.
        """
        result = await self._call(self._writers, work, writes=True)
        if self._trouble is not None and not self._stopped:
            if self._said is not None:
                _log.info("The ledger works again")
            self._trouble = self._said = None
            self._meter.ledger_writable(writable=True)
            self._back()
        return result

    def stop(self) -> None:
        """Ends every call, joins the threads, closes the connections."""
        if self._stopped:
            return
        self._stopped = True
        if self._probe is not None and self._probe.active():
            self._probe.cancel()
        self._readers.stop()
        self._writers.stop()
        self._connections.close()

    async def _call(
        self, threads: BoundedThreads, work: Callable[[Connection], T], *, writes: bool
    ) -> T:
        cut = Cut()
        where = self._connections.location
        try:
            return await threads.call(
                lambda: self._connections.run(work, writes=writes, cut=cut),
                seconds=CALL_SECONDS,
                late=cut.cut,
            )
        except LedgerUnavailable as error:
            self._failed(str(error))
            raise
        except (TooLate, GivenUp):
            words = f"{where}: it did not answer within {CALL_SECONDS:g} s"
        except Overloaded:
            words = f"{where}: {WAITING} calls wait for it already"
        self._failed(words)
        raise LedgerUnavailable(words)

    def _failed(self, words: str) -> None:
        if self._stopped:
            return
        if self._trouble is None:
            self._meter.ledger_writable(writable=False)
        self._trouble = words
        if words != self._said:
            self._said = words
            _log.error("The ledger does not work, so no jobs are taken: {words}", words=words)
        if self._probe is None or not self._probe.active():
            self._probe = self._reactor.callLater(PROBE_SECONDS, self._look)

    def _look(self) -> None:
        self._tasks.spawn(self._try(), "looking whether the ledger is back")

    async def _try(self) -> None:
        with suppress(LedgerUnavailable):
            await self.write(_touch)


def _touch(connection: Connection) -> None:
    """The smallest write: it shows a full disk, too."""
    connection.execute(update(schema.version).values(version=schema.version.c.version))
