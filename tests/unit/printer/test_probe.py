"""When printers are asked although nobody wants to print."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from ippgate.exchange.capabilities import Question, Snapshot
from ippgate.exchange.ports import PrinterUnavailable
from ippgate.ipp.message import Message
from ippgate.printer.probe import AT_ONCE, PROBE_SECONDS, SILENT_SECONDS, Probe


class Printer:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.asked: list[float] = []
        self.up = True
        self.ever = True
        self.last_answered: float | None = None

    async def capabilities(self, question: Question) -> Snapshot:
        self.asked.append(self.clock.seconds())
        self.last_answered = self.clock.seconds() if self.up else None
        if not self.ever:
            raise PrinterUnavailable("off")
        return Snapshot(Message((1, 1), 0, 1, ()))


class ProbeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.printer = Printer(self.clock)
        self.probe = Probe([self.printer], self.clock)
        self.probe.start()
        self.clock.advance(0)

    def pass_(self, seconds: float) -> None:
        for _ in range(int(seconds)):
            self.clock.advance(1)

    def test_one_that_answers_is_asked_now_and_then(self) -> None:
        self.pass_(3 * PROBE_SECONDS)
        assert self.printer.asked == [0, PROBE_SECONDS, 2 * PROBE_SECONDS, 3 * PROBE_SECONDS]

    def test_one_that_others_ask_is_not(self) -> None:
        for _ in range(10):
            self.pass_(PROBE_SECONDS / 2)
            self.printer.last_answered = self.clock.seconds()
        assert self.printer.asked == [0]

    def test_one_that_does_not_answer_is_asked_often(self) -> None:
        for self.printer.ever in (True, False):  # known from before, and not
            self.printer.up = False
            self.pass_(PROBE_SECONDS)
            asked = len(self.printer.asked)
            self.pass_(10 * SILENT_SECONDS)
            assert len(self.printer.asked) - asked == 10

    def test_many_are_not_asked_at_the_same_moment(self) -> None:
        printers = [Printer(self.clock) for _ in range(10 * AT_ONCE)]
        Probe(printers, self.clock).start()
        self.clock.advance(0)
        assert sum(bool(printer.asked) for printer in printers) == AT_ONCE
        self.clock.advance(1)
        assert all(printer.asked for printer in printers)

    def test_stopped_it_asks_nobody(self) -> None:
        self.probe.stop()
        self.pass_(3 * PROBE_SECONDS)
        assert self.printer.asked == [0]
        assert self.clock.getDelayedCalls() == []
