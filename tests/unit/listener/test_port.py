"""Connections as they come in: caps, deadlines before anything is said, addresses."""

from __future__ import annotations

import pytest
from twisted.internet import reactor
from twisted.internet.defer import maybeDeferred
from twisted.internet.interfaces import IReactorTCP
from twisted.internet.protocol import ServerFactory
from twisted.trial.unittest import TestCase

from ippgate.listener.limits import Caps, Deadlines
from ippgate.listener.port import ListenAddress, ListenError, listen, where
from ippgate.listener.tls import ServerTls, server_tls
from tests.support.certificates import server_files
from tests.support.http_conversation import GET, Seen, statuses
from tests.support.tls_client import Gate, TlsClient, client_context

LIMITS = Deadlines(handshake=10, head=7, idle=60, drain=5)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ServerTls:
    files = server_files(tmp_path_factory.mktemp("tls"))
    return server_tls(files.certificate, files.key)


def test_a_silent_connection_is_closed(tls: ServerTls) -> None:
    gate = Gate(Seen(), tls, deadlines=LIMITS)
    transport = gate.connect()
    assert transport is not None
    gate.clock.advance(9)
    assert not transport.closing()
    gate.clock.advance(1)
    assert transport.aborted()
    assert transport.take() == b""


def test_a_handshake_that_stops_is_closed(tls: ServerTls) -> None:
    gate = Gate(Seen(), tls, deadlines=LIMITS)
    transport = gate.connect()
    assert transport is not None
    transport.deliver(b"\x16")
    for _ in range(10):
        gate.clock.advance(1)
        if not transport.closing():
            transport.deliver(b"\x03")
    assert transport.closing()


def test_a_client_that_shook_hands_and_says_nothing_is_closed(tls: ServerTls) -> None:
    gate = Gate(Seen(), tls, deadlines=LIMITS)
    client = TlsClient(gate, client_context())
    client.handshake()
    gate.clock.advance(7)
    client.pump()
    client.read()
    assert client.closed
    gate.clock.advance(5)
    assert client.transport.aborted()


def test_caps(tls: ServerTls) -> None:
    gate = Gate(Seen(), tls, caps=Caps(connections=3, per_address=2))
    first = gate.connect("192.0.2.1")
    assert first is not None
    assert gate.connect("192.0.2.1") is not None
    assert gate.connect("192.0.2.1") is None
    assert gate.connect("192.0.2.2") is not None
    assert gate.connect("192.0.2.3") is None
    assert gate.census.refused == 2
    first.end()
    assert gate.connect("192.0.2.3") is not None


def test_every_end_is_counted(tls: ServerTls) -> None:
    gate = Gate(Seen(), tls)
    silent = gate.connect()
    assert silent is not None
    half = gate.connect()
    assert half is not None
    half.deliver(b"\x16\x03\x01")
    served = TlsClient(gate, client_context())
    served.handshake()
    served.send(GET)
    assert gate.census.total == 3
    for transport in (silent, half, served.transport):
        transport.end()
    assert gate.census.total == 0
    assert gate.clock.getDelayedCalls() == []


def test_in_the_clear_it_serves_at_once() -> None:
    seen = Seen()
    gate = Gate(seen, None)
    transport = gate.connect()
    assert transport is not None
    transport.deliver(GET)
    assert statuses(transport.take()) == [200]
    assert seen.peers[0].tls is None


def test_stopping_ends_idle_connections_inside_tls(tls: ServerTls) -> None:
    gate = Gate(Seen(), tls)
    client = TlsClient(gate, client_context())
    client.handshake()
    unfinished = gate.connect()
    assert unfinished is not None
    unfinished.deliver(b"\x16\x03\x01")
    gate.listener.stop_connections()
    client.pump()
    client.read()
    assert client.closed
    assert unfinished.closing()


def test_connections_are_metered(tls: ServerTls) -> None:
    told: list[tuple[str, int]] = []

    class Meter:
        def connections(self, *, state: str, count: int) -> None:
            told.append((state, count))

    gate = Gate(Seen(), tls, caps=Caps(connections=1))
    gate.listener._meter = Meter()
    transport = gate.connect()
    assert transport is not None
    gate.connect()
    transport.end()
    assert told == [
        ("open", 1),
        ("refused", 0),
        ("open", 1),
        ("refused", 1),
        ("open", 0),
        ("refused", 1),
    ]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("[::]:631", ("::", 631)),
        ("0.0.0.0:631", ("0.0.0.0", 631)),
        ("localhost:0", ("localhost", 0)),
        ("[2001:db8::1]:65535", ("2001:db8::1", 65535)),
    ],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    assert ListenAddress.parse(text) == address


@pytest.mark.parametrize("text", ["", "631", ":631", "::1:631", "[::]", "a:b", "a:65536", "[x]:1"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="is not an address with a port"):
        ListenAddress.parse(text)


class ListenTests(TestCase):
    async def test_a_port_that_is_taken(self) -> None:
        assert IReactorTCP.providedBy(reactor)
        port = listen(reactor, ListenAddress("127.0.0.1", 0), ServerFactory())
        try:
            host, number = where(port)
            assert host == "127.0.0.1"
            with pytest.raises(ListenError, match=f"port {number}: Address already in use"):
                listen(reactor, ListenAddress("127.0.0.1", number), ServerFactory())
        finally:
            await maybeDeferred(port.stopListening)
