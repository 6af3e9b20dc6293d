"""What goes wrong in the world, and what the person, the trail and the metrics then say."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ippgate.ipp.enums import Operation, Status
from tests.support.digest_printer import digest_printer
from tests.support.gate_process import GateProcess, gate_process, write_site
from tests.support.identities import STAFF, of_file
from tests.support.processes import free_port, wait_until_true

ALICE = STAFF[0][:2]
BOB = STAFF[1][:2]
RULES = """version: 1
rules:
  - name: staff print in the lab
    who: {groups: [staff]}
    printers: [lab-1, dead]
    operations: ["@print", "@query"]
    decision: permit
  - name: anyone may look at what is dead
    who: anyone
    printers: [dead]
    operations: [Get-Printer-Attributes]
    decision: permit
"""


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GateProcess]:
    folder = tmp_path_factory.mktemp("gate")
    with digest_printer() as printer:
        printers = {
            "lab-1": printer.uri,
            "dead": f"ipp://127.0.0.1:{free_port()}/ipp/print",
            "secret": printer.uri,
        }
        more = "limits: {attributes: 1s, head: 1s}\n"
        with gate_process(
            folder, printers, identity=of_file(folder), rules=RULES_WITH_SECRET, more=more
        ) as process:
            yield process


RULES_WITH_SECRET = (
    RULES
    + """  - name: nobody prints in secret
    who: {users: [nobody-at-all]}
    printers: [secret]
    operations: ["@print"]
    decision: permit
"""
)


def test_a_printer_that_does_not_exist_and_one_that_is_not_for_you_look_alike(
    gate: GateProcess,
) -> None:
    alice = gate.client(*ALICE)
    unknown = alice.ask(Operation.GET_PRINTER_ATTRIBUTES, "no-such-printer")
    forbidden = alice.ask(Operation.GET_PRINTER_ATTRIBUTES, "secret")
    assert unknown.status == forbidden.status == Status.CLIENT_ERROR_NOT_FOUND
    assert (
        unknown.words.partition(" [")[0].replace("no-such-printer", "secret")
        == (forbidden.words.partition(" [")[0])
    )


def test_a_printer_that_is_off_is_named(gate: GateProcess) -> None:
    reply = gate.client(*ALICE).print("dead", b"%PDF-1.4", "application/pdf", "page")
    assert reply.status == Status.SERVER_ERROR_SERVICE_UNAVAILABLE
    assert "dead" in reply.words
    record = gate.records()[-1]
    assert "refuses connections" in record["result"]["error"]
    assert 'ippgate_printer_up{printer="dead"} 0.0' in gate.get("/metrics")


def test_somebody_in_no_group_is_told_so(gate: GateProcess) -> None:
    reply = gate.client(*BOB).print("dead", b"%PDF-1.4", "application/pdf", "page")
    assert reply.status == Status.CLIENT_ERROR_NOT_AUTHORIZED
    assert "Print-Job" in reply.words


def test_health_and_readiness(gate: GateProcess) -> None:
    assert gate.get("/healthz") == "ok\n"
    assert gate.get("/readyz") == "listening: ok\ntrail: ok\nledger: ok\n"
    metrics = gate.get("/metrics")
    for name in ("ippgate_build_info", "ippgate_audit_writable 1.0", "ippgate_connections"):
        assert name in metrics
    for person in ("alice", "bob"):
        assert person not in metrics


def test_a_trail_that_cannot_be_written_refuses_and_recovers_by_itself(tmp_path: Path) -> None:
    with (
        digest_printer() as printer,
        gate_process(
            tmp_path,
            {"lab-1": printer.uri, "dead": printer.uri},
            identity=of_file(tmp_path),
            rules=RULES,
        ) as gate,
    ):
        alice = gate.client(*ALICE)
        assert alice.print("lab-1", b"%PDF-", "application/pdf", "1").status == Status.SUCCESSFUL_OK
        _limit_file_size(gate.process.pid, gate.trail.stat().st_size + 100)
        refused = alice.print("lab-1", b"%PDF-", "application/pdf", "2")
        assert refused.status == Status.SERVER_ERROR_SERVICE_UNAVAILABLE
        assert "trail" in refused.words
        assert "ippgate_audit_writable 0.0" in gate.get("/metrics")
        assert len(printer.received) == 1
        _limit_file_size(gate.process.pid, None)
        wait_until_true(
            "the trail can be written again",
            lambda: "ippgate_audit_writable 1.0" in gate.get("/metrics"),
        )
        again = alice.print("lab-1", b"%PDF-", "application/pdf", "3")
        assert again.status == Status.SUCCESSFUL_OK
        gate.stop()
        verified = subprocess.run(
            [sys.executable, "-m", "ippgate.cli.main", "audit", "verify", str(gate.trail)],
            capture_output=True,
            text=True,
        )
        assert verified.returncode == 0, verified.stdout
    assert len(printer.received) == 2


def _limit_file_size(pid: int, octets: int | None) -> None:
    """What a full disk is like, for one process: RLIMIT_FSIZE from outside."""
    value = "unlimited" if octets is None else str(octets)
    subprocess.run(["prlimit", f"--pid={pid}", f"--fsize={value}:unlimited"], check=True)


def test_a_bad_configuration_is_refused_with_every_mistake_at_once(tmp_path: Path) -> None:
    configuration, _, _ = write_site(
        tmp_path,
        {"lab-1": "http//192.0.2.21", "bad name": "ipp://192.0.2.22/"},
        identity="  fil: users.yaml\n",
        rules="version: 1\nrules:\n"
        "  - {name: x, who: anyone, operations: [Print-Jop], decision: permit}\n",
        more="limit: {}\n",
    )
    done = subprocess.run(
        [sys.executable, "-m", "ippgate.cli.main", "run", "-c", str(configuration)],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 2
    assert f"{configuration}:" in done.stderr
    assert 'did you mean "file"?' in done.stderr
    assert 'did you mean "limits"?' in done.stderr
    assert "bad name" in done.stderr
    assert 'did you mean "Print-Job"?' in done.stderr
    assert "Traceback" not in done.stderr
