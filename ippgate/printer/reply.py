"""The body of a printer's reply, as the gate reads it."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime

from ippgate.exchange.ports import PrinterUnavailable
from ippgate.flow import Inflow
from ippgate.printer.limits import REPLY_RATE


class Reply:
    """Implements the port PrinterReply: octets within ``gap`` seconds of each other, and REPLY_RATE
    on average. ``unwanted`` is called when nobody reads the rest."""

    def __init__(
        self, inflow: Inflow, clock: IReactorTime, gap: float, unwanted: Callable[[], None]
    ) -> None:
        self._unwanted = unwanted
        self._inflow = inflow
        self._clock = clock
        self._gap = gap
        self._octets = 0
        self._waited = 0.0

    async def read(self) -> bytes:
        """The next octets; ``b""`` at the end. Raises PrinterUnavailable."""
        if self._inflow.size or self._inflow.complete:
            octets = await self._inflow.read()
        else:
            octets = await self._awaited()
        self._octets += len(octets)
        return octets

    async def _awaited(self) -> bytes:
        """Octets that have yet to come. What was brought earns time to wait for more."""
        allowed = self._gap + self._octets / REPLY_RATE - self._waited
        late = PrinterUnavailable("its reply came too slowly, or broke off", sent=True)
        started = self._clock.seconds()
        seconds = max(0.0, min(self._gap, allowed))
        timer = self._clock.callLater(seconds, self._inflow.fail, late)
        try:
            return await self._inflow.read()
        finally:
            self._waited += self._clock.seconds() - started
            if timer.active():
                timer.cancel()

    def abandon(self) -> None:
        """The rest is not read: the connection is kept only if it ends within a moment."""
        if not self._inflow.complete:
            self._unwanted()
