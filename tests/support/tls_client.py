"""A TLS client of a listener, both in memory: real handshakes, no sockets."""

from __future__ import annotations

from collections.abc import Sequence

from OpenSSL import SSL
from OpenSSL.crypto import X509
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock

from ippgate.exchange.ports import Application
from ippgate.listener.limits import Caps, Census, Deadlines
from ippgate.listener.port import Listener
from ippgate.listener.tls import ServerTls
from ippgate.spawn import Tasks
from tests.support.certificates import authority
from tests.support.transports import MemoryTransport


def client_context(
    *,
    highest: int = SSL.TLS1_3_VERSION,
    lowest: int = SSL.TLS1_VERSION,
    ciphers: bytes | None = None,
    alpn: Sequence[bytes] = (),
) -> SSL.Context:
    """Trusts the test CA; by default offers everything there is, however weak."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_cipher_list(b"%b@SECLEVEL=0" % (b"ALL:" if ciphers is None else ciphers + b":"))
    context.set_min_proto_version(lowest)
    context.set_max_proto_version(highest)
    store = context.get_cert_store()
    assert store is not None
    store.add_cert(X509.from_cryptography(authority().certificate))
    context.set_verify(SSL.VERIFY_PEER)
    if alpn:
        context.set_alpn_protos(list(alpn))
    return context


class Gate:
    """A listener of its own, on a clock that stands still."""

    def __init__(
        self,
        application: Application,
        tls: ServerTls | None,
        *,
        deadlines: Deadlines | None = None,
        caps: Caps | None = None,
    ) -> None:
        self.clock = Clock()
        self.census = Census(caps or Caps())
        self.tasks = Tasks()
        self.listener = Listener(
            application,
            self.clock,
            tls=tls,
            deadlines=deadlines or Deadlines(),
            census=self.census,
            tasks=self.tasks,
        )

    def connect(self, address: str = "192.0.2.1") -> MemoryTransport | None:
        """A connection from there; None when the listener does not take it."""
        probe = MemoryTransport(Protocol(), address)
        protocol = self.listener.buildProtocol(probe.getPeer())  # type: ignore[no-untyped-call]
        if protocol is None:
            return None
        assert isinstance(protocol, Protocol)
        probe.protocol = protocol
        protocol.makeConnection(probe)  # type: ignore[no-untyped-call]
        return probe


class TlsClient:
    """``received``: what the gate said inside TLS. ``closed``: it said that it ends."""

    def __init__(
        self,
        gate: Gate,
        context: SSL.Context,
        *,
        session: SSL.Session | None = None,
        transport: MemoryTransport | None = None,
    ) -> None:
        self.gate = gate
        connected = transport if transport is not None else gate.connect()
        assert connected is not None
        self.transport = connected
        self.tls = SSL.Connection(context, None)
        self.tls.set_connect_state()
        if session is not None:
            self.tls.set_session(session)
        self.received = b""
        self.closed = False
        self.from_gate = 0

    def handshake(self) -> None:
        """Raises SSL.Error when the gate refuses."""
        while True:
            try:
                self.tls.do_handshake()
            except SSL.WantReadError:
                assert self.pump(), "the gate says nothing"
            else:
                break
        self.pump()
        self.read()

    def send(self, octets: bytes) -> bytes:
        """What the gate says to it at once."""
        self.tls.send(octets)
        self.received = b""
        while self.pump():
            self.read()
        return self.received

    def pump(self) -> bool:
        """Octets go both ways once; whether any came from the gate."""
        try:
            while octets := self.tls.bio_read(1 << 16):
                self.transport.deliver(octets)
        except SSL.WantReadError:
            pass
        self.gate.clock.advance(0)
        said = self.transport.take()
        self.from_gate += len(said)
        if said:
            self.tls.bio_write(said)
        return bool(said)

    def read(self) -> None:
        """Takes what came."""
        try:
            while True:
                self.received += self.tls.recv(1 << 16)
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self.closed = True
