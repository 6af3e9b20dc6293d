"""The demo as a new user sees it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ippgate.demo import site
from tests.support.peers import require
from tests.support.processes import free_port, wait_until_true

IPPGATE = [sys.executable, "-m", "ippgate.cli.main"]
COLUMNS = 80


@pytest.mark.parametrize("directory", ["file", "slapd"])
def test_once_prints_refuses_shows_verifies_and_ends(directory: str, tmp_path: Path) -> None:
    if directory == "slapd":
        require("slapd")
    folder = tmp_path / "demo"
    done = subprocess.run(
        [*IPPGATE, "demo", "--once", "--directory", directory, "--folder", str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    assert "successful-ok" in said
    assert "the same, octet for octet" in said
    assert site.REFUSAL in said
    assert "PROVEN" in said
    (paper,) = (folder / "printed").iterdir()
    assert paper.read_bytes() == (folder / "hello.pdf").read_bytes()
    trail = (folder / "audit.jsonl").read_text()
    assert '"method":"basic"' in trail
    assert ('"id":"file:alice"' in trail) is (directory == "file")
    too_wide = [
        line for line in said.splitlines() if len(line) > COLUMNS and str(tmp_path) not in line
    ]
    assert not too_wide


def test_it_serves_until_interrupted_and_the_commands_it_names_work(tmp_path: Path) -> None:
    ipptool = require("ipptool")
    curl = require("curl")
    folder = tmp_path / "demo"
    port = free_port()
    output = tmp_path / "output"
    with output.open("w") as stream:
        process = subprocess.Popen(
            [*IPPGATE, "demo", "--folder", str(folder), "--port", str(port)],
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_true("it serves", lambda: "Its files:" in output.read_text())
        address = f"ipps://{site.ALICE.name}:{site.ALICE.password}@localhost:{port}/printers/demo"
        assert address in output.read_text()
        printed = subprocess.run(
            [ipptool, "-tv", "-f", str(folder / "hello.pdf"), address, "print-job.test"],
            capture_output=True,
            text=True,
            timeout=60,
            env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        )
        assert printed.returncode == 0, printed.stdout + printed.stderr
        page = subprocess.run(
            [
                *(curl, "-sS", "--cacert", str(folder / "tls" / "ca.pem")),
                f"https://localhost:{port}/printers/demo",
            ],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert f"ipps://localhost:{port}/printers/demo" in page.stdout
        assert len(list((folder / "printed").iterdir())) == 2
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0, output.read_text()
    finally:
        process.kill()
        process.wait()
    verified = subprocess.run(
        [*IPPGATE, "audit", "verify", str(folder / "audit.jsonl")], capture_output=True, text=True
    )
    assert verified.returncode == 0
    assert "not closed" not in verified.stdout


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    done = subprocess.run(
        [*IPPGATE, "demo", "--once", "--folder", str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
