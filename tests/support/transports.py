"""Transports in memory: what a protocol wrote, whether it paused, how it ended."""

from __future__ import annotations

from typing import cast

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import Protocol
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure


class MemoryTransport(StringTransport):
    """A TCP transport whose other end is the test. ``protocol`` is who hears what comes in, as on a
    real one."""

    def __init__(self, protocol: Protocol, address: str = "192.0.2.1") -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            hostAddress=IPv4Address("TCP", "127.0.0.1", 631),
            peerAddress=IPv4Address("TCP", address, 50000),
        )
        self.protocol = protocol
        self.half_closed = False
        self.bufferSize = 65536

    # --- what protocols call ----------------------------------------------------------------------

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Nothing to delay."""

    def loseWriteConnection(self) -> None:
        self.half_closed = True

    def pauseProducing(self) -> None:
        self.producerState = "paused"

    def resumeProducing(self) -> None:
        self.producerState = "producing"

    # --- what tests ask and do --------------------------------------------------------------------

    def paused(self) -> bool:
        return self.producerState == "paused"

    def aborted(self) -> bool:
        return bool(self.disconnected)

    def closing(self) -> bool:
        """In good order, or at once."""
        return bool(self.disconnecting)

    def take(self) -> bytes:
        """What was written since the last call."""
        octets: bytes = self.value()  # type: ignore[no-untyped-call]
        self.clear()  # type: ignore[no-untyped-call]
        return octets

    def deliver(self, octets: bytes) -> None:
        """Octets come in."""
        self.protocol.dataReceived(octets)

    def fill(self) -> None:
        """The other end takes nothing any more."""
        cast(IPushProducer, self.producer).pauseProducing()

    def empty(self) -> None:
        """The other end takes octets again."""
        cast(IPushProducer, self.producer).resumeProducing()

    def end(self, *, clean: bool = True) -> None:
        """The connection is over."""
        reason = ConnectionDone() if clean else ConnectionLost()
        self.connected = False
        self.protocol.connectionLost(Failure(reason))  # type: ignore[no-untyped-call]
