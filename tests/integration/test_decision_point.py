"""A rule that leaves the decision to somebody else: a server that answers as Open Policy Agent,
through the gate as people run it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ippgate.ipp.enums import Operation, Status
from tests.support.gate_process import GateProcess, gate_process
from tests.support.identities import of_file
from tests.support.processes import free_port
from tests.support.virtual_printer import virtual_printer

PEOPLE = (("alice", "wonder land", "staff"), ("bob", "build er", "visitors"))


class Agent(BaseHTTPRequestHandler):
    """Permits staff."""

    questions: list[dict[str, Any]]

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        question = json.loads(self.rfile.read(length))["input"]
        self.questions.append(question)
        allow = "staff" in question["user"]["groups"]
        result = {"allow": allow, "message": "Ask at the desk."}
        octets = json.dumps({"result": result}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def agent() -> Iterator[ThreadingHTTPServer]:
    Agent.questions = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Agent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def rules(port: int) -> str:
    return (
        "version: 1\nrules:\n  - {name: agent, who: authenticated, operations: ['@print'], "
        f"decide: {{http: 'http://127.0.0.1:{port}/v1/data/print', timeout: 2s}}}}\n"
    )


def validated(gate: GateProcess, person: int) -> tuple[Status | None, str]:
    name, password, _ = PEOPLE[person]
    client = gate.client(name, password)
    reply = client.ask(Operation.VALIDATE_JOB, "lab-1")
    return reply.status, reply.words


def test_an_agent_decides_and_without_it_nobody_prints(
    tmp_path: Path, agent: ThreadingHTTPServer
) -> None:
    port = agent.server_address[1]
    with (
        virtual_printer(tmp_path) as printer,
        gate_process(
            tmp_path,
            {"lab-1": printer.uri},
            identity=of_file(tmp_path, PEOPLE),
            rules=rules(port),
        ) as gate,
    ):
        assert validated(gate, 0)[0] == Status.SUCCESSFUL_OK
        status, words = validated(gate, 1)
        assert status == Status.CLIENT_ERROR_NOT_AUTHORIZED
        assert words.startswith("Ask at the desk.")
        assert [q["user"]["name"] for q in Agent.questions] == ["alice", "bob"]
        assert Agent.questions[0]["printer"] == "lab-1"


def test_nobody_there(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path) as printer,
        gate_process(
            tmp_path,
            {"lab-1": printer.uri},
            identity=of_file(tmp_path, PEOPLE),
            rules=rules(free_port()),
        ) as gate,
    ):
        status, words = validated(gate, 0)
        assert status == Status.SERVER_ERROR_SERVICE_UNAVAILABLE
        assert "cannot be found out now" in words
        assert gate.records()[-1]["decision"]["reason"] == "no-opinion"
