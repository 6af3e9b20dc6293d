"""Documents of any size pass, octet for octet, in constant memory; without credentials none is
read."""

from __future__ import annotations

import base64
import hashlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ippgate.ipp import values
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation
from ippgate.ipp.message import Attribute, Group, Message
from tests.support.digest_printer import DigestPrinter, digest_printer
from tests.support.gate_process import GateProcess, gate_process
from tests.support.identities import STAFF, of_file

GIGABYTE = 10**9
GROWTH_KIB = 20 * 1024
PIECE = hashlib.sha256(b"octets").digest() * 32768
"""1 MiB that does not repeat at any boundary a gate could cut at."""


@pytest.fixture(scope="module")
def printer() -> Iterator[DigestPrinter]:
    with digest_printer() as started:
        yield started


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory, printer: DigestPrinter) -> Iterator[GateProcess]:
    folder = tmp_path_factory.mktemp("gate")
    with gate_process(folder, {"lab-1": printer.uri}, identity=of_file(folder)) as process:
        yield process


def attributes() -> bytes:
    group = Group(
        GroupTag.OPERATION,
        (
            Attribute("attributes-charset", (values.charset("utf-8"),)),
            Attribute("attributes-natural-language", (values.natural_language("en"),)),
            Attribute("printer-uri", (values.uri("ipps://localhost/printers/lab-1"),)),
        ),
    )
    return encode(Message((2, 0), Operation.PRINT_JOB, 1, (group,)))


def connect(gate: GateProcess) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(gate.ca))
    plain = socket.create_connection(("localhost", gate.port), 60)
    return context.wrap_socket(plain, server_hostname="localhost")


def head(gate: GateProcess, framing: str, *, credentials: bool = True) -> bytes:
    name, password, _ = STAFF[0]
    lines = [
        "POST /printers/lab-1 HTTP/1.1",
        f"Host: localhost:{gate.port}",
        "Content-Type: application/ipp",
        framing,
    ]
    if credentials:
        encoded = base64.b64encode(f"{name}:{password}".encode()).decode()
        lines.append(f"Authorization: Basic {encoded}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def answer(client: ssl.SSLSocket) -> bytes:
    """Status line and whatever else came in one or two records."""
    octets = b""
    while b"\r\n\r\n" not in octets:
        piece = client.recv(65536)
        if not piece:
            break
        octets += piece
    return octets


@pytest.mark.parametrize("chunked", [False, True], ids=["content-length", "chunked"])
def test_a_gigabyte_passes_octet_for_octet_in_constant_memory(
    gate: GateProcess, printer: DigestPrinter, chunked: bool
) -> None:
    section = attributes()
    digest = hashlib.sha256()
    framing = (
        "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(section) + GIGABYTE}"
    )
    most = 0

    def watch(stop: threading.Event) -> None:
        nonlocal most
        while not stop.wait(0.05):
            most = max(most, gate.memory_kib())

    with connect(gate) as client:
        # A first small request, so that what is loaded once is not counted as growth.
        client.sendall(head(gate, f"Content-Length: {len(section)}") + section)
        assert answer(client).startswith(b"HTTP/1.1 200 ")
        before = gate.memory_kib()
        stop = threading.Event()
        watching = threading.Thread(target=watch, args=(stop,))
        watching.start()
        client.sendall(head(gate, framing))
        send(client, section, chunked)
        left = GIGABYTE
        while left:
            piece = PIECE[:left]
            digest.update(piece)
            send(client, piece, chunked)
            left -= len(piece)
        if chunked:
            client.sendall(b"0\r\n\r\n")
        answered = answer(client)
        stop.set()
        watching.join()
    assert answered.startswith(b"HTTP/1.1 200 ")
    received = printer.received[-1]
    assert received.octets == GIGABYTE
    assert received.sha256 == digest.hexdigest()
    assert (b"transfer-encoding: chunked" in received.head.lower()) == chunked
    assert b"authorization" not in received.head.lower()
    document = gate.records()[-1]["document"]
    assert document["sha256"] == digest.hexdigest()
    assert document["octets"] == GIGABYTE
    assert 0 < most - before < GROWTH_KIB or most <= before, f"{before} KiB grew to {most} KiB"
    assert not printer.faults


def send(client: ssl.SSLSocket, octets: bytes, chunked: bool) -> None:
    if chunked:
        octets = b"%x\r\n%s\r\n" % (len(octets), octets)
    client.sendall(octets)


def test_without_credentials_a_document_is_refused_before_it_is_read(
    tmp_path: Path, printer: DigestPrinter
) -> None:
    """Where no rule is for anyone, the head alone decides; the client is told while it sends."""
    rules = """version: 1
rules:
  - name: staff print
    who: {groups: [staff]}
    operations: ["@print"]
    decision: permit
"""
    begun = printer.begun
    with (
        gate_process(
            tmp_path, {"lab-1": printer.uri}, identity=of_file(tmp_path), rules=rules
        ) as gate,
        connect(gate) as client,
    ):
        size = 100 * 10**6
        before = gate.memory_kib()
        client.sendall(head(gate, f"Content-Length: {size}", credentials=False))
        client.settimeout(5)
        assert answer(client).startswith(b"HTTP/1.1 401 "), "before an octet of the body was sent"
        sent = 0
        try:
            while sent < size:
                client.sendall(PIECE)
                sent += len(PIECE)
        except OSError:
            pass
        assert sent < size, "the gate took all of it"
        assert gate.memory_kib() - before < GROWTH_KIB
    assert printer.begun == begun


def test_expect_is_answered_by_401_alone(tmp_path: Path, gate: GateProcess) -> None:
    """A wrong password, and a client that waits: no 100 before the credentials were judged."""
    wrong = base64.b64encode(b"alice:wrong").decode()
    request = (
        "POST /printers/lab-1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\n"
        f"Content-Length: 100000000\r\nExpect: 100-continue\r\nAuthorization: Basic {wrong}\r\n\r\n"
    )
    with connect(gate) as client:
        client.sendall(request.encode())
        assert answer(client).startswith(b"HTTP/1.1 401 ")
