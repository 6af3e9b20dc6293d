"""CUPS's own programs as peers: ippeveprinter behind the gate, cupsd and ipptool before it.

All have their folders, ports and message bus to themselves; nothing of the machine's own CUPS,
D-Bus or Avahi is touched.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.peers import require, require_root
from tests.support.processes import alone, free_port, running

FORMATS = "application/pdf,image/jpeg,image/pwg-raster,image/urf"
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
"""
_AVAHI = """[server]
host-name=ippgate-test
use-ipv6=no
allow-interfaces=lo
enable-dbus=yes
[publish]
publish-workstation=no
"""
_CUPSD = """LogLevel debug
Listen 127.0.0.1:{port}
Browsing No
WebInterface No
DefaultAuthType None
MaxJobTime 120
<Location />
  Order allow,deny
  Allow all
</Location>
<Location /admin>
  Order allow,deny
  Allow all
</Location>
<Policy default>
  JobPrivateAccess all
  JobPrivateValues none
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
"""
_CUPS_FILES = """ServerRoot {folder}/etc
RequestRoot {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/state
AccessLog {folder}/access_log
ErrorLog {folder}/error_log
PageLog {folder}/page_log
TempDir {folder}/spool/tmp
ServerKeychain {folder}/etc/ssl
SystemGroup root
User lp
Group lp
"""


@contextlib.contextmanager
def bus(folder: Path) -> Iterator[dict[str, str]]:
    """A message bus and an Avahi on loopback: ippeveprinter does not start without. Yields the
    environment that names them.

    A machine can have one Avahi, so tests that run beside this one wait. The machine's own is used
    where it runs.
    """
    require_root("avahi-daemon")
    dbus, avahi = require("dbus-daemon"), require("avahi-daemon")
    (folder / "bus.conf").write_text(_BUS.format(folder=folder))
    (folder / "avahi.conf").write_text(_AVAHI)
    environment = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={folder}/bus"}
    with contextlib.ExitStack() as stack:
        stack.enter_context(alone("avahi"))
        if subprocess.run([avahi, "--check"]).returncode == 0:
            yield {}
            return
        stack.enter_context(
            running(
                [
                    *(dbus, f"--config-file={folder}/bus.conf"),
                    *("--nofork", "--nopidfile", "--print-address"),
                ],
                log=folder / "dbus.log",
                says="unix:path=",
            )
        )
        stack.enter_context(
            running(
                [
                    *(avahi, "-f", folder / "avahi.conf"),
                    *("--no-drop-root", "--no-chroot", "--no-rlimits"),
                ],
                log=folder / "avahi.log",
                says="Server startup complete",
                environment=environment,
            )
        )
        yield environment


@dataclass(frozen=True, slots=True)
class IppEvePrinter:
    """CUPS's sample printer: IPP/2.0, in the clear, no users."""

    port: int
    spool: Path
    log: Path

    @property
    def uri(self) -> str:
        return f"ipp://localhost:{self.port}/ipp/print"

    def printed(self) -> list[Path]:
        """Documents it received, in order."""
        return sorted(
            (path for path in self.spool.rglob("*") if path.is_file()),
            key=lambda path: path.stat().st_mtime_ns,
        )


@contextlib.contextmanager
def ippeveprinter(
    folder: Path, environment: dict[str, str], *more: str, command: str | None = None
) -> Iterator[IppEvePrinter]:
    """Keeps what it prints. ``more``: arguments, such as ``-2`` for both sides. ``command``: the
    shell's words that a document is printed by, with its file as ``$1``; what they write to
    standard error may set attributes."""
    program = require("ippeveprinter")
    spool = folder / "printer"
    spool.mkdir()
    port = free_port()
    by: list[str | Path] = []
    if command is not None:
        script = folder / "print"
        script.write_text(f"#!/bin/sh\n{command}\n")
        script.chmod(0o755)
        by = ["-c", script]
    with running(
        [
            *(program, "-p", str(port), "-d", spool, "-k", "-f", FORMATS, *by, "-n", "localhost"),
            *more,
            "Test",
        ],
        log=folder / "ippeveprinter.log",
        port=port,
        environment=environment,
    ):
        yield IppEvePrinter(port, spool, folder / "ippeveprinter.log")


@dataclass(frozen=True, slots=True)
class Cupsd:
    """A print server of its own, as a client of the gate."""

    port: int
    folder: Path

    @property
    def server(self) -> str:
        return f"127.0.0.1:{self.port}"

    def run(self, program: str, *arguments: str | Path) -> str:
        """lpadmin, lp, lpstat: their output. Fails with it, and with cupsd's log."""
        # An own home: trust on first use keeps certificates in it.
        done = subprocess.run(
            [require(program), "-h", self.server, *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "HOME": str(self.folder)},
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}\n{self.log()[-6000:]}"
        return done.stdout

    def log(self) -> str:
        return (self.folder / "error_log").read_text(errors="replace")


@contextlib.contextmanager
def cupsd(folder: Path) -> Iterator[Cupsd]:
    """Starts with no queues."""
    program = require("cupsd")
    require_root("cupsd")
    port = free_port()
    for name in ("etc/ssl", "spool/tmp", "cache", "state"):
        (folder / name).mkdir(parents=True)
    (folder / "etc" / "cupsd.conf").write_text(_CUPSD.format(port=port))
    (folder / "etc" / "cups-files.conf").write_text(_CUPS_FILES.format(folder=folder))
    for name in ("spool", "spool/tmp", "cache", "state"):
        shutil.chown(folder / name, "lp", "lp")
    # Filters run as lp, and must reach the spool.
    for above in [folder, *folder.parents]:
        if above.owner() == "root" and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o011)
    with running(
        [
            *(program, "-f", "-c", folder / "etc" / "cupsd.conf"),
            *("-s", folder / "etc" / "cups-files.conf"),
        ],
        log=folder / "cupsd.log",
        port=port,
    ):
        yield Cupsd(port, folder)


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """What ipptool said of each test of a file, by the test's name."""

    results: dict[str, str]
    output: str

    def passed(self) -> set[str]:
        return {name for name, verdict in self.results.items() if verdict == "PASS"}


_VERDICT = re.compile(r"^ {4}(?P<name>\S.*?) +\[(?P<verdict>PASS|FAIL|SKIP)\]$", re.MULTILINE)


def ipptool(uri: str, suite: str, document: Path | None, home: Path) -> SuiteResult:
    """Runs a file of tests to its end, failures or not."""
    program = require("ipptool")
    with_document = ["-f", str(document)] if document is not None else []
    done = subprocess.run(
        [program, "-tI", *with_document, uri, suite],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "HOME": str(home)},
    )
    output = done.stdout + done.stderr
    results = {match["name"]: match["verdict"] for match in _VERDICT.finditer(done.stdout)}
    return SuiteResult(results, output)
