"""Forgetting in time: a few rows, a pause, a few more; once an hour."""

from __future__ import annotations

from contextlib import suppress

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from ippgate.exchange.ports import LedgerUnavailable
from ippgate.ledger.ledger import SqlLedger
from ippgate.reactor import Reactor
from ippgate.spawn import Tasks

HOUR = 3600.0
FIRST_SECONDS = 30.0
"""After the start: that has enough to do."""
PAUSE_SECONDS = 0.2
"""Between batches: jobs that are made meanwhile have most of the ledger's time."""

_log = Logger()


class Retention:
    """Deletes jobs that are older than ``keep`` seconds."""

    def __init__(self, ledger: SqlLedger, keep: float, reactor: Reactor) -> None:
        self._ledger = ledger
        self._keep = keep
        self._reactor = reactor
        self._tasks = Tasks()
        self._timer: IDelayedCall | None = None
        self._running = False

    def start(self) -> None:
        self._running = True
        self._timer = self._reactor.callLater(FIRST_SECONDS, self._begin)

    async def stop(self) -> None:
        """Begins no further batch, and waits for the one that runs."""
        self._running = False
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        await self._tasks.wait()

    def _begin(self) -> None:
        self._timer = self._reactor.callLater(HOUR, self._begin)
        self._tasks.spawn(self._forget(), "forgetting old jobs")

    async def _forget(self) -> None:
        forgotten = 0
        with suppress(LedgerUnavailable):
            await self._ledger.purge_counters()
            while self._running and (deleted := await self._ledger.purge(self._keep)):
                forgotten += deleted
                await self._pause()
        if forgotten:
            _log.info("{count} jobs older than the retention were forgotten", count=forgotten)

    async def _pause(self) -> None:
        pause: Deferred[None] = Deferred()
        self._reactor.callLater(PAUSE_SECONDS, pause.callback, None)
        await pause
