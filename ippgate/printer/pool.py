"""Connections to one printer: few, kept for a while, and given in turn."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import IAddress, IDelayedCall, IProtocol, IReactorTime
from twisted.internet.protocol import Factory

from ippgate.exchange.ports import PrinterUnavailable
from ippgate.printer.address import PrinterAddress
from ippgate.printer.faults import words
from ippgate.printer.http import PrinterConnection
from ippgate.printer.limits import PrinterLimits
from ippgate.printer.reply import Reply


@dataclass(eq=False, slots=True)
class _Turn:
    """Somebody who waits for a place: None comes for a new connection, or a kept one where that
    is welcome."""

    comes: Deferred[PrinterConnection | None]
    kept_is_welcome: bool


class PooledPrinter:
    """Implements the port Sender for one cleartext IPP printer.

    ``name``: at the gateway. A query may go out over a connection that was kept, and once more over
    a fresh one when the kept one turns out to be dead. What changes something at the printer always
    goes over a fresh connection, and out once.
    """

    def __init__(
        self,
        name: str,
        address: PrinterAddress,
        reactor: IReactorTime,
        limits: PrinterLimits | None = None,
    ) -> None:
        self._name = name
        self._address = address
        self._reactor = reactor
        self._limits = limits if limits is not None else PrinterLimits()
        self._kept: deque[tuple[PrinterConnection, IDelayedCall]] = deque()
        self._open: set[PrinterConnection] = set()
        self._connecting = 0
        self._attempts: set[Deferred[IProtocol]] = set()
        self._waiting: deque[_Turn] = deque()
        self._closed = False

    @property
    def name(self) -> str:
        return self._name

    @property
    def uri(self) -> str:
        return self._address.uri

    async def send(
        self,
        attributes: bytes,
        document: AsyncIterator[bytes] | None,
        document_length: int | None,
        *,
        repeatable: bool,
    ) -> Reply:
        """See the port. Raises PrinterUnavailable, or what ``document`` raises."""
        if repeatable and document is None:
            kept = self._take_kept() or await self._turn(kept_is_welcome=True)
            if kept is not None:
                try:
                    return await kept.request(attributes, None, None)
                except PrinterUnavailable:
                    if kept.alive:
                        raise
                await self._turn(kept_is_welcome=False)
        else:
            self._make_room()
            await self._turn(kept_is_welcome=False)
        connection = await self._fresh()
        return await connection.request(attributes, document, document_length)

    def close(self) -> None:
        """Ends all connections: kept ones in good order, others at once. None is made again."""
        self._closed = True
        for attempt in list(self._attempts):
            attempt.cancel()
        for turn in self._waiting:
            turn.comes.errback(PrinterUnavailable("the gateway stops"))
        self._waiting.clear()
        ended = set()
        while (kept := self._take_kept()) is not None:
            kept.close()
            ended.add(kept)
        for connection in self._open - ended:
            connection.drop()

    # --- places ---------------------------------------------------------------------------------

    def _take_kept(self) -> PrinterConnection | None:
        while self._kept:
            connection, timer = self._kept.pop()
            if timer.active():
                timer.cancel()
            if connection.alive:
                return connection
        return None

    def _make_room(self) -> None:
        """Ends the connection that was kept longest, when there is no place for another one."""
        if self._used() >= self._limits.connections and self._kept:
            oldest, timer = self._kept.popleft()
            timer.cancel()
            oldest.close()

    def _used(self) -> int:
        return len(self._open) + self._connecting

    async def _turn(self, *, kept_is_welcome: bool) -> PrinterConnection | None:
        """Waits until there is a place for a connection: None then, and the place is taken.

        Where a kept one is welcome, it may be one that has just answered another request. Raises
        PrinterUnavailable.
        """
        if self._used() < self._limits.connections:
            self._connecting += 1
            return None
        if len(self._waiting) >= self._limits.waiting:
            raise PrinterUnavailable("too many requests wait for it already")
        turn = _Turn(Deferred(), kept_is_welcome)
        self._waiting.append(turn)
        late = self._reactor.callLater(self._limits.turn, self._too_late, turn)
        try:
            return await turn.comes
        finally:
            if late.active():
                late.cancel()

    def _too_late(self, turn: _Turn) -> None:
        if turn in self._waiting:
            self._waiting.remove(turn)
            turn.comes.errback(PrinterUnavailable("it is busy with other requests"))

    async def _fresh(self) -> PrinterConnection:
        """A new connection, in the place that was taken for it. Raises PrinterUnavailable."""
        endpoint = HostnameEndpoint(
            self._reactor,
            self._address.host,
            self._address.port,
            timeout=self._limits.connect,
            attemptDelay=0.2,
        )
        connecting = endpoint.connect(_Factory(self))
        self._attempts.add(connecting)
        try:
            # The endpoint's own deadline leaves out the time to find the name.
            connection = await connecting.addTimeout(self._limits.connect, self._reactor)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is translated
            self._connecting -= 1
            self._next_turn()
            why = "the gateway stops" if self._closed else words(error)
            raise PrinterUnavailable(why) from None
        finally:
            self._attempts.discard(connecting)
        self._connecting -= 1
        assert isinstance(connection, PrinterConnection)
        if self._closed or not connection.alive:
            connection.drop()
            self._next_turn()
            raise PrinterUnavailable("the gateway stops" if self._closed else "it hung up")
        self._open.add(connection)
        return connection

    def made(self) -> PrinterConnection:
        """A connection's protocol, for the factory."""
        return PrinterConnection(self._address, self._reactor, self._limits, self._idle, self._lost)

    def _idle(self, connection: PrinterConnection) -> None:
        """A reply is complete. The connection makes room when others wait, and is kept
        otherwise."""
        if self._waiting:
            if self._waiting[0].kept_is_welcome:
                self._waiting.popleft().comes.callback(connection)
            else:
                connection.close()
            return
        timer = self._reactor.callLater(self._limits.idle, self._expire, connection)
        self._kept.append((connection, timer))

    def _expire(self, connection: PrinterConnection) -> None:
        self._kept = deque(item for item in self._kept if item[0] is not connection)
        connection.close()

    def _lost(self, connection: PrinterConnection) -> None:
        self._open.discard(connection)
        for item in list(self._kept):
            if item[0] is connection:
                self._kept.remove(item)
                if item[1].active():
                    item[1].cancel()
        self._next_turn()

    def _next_turn(self) -> None:
        """Gives a place that became free to who waits longest."""
        if self._waiting and self._used() < self._limits.connections:
            self._connecting += 1
            self._waiting.popleft().comes.callback(None)


class _Factory(Factory):
    """Makes one connection's protocol."""

    noisy = False

    def __init__(self, pool: PooledPrinter) -> None:
        self._pool = pool

    def buildProtocol(self, addr: IAddress | None) -> PrinterConnection:  # noqa: ARG002 - Twisted's
        return self._pool.made()
