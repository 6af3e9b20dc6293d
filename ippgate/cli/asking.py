"""Runs the reactor for as long as one question takes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from ippgate.reactor import Reactor

T = TypeVar("T")


def ask(question: Callable[[Reactor], Coroutine[Deferred[Any], Any, T]]) -> T:
    """What the question brings, or raises. Once in a process."""
    from twisted.internet import reactor

    ended: list[T | Failure] = []

    def end(result: T | Failure) -> None:
        ended.append(result)
        reactor.stop()

    def begin() -> None:
        asked = Deferred.fromCoroutine(question(reactor))  # type: ignore[arg-type]
        asked.addBoth(end)  # type: ignore[unused-awaitable]

    reactor.callWhenRunning(begin)
    reactor.run()
    if not ended:
        raise KeyboardInterrupt
    (result,) = ended
    if isinstance(result, Failure):
        result.raiseException()
    return result
