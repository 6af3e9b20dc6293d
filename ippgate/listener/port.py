"""Listening: which connections come in, and whether they begin with TLS or in the clear."""

from __future__ import annotations

import re
from typing import NamedTuple, Protocol

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import (
    IAddress,
    IListeningPort,
    IReactorTCP,
    IReactorTime,
    ITCPTransport,
)
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.internet.protocol import ServerFactory
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure

from ippgate.exchange.ports import Application
from ippgate.listener.cleartext import CleartextConnection
from ippgate.listener.deadline import Deadline
from ippgate.listener.http import HttpConnection
from ippgate.listener.limits import Census, Deadlines
from ippgate.listener.tls import ServerTls
from ippgate.spawn import Tasks

TLS_HANDSHAKE = 0x16
"""First octet of a TLS record that begins a handshake (RFC 8446 section 5.1); no HTTP method has
it."""
RECEIVE_OCTETS = 256 * 1024
"""Octets read from a socket at a time: fewer, larger pieces for documents."""
BACKLOG = 512

_ADDRESS = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<four>[^\[\]:]+)):(?P<port>[0-9]{1,5})")


class ListenError(Exception):
    """An address cannot be listened on: which, why, what to do."""


class ListenAddress(NamedTuple):
    """``[::]:631``, taken apart."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> ListenAddress:
        """Raises ValueError."""
        match = _ADDRESS.fullmatch(text)
        if match is None or int(match["port"]) > 65535:
            raise ValueError(
                f'"{text}" is not an address with a port, such as "[::]:631" or "0.0.0.0:631"'
            )
        return cls(match["six"] or match["four"], int(match["port"]))


class ConnectionMeter(Protocol):
    """Told how many connections there are: ``open``, and ``refused`` in all."""

    def connections(self, *, state: str, count: int) -> None: ...


class Listener(ServerFactory):
    """Makes the connections of one port. With ``tls`` None it serves in the clear, which only the
    demo's own printer does."""

    noisy = False

    def __init__(
        self,
        application: Application,
        clock: IReactorTime,
        *,
        tls: ServerTls | None,
        deadlines: Deadlines,
        census: Census,
        tasks: Tasks,
        meter: ConnectionMeter | None = None,
    ) -> None:
        self._application = application
        self._clock = clock
        self._deadlines = deadlines
        self._census = census
        self._tasks = tasks
        self._meter = meter
        self._tls = tls
        self._connections: set[HttpConnection] = set()

    def buildProtocol(self, addr: IAddress | None) -> TwistedProtocol | None:
        """A protocol for a connection; None, which closes it, over the caps."""
        address = getattr(addr, "host", "")
        if not self._census.admit(address):
            self._count()
            return None
        self._count()
        if self._tls is None:
            return self._http(address, upgraded=False)
        return _Door(self, self._clock, self._deadlines, address)

    def tls_protocol(self, address: str, *, upgraded: bool) -> TwistedProtocol:
        """HTTP over TLS over whatever transport it is connected to."""
        assert self._tls is not None, "a listener in the clear has no door"
        factory = ServerFactory.forProtocol(lambda: self._http(address, upgraded=upgraded))
        factory.noisy = False
        wrapped = TLSMemoryBIOFactory(self._tls, False, factory, self._clock)
        wrapped.noisy = False
        protocol = wrapped.buildProtocol(None)
        assert protocol is not None
        return protocol

    def left(self, address: str) -> None:
        """A connection from there is over."""
        self._census.leave(address)
        self._count()

    def stop_connections(self) -> None:
        """No further requests on open connections; running ones are answered."""
        for connection in list(self._connections):
            connection.stop()

    def _http(self, address: str, *, upgraded: bool) -> HttpConnection:
        def lost(connection: HttpConnection) -> None:
            self._connections.discard(connection)
            self.left(address)

        connection = HttpConnection(
            self._application,
            self._clock,
            self._deadlines,
            self._tasks,
            lost,
            upgraded=upgraded,
            trust=None if self._tls is None else self._tls.trust,
        )
        self._connections.add(connection)
        return connection

    def _count(self) -> None:
        if self._meter is not None:
            self._meter.connections(state="open", count=self._census.total)
            self._meter.connections(state="refused", count=self._census.refused)


class _Door(TwistedProtocol):
    """Looks at a connection's first octet, and lets TLS or cleartext HTTP in."""

    transport: ITCPTransport

    def __init__(
        self, listener: Listener, clock: IReactorTime, deadlines: Deadlines, address: str
    ) -> None:
        self._listener = listener
        self._clock = clock
        self._deadlines = deadlines
        self._address = address
        self._deadline = Deadline(clock, lambda _: self.transport.abortConnection())

    def connectionMade(self) -> None:
        self.transport.bufferSize = RECEIVE_OCTETS  # type: ignore[attr-defined]
        self._deadline.set("handshake", self._deadlines.handshake)

    def dataReceived(self, data: bytes) -> None:
        self._deadline.stop()
        if data[0] == TLS_HANDSHAKE:
            self._begin_tls(data, upgraded=False)
            return
        self._hand_over(
            CleartextConnection(
                self._clock,
                self._deadlines,
                lambda rest: self._begin_tls(rest, upgraded=True),
                lambda: self._listener.left(self._address),
            ),
            data,
        )

    def connectionLost(self, reason: Failure | None = None) -> None:  # noqa: ARG002 - Twisted's
        self._deadline.stop()
        self._listener.left(self._address)

    def _begin_tls(self, data: bytes, *, upgraded: bool) -> None:
        self._hand_over(self._listener.tls_protocol(self._address, upgraded=upgraded), data)

    def _hand_over(self, protocol: TwistedProtocol, data: bytes) -> None:
        """From here on the transport is another protocol's."""
        self.transport.protocol = protocol  # type: ignore[attr-defined]
        protocol.makeConnection(self.transport)  # type: ignore[no-untyped-call]
        if data:
            protocol.dataReceived(data)


def listen(reactor: IReactorTCP, address: ListenAddress, listener: ServerFactory) -> IListeningPort:
    """Binds and listens. Raises ListenError."""
    try:
        return reactor.listenTCP(address.port, listener, backlog=BACKLOG, interface=address.host)
    except CannotListenError as error:
        reason = getattr(error.socketError, "strerror", None) or str(error.socketError)
        hint = ""
        if isinstance(error.socketError, PermissionError):
            hint = ": ports below 1024 need root, or CAP_NET_BIND_SERVICE"
        raise ListenError(
            f"cannot listen on {address.host} port {address.port}: {reason}{hint}"
        ) from None


def where(port: IListeningPort) -> tuple[str, int]:
    """Host and port that a listening socket has; asked for port 0, the system chose one."""
    address = port.getHost()
    assert isinstance(address, (IPv4Address, IPv6Address)), "only TCP is listened on"
    return address.host, address.port
