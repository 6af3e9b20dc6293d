"""When printers are asked about their jobs."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from ippgate.exchange.following import Look
from ippgate.exchange.ports import PrinterUnavailable
from ippgate.ledger.follower import LATE_SECONDS, OTHERS_SECONDS, SOON_SECONDS, Follower
from ippgate.reactor import Reactor


class Looks(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.looks: list[tuple[float, str]] = []
        self.found: Look | Exception = Look(0, changed=False)
        self.busy: set[str] = set()
        self.follower = Follower(
            ["lab-1", "lab-2"], self.look, self.who_is_busy, cast(Reactor, self.clock)
        )
        self.follower.start()

    async def look(self, name: str, seconds: float) -> Look:
        self.looks.append((self.clock.seconds(), name))
        assert seconds > SOON_SECONDS
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    async def who_is_busy(self) -> set[str]:
        return self.busy

    def pass_seconds(self, seconds: float) -> None:
        self.clock.pump([0.5] * int(seconds * 2))

    def test_nobody_is_asked_while_there_is_nothing(self) -> None:
        self.pass_seconds(300)
        assert self.looks == []

    def test_a_new_job_is_looked_at_soon_and_a_printer_without_jobs_no_more(self) -> None:
        self.follower.wake("lab-1")
        self.follower.wake("lab-1")
        self.pass_seconds(300)
        assert self.looks == [(SOON_SECONDS, "lab-1")]

    def test_looks_become_rare_while_nothing_changes(self) -> None:
        self.found = Look(1, changed=False)
        self.follower.wake("lab-1")
        self.pass_seconds(300)
        times = [time for time, _ in self.looks]
        gaps = [after - before for before, after in pairwise(times)]
        assert gaps == sorted(gaps)
        assert gaps[-1] == LATE_SECONDS

    def test_news_makes_them_frequent_again(self) -> None:
        self.found = Look(1, changed=False)
        self.follower.wake("lab-1")
        self.pass_seconds(300)
        before = len(self.looks)
        self.follower.wake("lab-1")
        self.pass_seconds(SOON_SECONDS + 0.5)
        assert len(self.looks) == before + 1

    def test_a_printer_that_does_not_answer_is_asked_again(self) -> None:
        self.found = PrinterUnavailable("off")
        self.follower.wake("lab-1")
        self.pass_seconds(120)
        assert len(self.looks) > 3
        self.found = Look(0, changed=True)
        self.pass_seconds(120)
        before = len(self.looks)
        self.pass_seconds(120)
        assert len(self.looks) == before

    def test_jobs_of_a_gateway_that_is_gone_are_found(self) -> None:
        self.busy = {"lab-2", "of another configuration"}
        self.pass_seconds(OTHERS_SECONDS + SOON_SECONDS + 1)
        assert [name for _, name in self.looks] == ["lab-2"]

    def test_nothing_is_asked_after_the_end(self) -> None:
        self.follower.wake("lab-1")
        self.successResultOf(Deferred.fromCoroutine(self.follower.stop()))
        self.follower.wake("lab-1")
        self.pass_seconds(300)
        assert self.looks == []
        assert self.clock.getDelayedCalls() == []
