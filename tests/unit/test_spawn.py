"""Tasks: failures are logged with a name, and shutdown can wait for what runs."""

# mypy: allow-untyped-calls

from __future__ import annotations

from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from ippgate.spawn import Tasks


class Defect(Exception):
    """What a coroutine fails with."""


class TasksTest(SynchronousTestCase):
    def setUp(self) -> None:
        self.tasks = Tasks()
        self.gate: Deferred[None] = Deferred()
        self.done: list[str] = []

    async def work(self, name: str, error: Exception | None = None) -> None:
        await self.gate
        if error is not None:
            raise error
        self.done.append(name)

    def wait(self) -> Deferred[Any]:
        return Deferred.fromCoroutine(self.tasks.wait())

    def test_runs_on_its_own(self) -> None:
        self.tasks.spawn(self.work("a"), "work a")
        assert (len(self.tasks), self.done) == (1, [])
        self.gate.callback(None)
        assert (len(self.tasks), self.done) == (0, ["a"])

    def test_what_ends_at_once_is_not_kept(self) -> None:
        self.gate.callback(None)
        self.tasks.spawn(self.work("a"), "work a")
        assert (len(self.tasks), self.done) == (0, ["a"])

    def test_waiting_ends_with_the_last_task(self) -> None:
        other: Deferred[None] = Deferred()

        async def more() -> None:
            await other

        self.tasks.spawn(self.work("a"), "work a")
        self.tasks.spawn(more(), "more")
        waiting = self.wait()
        self.gate.callback(None)
        self.assertNoResult(waiting)
        other.callback(None)
        self.successResultOf(waiting)
        assert len(self.tasks) == 0

    def test_nothing_to_wait_for(self) -> None:
        self.successResultOf(self.wait())

    def test_who_waits_no_longer_ends_nothing(self) -> None:
        self.tasks.spawn(self.work("a"), "a")
        waiting = self.wait()
        waiting.cancel()
        self.failureResultOf(waiting, CancelledError)
        assert len(self.tasks) == 1
        self.gate.callback(None)
        assert len(self.tasks) == 0

    def test_a_failure_is_logged_and_goes_no_further(self) -> None:
        names: list[object] = []

        @implementer(ILogObserver)
        def observe(event: LogEvent) -> None:
            names.append(event.get("what"))

        globalLogPublisher.addObserver(observe)
        self.addCleanup(globalLogPublisher.removeObserver, observe)
        self.tasks.spawn(self.work("a", Defect("broken")), "the audit's rotation")
        waiting = self.wait()
        self.gate.callback(None)
        self.successResultOf(waiting)
        assert len(self.tasks) == 0
        (failure,) = self.flushLoggedErrors(Defect)
        assert str(failure.value) == "broken"
        assert "the audit's rotation" in names
