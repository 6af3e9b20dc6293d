"""A first site, as the README tells: certificate, account, configuration, check, run, print."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ippgate.demo.client import Client
from ippgate.ipp.enums import Status
from tests.support.processes import free_port, running
from tests.support.virtual_printer import virtual_printer

RULES = Path(__file__).parents[2] / "policies" / "default.yaml"


def ippgate(folder: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ippgate.cli.main", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(RULES.parents[1])},
    )


def test_from_nothing_to_a_printed_page(tmp_path: Path) -> None:
    made = ippgate(tmp_path, "cert", "create", "--host", "localhost", "--out", "tls")
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "tls" / "key.pem").stat().st_mode & 0o077 == 0
    shown = ippgate(tmp_path, "cert", "show", "tls/fullchain.pem", "--json")
    assert json.loads(shown.stdout)["names"] == ["localhost"]

    entry = ippgate(
        tmp_path, "user", "hash", "alice", "--group", "staff", typed="a pass:word\n"
    ).stdout
    (tmp_path / "users.yaml").write_text(f"users:\n{entry}")
    (tmp_path / "users.yaml").chmod(0o600)
    port = free_port()
    with virtual_printer(tmp_path) as printer:
        (tmp_path / "ippgate.yaml").write_text(
            f"""\
public_name: localhost
listen:
  - address: "127.0.0.1:{port}"
    tls: {{certificate: tls/fullchain.pem, key: tls/key.pem}}
identity: {{file: users.yaml}}
printers:
  lab-1: {{uri: "{printer.uri}", title: Lab 1}}
policies: ["{RULES}"]
audit: {{file: audit.jsonl}}
"""
        )
        checked = ippgate(tmp_path, "check", "-c", "ippgate.yaml", "--online")
        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert "good (1 printer, 4 rules)" in checked.stdout
        assert "printers.lab-1: ippgate virtual legacy printer, idle" in checked.stderr
        command = [sys.executable, "-m", "ippgate.cli.main", "run", "-c", "ippgate.yaml"]
        command[-1] = str(tmp_path / "ippgate.yaml")
        with running(command, log=tmp_path / "log", port=port):
            shown = ippgate(tmp_path, "cert", "show", f"ipps://localhost:{port}")
            assert shown.returncode == 0, shown.stderr
            alice = Client("localhost", port, tmp_path / "tls" / "ca.pem", "alice", "a pass:word")
            reply = alice.print("lab-1", b"%PDF-1.4 page", "application/pdf", "page")
            assert reply.status == Status.SUCCESSFUL_OK
            assert printer.printed()[0].read_bytes() == b"%PDF-1.4 page"
    # The printer is off now: check says so, and names it.
    checked = ippgate(tmp_path, "check", "-c", "ippgate.yaml", "--online", "--json")
    assert checked.returncode == 1
    (finding,) = (json.loads(line) for line in checked.stdout.splitlines())
    assert finding["path"] == "printers.lab-1.uri"
    assert "refuses connections" in finding["message"]


def test_renewing_keeps_the_authority_that_clients_trust(tmp_path: Path) -> None:
    create = ("cert", "create", "--host", "print.example.org", "--out", "tls")
    assert ippgate(tmp_path, *create).returncode == 0
    authority = (tmp_path / "tls" / "ca.pem").read_bytes()
    key = (tmp_path / "tls" / "key.pem").read_bytes()
    again = ippgate(tmp_path, *create)
    assert again.returncode == 2
    assert "--renew" in again.stderr
    assert (tmp_path / "tls" / "key.pem").read_bytes() == key
    assert ippgate(tmp_path, *create, "--renew").returncode == 0
    assert (tmp_path / "tls" / "key.pem").read_bytes() != key
    assert (tmp_path / "tls" / "ca.pem").read_bytes() == authority


def test_a_certificate_that_is_none_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("not a certificate")
    for what in ("x.pem", "missing.pem", "ftp://localhost", f"ipps://localhost:{free_port()}"):
        shown = ippgate(tmp_path, "cert", "show", what)
        assert shown.returncode == 2, what
        assert shown.stderr.startswith("ippgate cert show: ")
        assert "Traceback" not in shown.stderr


def test_without_a_command_usage_is_shown(tmp_path: Path) -> None:
    done = ippgate(tmp_path)
    assert done.returncode == 2
    assert "usage: ippgate" in done.stderr
