"""``ippgate demo``: what it says when it cannot begin. Its story: tests/e2e/test_demo.py."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ippgate.cli.main import main


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ippgate.cli.main", "demo", "--once", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("port", ["65536", "-1", "ipps", ""])
def test_what_is_no_port_is_usage(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["demo", f"--port={port}"])
    assert ended.value.code == 2
    assert "is not a port: give a number up to 65535" in capsys.readouterr().err


def test_a_port_in_use_is_named_and_it_ends_in_good_order(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = demo("--port", str(port), "--folder", str(tmp_path / "demo"))
    assert done.returncode == 1
    assert done.stderr == (
        f"ippgate demo: cannot listen on 127.0.0.1 port {port}: Address already in use\n"
    )
    assert '"event":"stream.closed"' in (tmp_path / "demo" / "audit.jsonl").read_text()


def test_a_directory_that_is_not_installed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ippgate.cli.demo.begin_log", lambda *_, **__: None)
    monkeypatch.setattr("ippgate.demo.slapd.PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["demo", "--once", "--directory", "slapd"]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("ippgate demo: ")
    assert "slapd" in last
