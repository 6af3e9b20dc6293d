"""Replies that come slowly."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from ippgate.exchange.ports import PrinterUnavailable
from ippgate.flow import Inflow
from ippgate.printer.limits import REPLY_RATE
from ippgate.printer.reply import Reply

GAP = 30.0


class ReplyTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.inflow = Inflow(lambda: None, lambda: None)
        self.dropped: list[None] = []
        self.reply = Reply(self.inflow, self.clock, GAP, lambda: self.dropped.append(None))

    def read(self) -> Deferred[bytes]:
        return Deferred.fromCoroutine(self.reply.read())

    def test_a_gap_ends_it(self) -> None:
        reading = self.read()
        self.clock.advance(GAP - 1)
        self.assertNoResult(reading)  # type: ignore[no-untyped-call]
        self.clock.advance(1)
        failure = self.failureResultOf(reading, PrinterUnavailable)  # type: ignore[no-untyped-call]
        assert "too slowly, or broke off" in str(failure.value)
        assert failure.value.sent

    def test_dripping_ends_it(self) -> None:
        started = self.clock.seconds()
        while True:
            reading = self.read()
            self.clock.advance(GAP / 4)
            if reading.called:
                break
            self.inflow.push(b"x")
            self.successResultOf(reading)
        self.failureResultOf(reading, PrinterUnavailable)  # type: ignore[no-untyped-call]
        assert self.clock.seconds() - started < 2 * GAP

    def test_a_slow_link_does_not(self) -> None:
        for _ in range(100):
            reading = self.read()
            self.clock.advance(10)
            self.inflow.push(b"x" * REPLY_RATE * 10)
            self.successResultOf(reading)

    def test_a_reader_that_takes_its_time_does_not(self) -> None:
        self.inflow.push(b"x")
        self.clock.advance(10 * GAP)
        assert self.successResultOf(self.read()) == b"x"
        reading = self.read()
        self.inflow.end()
        assert self.successResultOf(reading) == b""
        assert self.clock.getDelayedCalls() == []

    def test_abandoned_it_drops_the_connection_unless_it_is_complete(self) -> None:
        self.inflow.push(b"x")
        self.reply.abandon()
        assert len(self.dropped) == 1
        self.inflow.end()
        self.reply.abandon()
        assert len(self.dropped) == 1
