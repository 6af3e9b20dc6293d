"""A printer that digests what it receives: of any size, any framing, in a thread of the test.

It notes each request's head, attributes and document, so that a test asserts what reached the wire.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from ippgate.ipp import values
from ippgate.ipp.decoder import Decoder
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation
from ippgate.ipp.message import Attribute, Group, Message

_PIECE = 256 * 1024


@dataclass(slots=True)
class Received:
    """One request as it arrived."""

    head: bytes
    message: Message
    octets: int = 0
    sha256: str = ""


@dataclass(slots=True)
class DigestPrinter:
    """``received`` grows as requests are complete, ``begun`` as they begin; the gateway's own
    questions about printer and jobs are not counted. ``faults``: what went wrong in its
    threads."""

    port: int
    received: list[Received] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    begun: int = 0

    @property
    def uri(self) -> str:
        return f"ipp://127.0.0.1:{self.port}/ipp/print"


@contextlib.contextmanager
def digest_printer() -> Iterator[DigestPrinter]:
    """Serves until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    printer = DigestPrinter(listening.getsockname()[1])

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=_serve, args=(connection, printer), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield printer
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def _serve(connection: socket.socket, printer: DigestPrinter) -> None:
    with connection, _buffered(connection) as stream:
        try:
            while _request(stream, connection, printer):
                pass
        except (OSError, AssertionError) as fault:
            printer.faults.append(fault)


def _buffered(connection: socket.socket) -> BinaryIO:
    return cast(BinaryIO, connection.makefile("rb", buffering=1 << 20))


def _request(stream: BinaryIO, connection: socket.socket, printer: DigestPrinter) -> bool:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return False
        head += line
    decoder = Decoder()
    digest = hashlib.sha256()
    octets = 0
    for piece in _body(head, stream):
        if decoder.message is None:
            printer.begun += _decoded_now(decoder, piece)
            document = bytes(decoder.rest)
        else:
            document = piece
        digest.update(document)
        octets += len(document)
    message = decoder.message
    assert message is not None, "the request broke off"
    if _counts(message):
        printer.received.append(Received(head, message, octets, digest.hexdigest()))
    reply = _reply(message, len(printer.received))
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n"
        % len(reply)
        + reply
    )
    return True


def _decoded_now(decoder: Decoder, piece: bytes) -> bool:
    """Whether this piece completed the attributes of a request that counts."""
    decoder.feed(piece)
    return decoder.message is not None and _counts(decoder.message)


_QUESTIONS = (
    Operation.GET_PRINTER_ATTRIBUTES,
    Operation.GET_JOBS,
    Operation.GET_JOB_ATTRIBUTES,
)


def _counts(message: Message) -> bool:
    return message.code not in _QUESTIONS


def _body(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)\r\n", head)
    if length is not None:
        left = int(length[1])
        while left:
            piece = stream.read(min(left, _PIECE))
            assert piece, "the body broke off"
            left -= len(piece)
            yield piece
        return
    assert b"transfer-encoding: chunked" in head.lower(), head
    while size := int(stream.readline(), 16):
        yield stream.read(size)
        assert stream.readline() == b"\r\n"
    assert stream.readline() == b"\r\n"


def _reply(message: Message, job_id: int) -> bytes:
    operation = Group(
        GroupTag.OPERATION,
        (
            Attribute("attributes-charset", (values.charset("utf-8"),)),
            Attribute("attributes-natural-language", (values.natural_language("en"),)),
        ),
    )
    job = Group(
        GroupTag.JOB,
        (
            Attribute("job-id", (values.integer(job_id),)),
            Attribute("job-uri", (values.uri(f"ipp://127.0.0.1/ipp/print/{job_id}"),)),
            Attribute("job-state", (values.enum(9),)),
        ),
    )
    return encode(Message((1, 1), 0, message.request_id, (operation, job)))
