"""The demo's client, against a server of the standard library."""

from __future__ import annotations

import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ippgate.demo.client import Client, Reply
from ippgate.ipp.decoder import decode
from ippgate.ipp.enums import Operation, Status
from ippgate.ipp.message import Attribute, Group, Message, Value
from ippgate.ipp.values import integer, text
from ippgate.listener.authority import create_authority
from tests.support.certificates import ServerFiles, server_files
from tests.support.exchange_fakes import ipp_reply, texts_of


class Gate(HTTPServer):
    """Keeps what it was asked; answers with ``status``."""

    files: ServerFiles
    status = 200
    answer = b""
    asked: list[tuple[str, dict[str, str], bytes]]


class Asked(BaseHTTPRequestHandler):
    server: Gate

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, dict(self.headers), body))
        message, _ = decode(body)
        answer = self.server.answer or ipp_reply(message)
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    files = server_files(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    with Gate(("127.0.0.1", 0), Asked) as server:
        server.files, server.asked = files, []
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def client(gate: Gate, host: str = "localhost") -> Client:
    return Client(host, gate.server_address[1], gate.files.authority, "alice", "päss:word")


def test_a_document_is_sent_as_the_person_to_the_printers_own_address(gate: Gate) -> None:
    reply = client(gate).print("lab-1", b"%PDF-1.4", "application/pdf", "minutes")
    assert (reply.http_status, reply.status) == (200, Status.SUCCESSFUL_OK)
    ((path, headers, body),) = gate.asked
    assert path == "/printers/lab-1"
    assert headers["Content-Type"] == "application/ipp"
    assert headers["Authorization"] == f"Basic {b64encode('alice:päss:word'.encode()).decode()}"
    asked, document = decode(body)
    assert (asked.code, document) == (Operation.PRINT_JOB, b"%PDF-1.4")
    port = gate.server_address[1]
    assert texts_of(asked, "printer-uri") == [f"ipps://localhost:{port}/printers/lab-1"]
    assert texts_of(asked, "requesting-user-name") == ["alice"]
    assert texts_of(asked, "job-name") == ["minutes"]
    assert texts_of(asked, "document-format") == ["application/pdf"]


def test_each_request_has_an_id_of_its_own(gate: Gate) -> None:
    replies = [client(gate).ask(Operation.GET_JOBS, "lab-1").message for _ in range(2)]
    first, second = (message.request_id for message in replies if message is not None)
    assert first != second


def test_an_answer_that_is_no_ipp_is_told_by_its_http_status(gate: Gate) -> None:
    gate.status, gate.answer = 401, b"who?"
    reply = client(gate).ask(Operation.GET_JOBS, "lab-1")
    assert (reply.message, reply.status, reply.summary, reply.words) == (None, None, "HTTP 401", "")


def test_a_gateway_with_another_authority_or_another_name_is_not_talked_to(
    gate: Gate, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(create_authority(datetime.now(UTC)).certificate_pem())
    for stranger in (
        Client("localhost", gate.server_address[1], other, "alice", "secret"),
        client(gate, host="127.1"),
    ):
        with pytest.raises(ssl.SSLCertVerificationError):
            stranger.ask(Operation.GET_JOBS, "lab-1")
    assert gate.asked == []


@pytest.mark.parametrize(
    ("values", "words"),
    [((text("Ask at the desk."),), "Ask at the desk."), ((integer(1),), ""), ((), "")],
)
def test_the_words_of_a_reply(values: tuple[Value, ...], words: str) -> None:
    said = (Attribute("status-message", values),) if values else ()
    message = Message((1, 1), Status.CLIENT_ERROR_NOT_AUTHORIZED, 1, (Group(1, said),))
    reply = Reply(200, message)
    assert reply.words == words
    assert reply.summary == "client-error-not-authorized"
