"""``ippgate identity`` on a real OpenLDAP: what it finds out, and who is unlocked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ippgate.demo import pdf
from ippgate.demo.slapd import Slapd
from tests.support.gate_process import GateProcess, gate_process
from tests.support.identities import of_directory
from tests.support.people_ca import PeopleCa
from tests.support.virtual_printer import virtual_printer

PDF = pdf.page(["Printed after all."])
FAILURES = 3


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory, slapd: Slapd) -> Iterator[GateProcess]:
    folder = tmp_path_factory.mktemp("gate")
    (folder / "state").mkdir()
    people = PeopleCa(folder / "people")
    identity = of_directory(
        folder,
        slapd.settings(),
        f"lockout: {{failures: {FAILURES}, within: 2m, for: 5m}}",
        r"names: {'CORP\{username}': '{username}'}",
        "certificate: {name: common_name}",
    )
    with (
        virtual_printer(folder) as printer,
        gate_process(
            folder,
            {"lab-1": printer.uri},
            identity=identity,
            tls=f", client_ca: {people.ca}",
            printer=", trusted_networks: [198.51.100.0/24]",
            more="state: state\n",
        ) as process,
    ):
        yield process


def test_a_person_is_shown_as_the_gateway_would_see_them(gate: GateProcess, slapd: Slapd) -> None:
    done = gate.command("identity", "test", "CORP\\ALICE", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)

    assert (found["typed"], found["asked"], found["name"]) == ("CORP\\ALICE", "ALICE", "alice")
    assert (found["source"], found["groups"]) == ("ldap", ["staff"])
    assert len(found["id"]) == 36
    assert set(found["methods"]) == {"basic", "certificate", "token", "network"}
    assert {call["server"] for call in found["calls"]} == {f"127.0.0.1:{slapd.ldaps_port}"}
    assert [call["call"] for call in found["calls"]] == [
        *("connect", "bind-service", "features", "search", "groups")
    ]
    assert all(0 < call["ms"] < 3000 for call in found["calls"])


def test_it_reads_well(gate: GateProcess) -> None:
    done = gate.command("identity", "test", "alice", "--password", standard_input="wrong\n")

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert "groups      staff" in lines
    assert "basic       refused: wrong password" in lines
    assert any(line.startswith("127.0.0.1:") and " bind " in line for line in lines)
    right = gate.command("identity", "test", "alice", "--password", standard_input="alice-printing")
    assert (right.returncode, "basic       accepted" in right.stdout) == (0, True)


def test_nobody_and_names_that_are_refused(gate: GateProcess) -> None:
    for name, words in (
        ("nobody", "no such user"),
        ("OTHER\\alice", "identity.names has no form"),
        (" alice", "white space"),
    ):
        done = gate.command("identity", "test", name)
        assert (done.returncode, words in done.stdout) == (1, True), done.stdout


def test_whoever_is_locked_out_is_unlocked_at_once(gate: GateProcess) -> None:
    for number in range(FAILURES):
        reply = gate.client("bob", f"guess {number}").print("lab-1", PDF, "application/pdf", "no")
        assert reply.http_status == 401
    right = gate.client("bob", "bob-visiting")
    assert right.print("lab-1", PDF, "application/pdf", "locked").http_status == 401
    refused = gate.records()[-1]
    assert refused["result"]["error"] == "too many wrong passwords for this name"
    assert 'outcome="locked"' in gate.get("/metrics")

    done = gate.command("identity", "unlock", "CORP\\Bob")
    assert done.returncode == 0, done.stderr
    assert (
        done.stdout == f"Bob: may be asked about again ({2 * FAILURES} counted questions "
        "forgotten)\n"
    )
    # He is not in the group, but that is another question.
    assert right.print("lab-1", PDF, "application/pdf", "unlocked").http_status == 200
    again = gate.command("identity", "unlock", "bob")
    assert (again.returncode, again.stdout) == (1, "bob: no wrong password was counted\n")


def test_a_directory_that_is_down_is_told(tmp_path: Path, gate: GateProcess, slapd: Slapd) -> None:
    slapd.stop()
    try:
        done = gate.command("identity", "test", "alice")
    finally:
        slapd.start()
    assert done.returncode == 1
    assert "Connection refused" in done.stdout or "refused" in done.stdout
