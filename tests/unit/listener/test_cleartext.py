"""HTTP in the clear on the TLS port: 426, or TLS on the same connection."""

from __future__ import annotations

from pathlib import Path

import pytest
from OpenSSL import SSL

from ippgate.listener.limits import DRAIN_OCTETS, Deadlines
from ippgate.listener.tls import server_tls
from tests.support.certificates import server_files
from tests.support.http_conversation import GET, Seen, post, post_head, statuses
from tests.support.tls_client import Gate, TlsClient, client_context
from tests.support.transports import MemoryTransport

LIMITS = Deadlines(handshake=10, head=10, idle=60, drain=5)
UPGRADE = (
    b"OPTIONS * HTTP/1.1\r\nHost: gate\r\nConnection: Upgrade\r\n"
    b"Upgrade: TLS/1.2,TLS/1.1,TLS/1.0\r\n\r\n"
)


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def gate(seen: Seen, tmp_path: Path) -> Gate:
    files = server_files(tmp_path)
    return Gate(seen, server_tls(files.certificate, files.key), deadlines=LIMITS)


def connect(gate: Gate) -> MemoryTransport:
    transport = gate.connect()
    assert transport is not None
    return transport


@pytest.mark.parametrize(
    "octets",
    [
        GET,
        post(b"body", "Content-Type: application/ipp", "Authorization: Basic YTpi"),
        post_head("Transfer-Encoding: chunked", "Expect: 100-continue"),
        b"OPTIONS * HTTP/1.1\r\nHost: gate\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        UPGRADE.replace(b"TLS/1.2,TLS/1.1,TLS/1.0", b"h2c"),
        UPGRADE.replace(b"OPTIONS *", b"GET /"),
        GET + GET,
    ],
)
def test_it_is_told_to_use_tls_and_nothing_is_served(gate: Gate, seen: Seen, octets: bytes) -> None:
    transport = connect(gate)
    transport.deliver(octets)
    answer = transport.take()
    assert statuses(answer) == [426]
    assert b"\r\nUpgrade: TLS/1.2,HTTP/1.1\r\n" in answer
    assert b"\r\nConnection: Upgrade\r\n" in answer
    assert b"ipps://" in answer
    assert transport.half_closed
    assert not seen.heads


@pytest.mark.parametrize(
    "octets",
    [
        b"nonsense\r\n\r\n",
        b"\x80\x2e\x01\x00\x02",  # SSL 2.0
        b"GET / HTTP/1.1\r\n\r\n",
        UPGRADE[:-2] + b"Content-Length: 1\r\n\r\n",
    ],
)
def test_what_is_no_request_is_400(gate: Gate, seen: Seen, octets: bytes) -> None:
    transport = connect(gate)
    transport.deliver(octets)
    answer = transport.take()
    assert statuses(answer) == [400]
    assert b"\r\nConnection: close\r\n" in answer
    assert transport.half_closed


def test_octet_by_octet(gate: Gate) -> None:
    transport = connect(gate)
    for number in range(len(GET)):
        transport.deliver(GET[number : number + 1])
    assert statuses(transport.take()) == [426]


def test_a_head_that_drips_is_408(gate: Gate) -> None:
    transport = connect(gate)
    for number in range(10):
        transport.deliver(GET[number : number + 1])
        gate.clock.advance(1)
    assert statuses(transport.take()) == [408]
    gate.clock.advance(5)
    assert transport.aborted()


def test_a_client_that_goes_on_sending_is_dropped(gate: Gate) -> None:
    transport = connect(gate)
    transport.deliver(post_head("Content-Length: 1000000000"))
    sent = 0
    while not transport.aborted():
        transport.deliver(b"x" * 65536)
        sent += 65536
    assert sent <= DRAIN_OCTETS + 65536
    assert len(statuses(transport.take())) == 1


def test_a_client_that_stays_is_dropped(gate: Gate) -> None:
    transport = connect(gate)
    transport.deliver(GET)
    gate.clock.advance(5)
    assert transport.aborted()


def test_it_is_counted_until_it_ends(gate: Gate) -> None:
    transport = connect(gate)
    transport.deliver(GET)
    assert gate.census.total == 1
    transport.end()
    assert gate.census.total == 0
    assert gate.clock.getDelayedCalls() == []


# --- RFC 2817 -----------------------------------------------------------------------------------


def upgraded(gate: Gate, request: bytes = UPGRADE) -> TlsClient:
    transport = connect(gate)
    transport.deliver(request)
    switching = transport.take()
    assert switching.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert b"\r\nUpgrade: TLS/1.2, HTTP/1.1\r\n" in switching
    assert b"\r\nConnection: Upgrade\r\n" in switching
    assert switching.endswith(b"\r\n\r\n")
    return TlsClient(gate, client_context(), transport=transport)


def test_tls_on_the_same_connection(gate: Gate, seen: Seen) -> None:
    client = upgraded(gate)
    client.handshake()
    assert statuses(client.received) == [200], "the answer to OPTIONS comes over TLS"
    assert statuses(client.send(post(b"body"))) == [200]
    assert seen.bodies == [b"body"]
    assert seen.peers[0].tls is not None
    assert gate.census.total == 1
    client.transport.end()
    assert gate.census.total == 0
    assert gate.clock.getDelayedCalls() == []


def test_a_client_that_shakes_hands_at_once(gate: Gate) -> None:
    transport = connect(gate)
    client = TlsClient(gate, client_context(), transport=transport)
    hello = b""
    try:
        client.tls.do_handshake()
    except SSL.WantReadError:
        hello = client.tls.bio_read(1 << 16)
    transport.deliver(UPGRADE + hello)
    said = transport.take()
    switching, _, records = said.partition(b"\r\n\r\n")
    assert switching.startswith(b"HTTP/1.1 101 ")
    client.tls.bio_write(records)
    client.handshake()
    assert statuses(client.send(GET))[-1] == 200


def test_an_upgrade_without_a_handshake_is_dropped(gate: Gate) -> None:
    client = upgraded(gate)
    gate.clock.advance(10)
    assert client.transport.aborted()


def test_cleartext_after_an_upgrade_is_not_served(gate: Gate, seen: Seen) -> None:
    client = upgraded(gate)
    client.transport.deliver(GET)
    assert not seen.heads
    assert b"HTTP/1.1 2" not in client.transport.take()
    assert client.transport.closing()
