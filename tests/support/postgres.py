"""A PostgreSQL of the tests' own: Debian's programs, a folder of its own, loopback, as an account
that may nothing else."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.peers import require
from tests.support.processes import free_port, wait_until_true

ACCOUNT = "nobody"
"""initdb refuses to run as root."""
SUPERUSER = "ledger"


@dataclass(slots=True)
class Postgres:
    """A running server. ``url`` is what stands in a configuration."""

    folder: Path
    port: int
    programs: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def new_database(self, name: str) -> str:
        """Creates one; its address."""
        self.sql(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def sql(self, words: str, database: str = "postgres") -> str:
        """What psql prints."""
        done = subprocess.run(
            [self.programs / "psql", "-qtAX", "-d", self.url(database), "-c", words],
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self) -> None:
        log = (self.folder / "log").open("ab")
        with log:
            self.process = subprocess.Popen(
                [
                    *(self.programs / "postgres", "-D", self.folder / "data"),
                    *("-p", str(self.port), "-c", "listen_addresses=127.0.0.1"),
                    *("-c", "unix_socket_directories=", "-c", "fsync=off"),
                    *("-c", "max_connections=60", "-c", "shared_buffers=16MB"),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                **_as_account(),
            )
        wait_until_true("PostgreSQL answers", self._answers)

    def stop(self) -> None:
        """At once: connections are ended."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text()
        asked: list[str | Path] = [
            self.programs / "pg_isready",
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
        ]
        return subprocess.run(asked).returncode == 0


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """Runs until the block ends."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="ippgate-postgres-"))
    try:
        if os.getuid() == 0:
            account = pwd.getpwnam(ACCOUNT)
            os.chown(folder, account.pw_uid, account.pw_gid)
        command: list[str | Path] = [
            *(programs / "initdb", "-D", folder / "data", "-U", SUPERUSER, "-A", "trust"),
            *("-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"),
        ]
        made = subprocess.Popen(command, stdout=subprocess.DEVNULL, **_as_account())
        assert made.wait(120) == 0
        server = Postgres(folder, free_port(), programs)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    """Debian keeps them apart from the path: /usr/lib/postgresql/15/bin."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if installed:
        return installed[-1].parent
    return Path(require("postgres")).parent


def _as_account() -> dict[str, Any]:
    if os.getuid() != 0:
        return {}
    account = pwd.getpwnam(ACCOUNT)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"}
