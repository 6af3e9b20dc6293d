"""The gate with a real OpenLDAP over ldaps, and its own CA: who may print, and who is told what."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ippgate.demo.client import Client
from ippgate.demo.slapd import Slapd
from ippgate.ipp.enums import Operation, Status
from tests.support.gate_process import RULES, GateProcess, gate_process
from tests.support.identities import of_directory
from tests.support.peers import require
from tests.support.virtual_printer import VirtualPrinterProcess, virtual_printer

MESSAGE = "Visitors print at the copier on the ground floor."
VISITORS = f"""  - name: visitors use the ground floor
    who: {{groups: [visitors]}}
    operations: ["@print"]
    decision: refuse
    message: {MESSAGE}
"""
NOTHING_REMEMBERED = ("cache: {ttl: 0, negative_ttl: 0}", "lockout: {failures: 0}")
ANONYMOUS_BINDS = "allow bind_anon_cred bind_anon_dn"


@pytest.fixture(scope="module", params=["memberOf", "search"])
def member_of(request: pytest.FixtureRequest) -> bool:
    """How groups are found."""
    return bool(request.param == "memberOf")


@pytest.fixture(scope="module")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualPrinterProcess]:
    with virtual_printer(tmp_path_factory.mktemp("printer")) as process:
        yield process


@pytest.fixture(scope="module")
def lenient_slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """One that takes a name without a password for an anonymous success (RFC 4513 section
    5.1.2)."""
    require("slapd")
    directory = Slapd(tmp_path_factory.mktemp("lenient"), lines=[ANONYMOUS_BINDS])
    directory.start()
    yield directory
    directory.stop()


@pytest.fixture(scope="module")
def gate(
    tmp_path_factory: pytest.TempPathFactory,
    lenient_slapd: Slapd,
    printer: VirtualPrinterProcess,
    member_of: bool,
) -> Iterator[GateProcess]:
    folder = tmp_path_factory.mktemp("gate")
    identity = of_directory(
        folder, lenient_slapd.settings(member_of=member_of), *NOTHING_REMEMBERED
    )
    with gate_process(
        folder, {"lab-1": printer.uri}, identity=identity, rules=RULES + VISITORS
    ) as process:
        yield process


@pytest.fixture
def alice(gate: GateProcess, lenient_slapd: Slapd) -> Client:
    return gate.client("alice", lenient_slapd.accounts[0].password)


def test_members_of_one_group_print(
    alice: Client, gate: GateProcess, printer: VirtualPrinterProcess
) -> None:
    before = len(printer.printed())
    reply = alice.print("lab-1", b"%PDF-1.4 a page", "application/pdf", "page")
    assert reply.status == Status.SUCCESSFUL_OK
    assert printer.printed()[-1].read_bytes() == b"%PDF-1.4 a page"
    assert len(printer.printed()) == before + 1
    outcome = gate.records()[-1]
    assert outcome["user"]["name"] == "alice"
    assert len(outcome["user"]["id"]) == 36, "an entryUUID"


def test_members_of_another_group_are_refused_in_the_rules_words(
    gate: GateProcess, lenient_slapd: Slapd, printer: VirtualPrinterProcess
) -> None:
    before = len(printer.printed())
    bob = gate.client("bob", lenient_slapd.accounts[1].password)
    reply = bob.print("lab-1", b"%PDF-1.4 a page", "application/pdf", "page")
    assert reply.status == Status.CLIENT_ERROR_NOT_AUTHORIZED
    assert reply.words.startswith(MESSAGE)
    record = gate.records()[-1]
    assert record["id"] in reply.words
    assert record["decision"]["rule"] == "visitors use the ground floor"
    assert len(printer.printed()) == before


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("alice", "wrong"),
        ("alice", ""),
        ("", ""),
        ("", "alice-printing"),
        ("nobody", "alice-printing"),
        ("*", "alice-printing"),
        ("alice)(uid=*", "alice-printing"),
        (" alice", "alice-printing"),
        ("alice\u00a0", "alice-printing"),
        ("uid=alice,ou=people,dc=example,dc=org", "alice-printing"),
    ],
)
def test_wrong_empty_and_odd_credentials_are_all_answered_alike(
    gate: GateProcess, printer: VirtualPrinterProcess, user: str, password: str
) -> None:
    before = len(printer.printed())
    client = gate.client(user, password)
    reply = client.print("lab-1", b"%PDF-1.4 a page", "application/pdf", "page")
    assert reply.http_status == 401
    assert len(printer.printed()) == before
    record = gate.records()[-1]
    assert record["event"] == "authentication.refused"
    assert "alice-printing" not in gate.trail.read_text()


def test_the_401_says_how_to_sign_in_and_nothing_else(gate: GateProcess) -> None:
    texts = set()
    for authorization in ("Basic YWxpY2U6d3Jvbmc=", "Basic", "Negotiate YWxpY2U=", "x"):
        connection = http.client.HTTPSConnection(
            "localhost",
            gate.port,
            context=ssl.create_default_context(cafile=str(gate.ca)),
            timeout=10,
        )
        headers = {"Content-Type": "application/ipp", "Authorization": authorization}
        connection.request("POST", "/printers/lab-1", b"", headers)
        reply = connection.getresponse()
        texts.add(reply.read())
        assert reply.status == 401
        assert reply.headers.get_all("WWW-Authenticate") == [
            'Basic realm="Printing", charset="UTF-8"'
        ]
        connection.close()
    assert len(texts) == 1


def test_a_directory_that_is_down_is_said_so_in_time_and_printing_goes_on_afterwards(
    tmp_path: Path, printer: VirtualPrinterProcess
) -> None:
    require("slapd")
    (tmp_path / "slapd").mkdir()
    directory = Slapd(tmp_path / "slapd")
    directory.start()
    password = directory.accounts[0].password
    identity = of_directory(tmp_path, directory.settings(), *NOTHING_REMEMBERED)
    try:
        with gate_process(tmp_path, {"lab-1": printer.uri}, identity=identity) as gate:
            alice = gate.client("alice", password)
            assert alice.ask(Operation.GET_JOBS, "lab-1").status == Status.SUCCESSFUL_OK
            for hurt in (directory.pause, directory.stop):
                hurt()
                started = time.monotonic()
                reply = alice.ask(Operation.GET_JOBS, "lab-1")
                assert time.monotonic() - started < 3.5
                assert reply.status == Status.SERVER_ERROR_SERVICE_UNAVAILABLE
                assert "directory" in reply.words
                if hurt == directory.pause:
                    directory.resume()
            assert "ippgate_directory_up" in gate.get("/metrics")
            directory.start()
            assert alice.ask(Operation.GET_JOBS, "lab-1").status == Status.SUCCESSFUL_OK
    finally:
        directory.stop()
