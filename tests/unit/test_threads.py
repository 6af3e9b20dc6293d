"""Blocking calls: bounded in number and in time."""

import threading
from typing import cast

import pytest
from twisted.internet import reactor as global_reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import TestCase

from ippgate.reactor import Reactor
from ippgate.threads import BoundedThreads, Overloaded, TooLate


class Calls(TestCase):
    def setUp(self) -> None:
        self.release = threading.Event()
        self.threads = BoundedThreads(cast(Reactor, global_reactor), "test", 1, 1)
        self.addCleanup(self.threads.stop)
        self.addCleanup(self.release.set)

    def hang(self) -> str:
        self.release.wait(10)
        return "released"

    def call(self, seconds: float = 5.0) -> Deferred[str]:
        return Deferred.fromCoroutine(
            self.threads.call(self.hang, seconds=seconds, late=self.release.set)
        )

    async def test_results_and_errors_come_back(self) -> None:
        assert await self.threads.call(threading.get_ident, seconds=5) != threading.get_ident()
        with pytest.raises(ZeroDivisionError):
            await self.threads.call(lambda: 1 // 0, seconds=5)

    async def test_more_than_may_wait_is_refused_at_once(self) -> None:
        running, waiting = self.call(), self.call()

        with pytest.raises(Overloaded):
            await self.threads.call(self.hang, seconds=5)

        self.release.set()
        assert (await running, await waiting) == ("released", "released")
        assert await self.threads.call(lambda: "again", seconds=5) == "again"

    async def test_a_call_that_takes_too_long_is_given_up_and_told_so(self) -> None:
        with pytest.raises(TooLate):
            await self.call(seconds=0.05)
        assert self.release.is_set()

    async def test_a_call_that_waited_too_long_is_not_begun(self) -> None:
        begun = threading.Event()
        running = self.call()

        with pytest.raises(TooLate):
            await self.threads.call(begun.set, seconds=0.05)

        self.release.set()
        await running
        assert await self.threads.call(lambda: "next", seconds=5) == "next"
        assert not begun.is_set()

    async def test_whoever_goes_away_frees_the_thread(self) -> None:
        running = self.call()
        running.cancel()

        with pytest.raises(CancelledError):
            await running
        assert self.release.is_set()

    async def test_a_call_that_came_too_late_still_counts_until_it_ends(self) -> None:
        hanging = threading.Event()
        self.addCleanup(hanging.set)
        for _ in range(2):
            with pytest.raises(TooLate):
                await self.threads.call(lambda: hanging.wait(10), seconds=0.02)
        with pytest.raises(Overloaded):
            await self.threads.call(self.hang, seconds=5)
        hanging.set()

    async def test_stopping_ends_every_call(self) -> None:
        threads = BoundedThreads(cast(Reactor, global_reactor), "test", 1, 5)
        calls = [
            Deferred.fromCoroutine(threads.call(self.hang, seconds=9, late=self.release.set))
            for _ in range(3)
        ]
        threads.stop()
        for call in calls:
            with pytest.raises(TooLate):
                await call
        with pytest.raises(TooLate):
            await threads.call(self.hang, seconds=9)
