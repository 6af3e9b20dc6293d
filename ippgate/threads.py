"""Blocking calls in threads: so many at once, so many waiting, each with a deadline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from ippgate.reactor import Reactor

T = TypeVar("T")


class Overloaded(Exception):
    """All threads are busy, and as many calls wait as may."""


class TooLate(Exception):
    """The call did not end in time, or the threads were stopped."""


class BoundedThreads:
    """Threads for one kind of blocking call. They start when they are first needed."""

    def __init__(self, reactor: Reactor, name: str, threads: int, waiting: int) -> None:
        """``threads`` calls run at once, ``waiting`` more may wait for a thread."""
        self._reactor = reactor
        self._most = threads + waiting
        self._pool = ThreadPool(0, threads, name)
        self._calls: set[_Call[object]] = set()
        # A call that came too late keeps its thread until it ends, so it counts until then.
        self._unfinished = 0
        self._pool.start()

    async def call(
        self, work: Callable[[], T], *, seconds: float, late: Callable[[], None] | None = None
    ) -> T:
        """What ``work`` returns or raises, in a thread.

        Raises Overloaded at once, or TooLate after ``seconds``; ``late`` is called in the reactor's
        thread then, and whenever nobody waits for the answer any more, so that ``work`` can be
        made to end soon. What ``work`` brings after that is dropped.
        """
        if self._pool.joined:
            raise TooLate
        if self._unfinished >= self._most:
            raise Overloaded
        call = _Call(self, work, late)
        self._unfinished += 1
        self._calls.add(call)  # type: ignore[arg-type]
        call.timer = self._reactor.callLater(seconds, call.give_up)
        self._pool.callInThreadWithCallback(call.ran, call.run)
        try:
            return await call.answer
        finally:
            self._calls.discard(call)

    def stop(self) -> None:
        """Ends every call with TooLate, and waits for the threads."""
        calls = list(self._calls)
        # All first: a thread that becomes free must not begin another.
        for call in calls:
            call.withdraw()
        for call in calls:
            call.give_up()
        self._pool.stop()

    def from_thread(self, function: Callable[[], None]) -> None:
        self._reactor.callFromThread(function)

    def finished(self) -> None:
        self._unfinished -= 1


class _Call(Generic[T]):
    def __init__(
        self, threads: BoundedThreads, work: Callable[[], T], late: Callable[[], None] | None
    ) -> None:
        self._threads = threads
        self._work = work
        self._late = late
        self._given_up = False
        self.timer: IDelayedCall | None = None
        self.answer: Deferred[T] = Deferred(lambda _: self._abandon())

    def run(self) -> T:
        """In a thread. A call that nobody waits for any more is not begun."""
        if self._given_up:
            raise TooLate
        return self._work()

    def ran(self, ok: bool, result: T | Failure) -> None:
        """In a thread."""
        self._threads.from_thread(lambda: self._finish(result))
        del ok

    def withdraw(self) -> None:
        """If it has not begun, it will not."""
        self._given_up = True

    def give_up(self) -> None:
        """In the reactor's thread: nobody waits any longer."""
        if not self.answer.called:
            self._abandon()
            self.answer.errback(TooLate())

    def _abandon(self) -> None:
        self._given_up = True
        self._stop_timer()
        if self._late is not None:
            self._late()

    def _finish(self, result: T | Failure) -> None:
        self._threads.finished()
        self._stop_timer()
        if not self.answer.called and not self._given_up:
            if isinstance(result, Failure):
                self.answer.errback(result)
            else:
                self.answer.callback(result)

    def _stop_timer(self) -> None:
        if self.timer is not None and self.timer.active():
            self.timer.cancel()
