"""The gate as people run it: ``ippgate run -c FILE`` in a process of its own."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ippgate.demo.client import Client
from ippgate.listener.authority import create_authority, issue_server, write_private
from tests.support.processes import end, free_port, running

RULES = """version: 1
rules:
  - name: anyone may see what a printer can do
    who: anyone
    operations: [Get-Printer-Attributes]
    decision: permit
  - name: staff print
    who: {groups: [staff]}
    operations: ["@print", "@query"]
    decision: permit
  - name: people manage their own jobs
    who: owner
    operations: ["@job"]
    decision: permit
"""


@dataclass(slots=True)
class GateProcess:
    """A running gate and where its files are."""

    process: subprocess.Popen[bytes]
    port: int
    monitor_port: int
    folder: Path

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def trail(self) -> Path:
        return self.folder / "audit.jsonl"

    def client(self, user: str, password: str) -> Client:
        return Client("localhost", self.port, self.ca, user, password)

    def uri(self, user: str, password: str, printer: str = "lab-1") -> str:
        return f"ipps://{user}:{password}@localhost:{self.port}/printers/{printer}"

    def records(self) -> list[dict[str, Any]]:
        """The trail's whole lines so far."""
        lines = self.trail.read_bytes().split(b"\n")[:-1]
        return [json.loads(line) for line in lines]

    def get(self, path: str) -> str:
        """From the monitoring address."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.monitor_port}{path}") as reply:
            text: str = reply.read().decode()
            return text

    def memory_kib(self) -> int:
        """Resident memory of the process now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])

    def command(self, *words: str, standard_input: str = "") -> subprocess.CompletedProcess[str]:
        """``ippgate WORDS -c FILE`` on this gate's configuration."""
        return subprocess.run(
            [
                *(sys.executable, "-m", "ippgate.cli.main", *words),
                *("-c", str(self.folder / "ippgate.yaml")),
            ],
            input=standard_input,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def stop(self) -> int:
        return end(self.process)


def write_site(
    folder: Path,
    printers: Mapping[str, str],
    *,
    identity: str,
    rules: str = RULES,
    more: str = "",
    tls: str = "",
    printer: str = "",
) -> tuple[Path, int, int]:
    """Writes certificates, rules and configuration; the configuration, and its two ports.

    ``identity``: YAML of the section, indented by two spaces. ``tls``, ``printer``: further keys of
    the listener's TLS and of each printer, as in ", client_ca: ca.pem".
    """
    now = datetime.now(UTC)
    authority = create_authority(now)
    server = issue_server(authority, ["localhost", "127.0.0.1"], now)
    (folder / "ca.pem").write_bytes(authority.certificate_pem())
    (folder / "fullchain.pem").write_bytes(server.certificate_pem())
    write_private(folder / "key.pem", server.key_pem())
    (folder / "policies").mkdir()
    (folder / "policies" / "rules.yaml").write_text(rules)
    port, monitor_port = free_port(), free_port()
    lines = "".join(
        f"  {name}: {{uri: {json.dumps(uri)}{printer}}}\n" for name, uri in printers.items()
    )
    configuration = folder / "ippgate.yaml"
    configuration.write_text(
        f"""public_name: localhost
listen:
  - address: "127.0.0.1:{port}"
    tls: {{certificate: fullchain.pem, key: key.pem{tls}}}
monitor: "127.0.0.1:{monitor_port}"
identity:
{identity}printers:
{lines}policies: [policies/]
audit: {{file: audit.jsonl}}
{more}"""
    )
    return configuration, port, monitor_port


@contextlib.contextmanager
def gate_process(
    folder: Path,
    printers: Mapping[str, str],
    *,
    identity: str,
    rules: str = RULES,
    more: str = "",
    tls: str = "",
    printer: str = "",
) -> Iterator[GateProcess]:
    """Writes a site and serves it."""
    configuration, port, monitor_port = write_site(
        folder, printers, identity=identity, rules=rules, more=more, tls=tls, printer=printer
    )
    with running(
        [sys.executable, "-m", "ippgate.cli.main", "run", "-c", configuration],
        log=folder / "gate.log",
        port=port,
    ) as process:
        yield GateProcess(process, port, monitor_port, folder)
