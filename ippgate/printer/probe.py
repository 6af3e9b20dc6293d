"""Asks printers how they are when nobody else does, so that a printer that comes back, or goes, is
noticed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from ippgate.exchange.capabilities import Question, Snapshot
from ippgate.exchange.ports import PrinterUnavailable
from ippgate.spawn import Tasks

PROBE_SECONDS = 30.0
"""Between questions to a printer that answers."""
SILENT_SECONDS = 5.0
"""Between questions to one that does not."""
AT_ONCE = 50
"""Printers that are asked at the same moment; others follow in the next one."""
MOMENT_SECONDS = 0.1

QUESTION = Question((1, 1), "en", None, False)
"""What every IPP printer answers."""


class Probed(Protocol):
    """A printer that knows when it last answered."""

    @property
    def last_answered(self) -> float | None:
        """On the reactor's clock; None when it does not answer, or was never asked."""

    async def capabilities(self, question: Question) -> Snapshot: ...


class Probe:
    """Asks each of many printers in turn, until it is stopped."""

    def __init__(self, printers: Iterable[Probed], clock: IReactorTime) -> None:
        self._printers = list(printers)
        self._clock = clock
        self._tasks = Tasks()
        self._timers: set[IDelayedCall] = set()
        self._stopped = False

    def start(self) -> None:
        """Begins at once, a few printers at a moment."""
        for number, printer in enumerate(self._printers):
            self._later(number // AT_ONCE * MOMENT_SECONDS, printer)

    def stop(self) -> None:
        """Asks nobody any more."""
        self._stopped = True
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _later(self, seconds: float, printer: Probed) -> None:
        if self._stopped:
            return

        def due() -> None:
            self._timers.discard(timer)
            self._tasks.spawn(self._ask(printer), "probing a printer")

        timer = self._clock.callLater(seconds, due)
        self._timers.add(timer)

    async def _ask(self, printer: Probed) -> None:
        try:
            seconds = await self._asked(printer)
        except PrinterUnavailable:  # counted by the printer's own side
            seconds = SILENT_SECONDS
        self._later(seconds, printer)

    async def _asked(self, printer: Probed) -> float:
        """Asks unless somebody else did; the seconds until it is looked at again."""
        since = printer.last_answered
        if since is not None:
            rest = since + PROBE_SECONDS - self._clock.seconds()
            if rest > 0:
                return rest
        await printer.capabilities(QUESTION)
        return PROBE_SECONDS if printer.last_answered is not None else SILENT_SECONDS
