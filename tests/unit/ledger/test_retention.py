"""Old jobs are forgotten a few at a time, once an hour."""

from __future__ import annotations

from typing import cast

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from ippgate.exchange.ports import LedgerUnavailable
from ippgate.ledger.ledger import SqlLedger
from ippgate.ledger.retention import FIRST_SECONDS, HOUR, PAUSE_SECONDS, Retention
from ippgate.reactor import Reactor


class FakeLedger:
    def __init__(self) -> None:
        self.batches: list[int] = []
        self.kept: list[float] = []
        self.counters = 0
        self.down = False

    async def purge(self, keep: float) -> int:
        if self.down:
            raise LedgerUnavailable("down")
        self.kept.append(keep)
        return self.batches.pop(0) if self.batches else 0

    async def purge_counters(self) -> None:
        self.counters += 1


class Forgetting(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.ledger = FakeLedger()
        self.retention = Retention(cast(SqlLedger, self.ledger), 90.0, cast(Reactor, self.clock))
        self.retention.start()

    def test_in_batches_with_a_pause_for_others_between(self) -> None:
        self.ledger.batches = [200, 200, 7]
        self.clock.advance(FIRST_SECONDS)
        assert self.ledger.kept == [90.0]
        for _ in range(3):
            self.clock.advance(PAUSE_SECONDS)
        assert len(self.ledger.kept) == 4
        assert self.ledger.counters == 1

    def test_every_hour_whatever_happened_before(self) -> None:
        self.ledger.down = True
        self.clock.advance(FIRST_SECONDS)
        self.ledger.down = False
        self.clock.advance(HOUR)
        assert len(self.ledger.kept) == 1

    def test_it_stops_between_batches(self) -> None:
        self.ledger.batches = [200] * 100
        self.clock.advance(FIRST_SECONDS)
        stopped = Deferred.fromCoroutine(self.retention.stop())
        assert not stopped.called
        self.clock.advance(PAUSE_SECONDS)
        self.successResultOf(stopped)
        assert len(self.ledger.kept) == 1
        assert self.clock.getDelayedCalls() == []
