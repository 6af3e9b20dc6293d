"""A printer on loopback that does what a test says, however wrong; it keeps what it heard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IListeningPort, IReactorTCP, ITCPTransport
from twisted.internet.protocol import Protocol, ServerFactory
from twisted.python.failure import Failure

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: 5\r\n\r\nreply"


class RogueConnection(Protocol):
    """One connection from the gate: ``number`` from 1; ``requests`` whole, as they came."""

    transport: ITCPTransport

    def __init__(self, printer: RoguePrinter) -> None:
        self.printer = printer
        self.number = 0
        self.requests: list[bytes] = []
        self.heard = b""
        self.lost = False

    def connectionMade(self) -> None:
        self.printer.connections.append(self)
        self.number = len(self.printer.connections)
        open_now = sum(not connection.lost for connection in self.printer.connections)
        self.printer.most_open = max(self.printer.most_open, open_now)

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        while (end := _end_of_request(self.heard)) is not None:
            self.requests.append(self.heard[:end])
            self.heard = self.heard[end:]
            self.printer.behaviour(self, len(self.requests))

    def connectionLost(self, reason: Failure | None = None) -> None:
        self.lost = True

    def say(self, octets: bytes) -> None:
        self.transport.write(octets)


class RoguePrinter:
    """``behaviour(connection, n)`` is called when the nth request of a connection is complete; by
    default it answers well."""

    def __init__(self, reactor: IReactorTCP) -> None:
        self._reactor = reactor
        self._port: IListeningPort
        self.connections: list[RogueConnection] = []
        self.most_open = 0
        self.behaviour: Callable[[RogueConnection, int], None] = lambda connection, _: (
            connection.say(OK)
        )

    def start(self) -> int:
        """Listens; its port."""
        factory = ServerFactory()
        factory.protocol = lambda: RogueConnection(self)
        factory.noisy = False
        self._port = self._reactor.listenTCP(0, factory, interface="127.0.0.1")
        return cast(int, self._port.getHost().port)  # type: ignore[attr-defined]

    def stop(self) -> Deferred[object]:
        """Hangs up everywhere."""
        for connection in self.connections:
            if not connection.lost:
                connection.transport.abortConnection()
        return maybeDeferred(self._port.stopListening)

    @property
    def requests(self) -> list[bytes]:
        """All of them, by connection."""
        return [request for connection in self.connections for request in connection.requests]


def _end_of_request(octets: bytes) -> int | None:
    head_end = octets.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    head_end += 4
    length = re.search(rb"\r\nContent-Length: ([0-9]+)\r\n", octets[:head_end])
    if length is None:
        last = octets.find(b"\r\n0\r\n\r\n", head_end - 2)
        return None if last < 0 else last + 7
    end = head_end + int(length[1])
    return end if len(octets) >= end else None
