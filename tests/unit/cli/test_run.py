"""``ippgate run`` in a process of its own: how it starts, does not start, and ends."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.gate_process import gate_process, write_site
from tests.support.identities import of_file
from tests.support.processes import free_port

PRINTERS = {"lab-1": f"ipp://127.0.0.1:{free_port()}/ipp/print"}
PEOPLE = [("alice", "secret", "staff")]


def run(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ippgate.cli.main", "run", "-c", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_good_order(signal_: signal.Signals, tmp_path: Path) -> None:
    with gate_process(tmp_path, PRINTERS, identity=of_file(tmp_path, PEOPLE)) as gate:
        gate.process.send_signal(signal_)
        assert gate.process.wait(20) == 0
        log = (tmp_path / "gate.log").read_text()
        assert f"Serving printers over IPPS on 127.0.0.1 port {gate.port}" in log
        assert f"Serving metrics and health on 127.0.0.1 port {gate.monitor_port}" in log
        assert "Stopping: no further requests are taken" in log
        assert "Traceback" not in log
        assert gate.records()[-1]["event"] == "stream.closed"


def test_what_is_only_doubtful_is_said_and_does_not_keep_it_from_serving(tmp_path: Path) -> None:
    identity = of_file(tmp_path, PEOPLE)
    (tmp_path / "users.yaml").chmod(0o644)
    with gate_process(tmp_path, PRINTERS, identity=identity) as gate:
        assert gate.get("/healthz")
        log = (tmp_path / "gate.log").read_text()
    assert "identity.file: warning: " in log


def test_an_address_in_use_is_named_and_the_exit_code_says_configuration(tmp_path: Path) -> None:
    file, port, _ = write_site(tmp_path, PRINTERS, identity=of_file(tmp_path, PEOPLE))
    with socket.create_server(("127.0.0.1", port)):
        done = run(file)
    assert done.returncode == 2
    assert f"ippgate: cannot listen on 127.0.0.1 port {port}: Address already in use" in done.stderr
    assert "Traceback" not in done.stderr
    last = (tmp_path / "audit.jsonl").read_text().splitlines()[-1]
    assert json.loads(last)["event"] == "stream.closed"


def test_a_trail_that_is_none_is_named_and_nothing_listens(tmp_path: Path) -> None:
    file, _, _ = write_site(tmp_path, PRINTERS, identity=of_file(tmp_path, PEOPLE))
    (tmp_path / "audit.jsonl").write_text("dear diary\n")
    done = run(file)
    assert done.returncode == 2
    assert str(tmp_path / "audit.jsonl") in done.stderr
    assert "Serving" not in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "audit.jsonl").read_text() == "dear diary\n"
