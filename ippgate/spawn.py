"""Fire and forget, without forgetting: failures are logged, and shutdown can wait for what runs."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger
from twisted.python.failure import Failure

_log = Logger()


class Tasks:
    """Coroutines that run on their own, each with a name for the log."""

    def __init__(self) -> None:
        self._running: set[Deferred[None]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def spawn(self, coroutine: Coroutine[Deferred[Any], Any, Any], what: str) -> None:
        """Starts ``coroutine``. A failure is logged as a defect of ``what``; nobody else hears of
        it."""
        task: Deferred[Any] = Deferred.fromCoroutine(coroutine)
        self._running.add(task)

        def done(result: object) -> None:
            self._running.discard(task)
            if isinstance(result, Failure):
                _log.failure("{what} failed", failure=result, what=what)

        task.addBoth(done)  # type: ignore[unused-awaitable]

    async def wait(self) -> None:
        """Returns when all that runs now has ended. To cancel the wait cancels nothing else."""
        ended: Deferred[None] = Deferred()
        running = DeferredList(list(self._running), consumeErrors=True)
        running.addCallback(lambda _: ended.callback(None))  # type: ignore[unused-awaitable]
        await ended
