"""When printers are asked about their jobs: soon after one was made, then less and less often while
nothing changes, and not at all while there are none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from ippgate.exchange.following import Look
from ippgate.exchange.ports import LedgerUnavailable, PrinterUnavailable, TrailUnwritable
from ippgate.reactor import Reactor
from ippgate.spawn import Tasks

SOON_SECONDS = 2.0
LATE_SECONDS = 30.0
"""Between looks at a printer whose jobs do not change."""
SLOWER = 1.5
OTHERS_SECONDS = 60.0
"""Between looks for jobs of gateways that are gone."""
CLAIM_SECONDS = 5.0
"""How much longer than until the next look but one a printer is this gateway's to ask: after that
another may, or the same one when it was killed and started again."""

_log = Logger()


class Follower:
    """Looks at printers by name. ``look`` asks one, which is this gateway's to ask for so many
    seconds; ``busy`` names all with jobs."""

    def __init__(
        self,
        names: Iterable[str],
        look: Callable[[str, float], Awaitable[Look]],
        busy: Callable[[], Awaitable[set[str]]],
        reactor: Reactor,
    ) -> None:
        self._look = look
        self._busy = busy
        self._reactor = reactor
        self._tasks = Tasks()
        self._delays = dict.fromkeys(names, SOON_SECONDS)
        self._timers: dict[str, IDelayedCall] = {}
        self._looking: set[str] = set()
        self._others: IDelayedCall | None = None
        self._running = False

    def start(self) -> None:
        """Looks at once for jobs that were left from before."""
        self._running = True
        self._look_for_others(0.0)

    async def stop(self) -> None:
        """Begins no further look, and waits for those that run."""
        self._running = False
        for timer in (*self._timers.values(), self._others):
            if timer is not None and timer.active():
                timer.cancel()
        self._timers.clear()
        await self._tasks.wait()

    def wake(self, name: str) -> None:
        """There is something new at a printer."""
        if name in self._delays:
            self._delays[name] = SOON_SECONDS
            self._plan(name)

    def _plan(self, name: str, delay: float | None = None) -> None:
        if not self._running or name in self._looking:
            return
        timer = self._timers.get(name)
        delay = self._delays[name] if delay is None else delay
        if timer is not None and timer.active():
            if timer.getTime() - self._reactor.seconds() <= delay:
                return
            timer.cancel()
        self._timers[name] = self._reactor.callLater(delay, self._begin, name)

    def _begin(self, name: str) -> None:
        self._looking.add(name)
        self._tasks.spawn(self._once(name), f"following the jobs of printer {name}")

    async def _once(self, name: str) -> None:
        again = True
        before, self._delays[name] = self._delays[name], LATE_SECONDS
        try:
            next_but_one = 2 * min(before * SLOWER, LATE_SECONDS)
            found = await self._look(name, next_but_one + CLAIM_SECONDS)
            again = found.unfinished > 0 or not found.ours
            slower = SOON_SECONDS if found.changed else min(before * SLOWER, LATE_SECONDS)
        except (LedgerUnavailable, PrinterUnavailable, TrailUnwritable):
            # Each is told where it concerns somebody; here it is only tried again.
            slower = min(before * 2, LATE_SECONDS)
        finally:
            self._looking.discard(name)
            # Somebody may have called wake meanwhile.
            woken = self._delays[name] == SOON_SECONDS
        if not woken:
            self._delays[name] = slower
        if again or woken:
            self._plan(name)

    def _look_for_others(self, delay: float | None = None) -> None:
        self._tasks.spawn(self._wake_busy(delay), "looking for jobs that nobody follows")
        self._others = self._reactor.callLater(OTHERS_SECONDS, self._look_for_others)

    async def _wake_busy(self, delay: float | None) -> None:
        with suppress(LedgerUnavailable):
            for name in await self._busy():
                if name in self._delays:
                    self._plan(name, delay)
