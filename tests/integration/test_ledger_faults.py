"""What goes wrong with the ledger while the gate serves, and that it comes back by itself."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import urllib.error
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ippgate.demo.client import Reply
from ippgate.ipp import values
from ippgate.ipp.enums import Operation, Status
from ippgate.ipp.message import Attribute
from tests.support.digest_printer import DigestPrinter, digest_printer
from tests.support.gate_process import GateProcess, gate_process
from tests.support.identities import STAFF, of_file
from tests.support.peers import lacking, require_root
from tests.support.postgres import Postgres, postgres
from tests.support.processes import wait_until_true
from tests.support.virtual_printer import virtual_printer

ALICE = STAFF[0][:2]


def print_page(gate: GateProcess, name: str) -> Reply:
    return gate.client(*ALICE).print("lab-1", b"%PDF-1.4", "application/pdf", name)


def ready(gate: GateProcess) -> str:
    """What /readyz says, whatever its status."""
    try:
        return gate.get("/readyz")
    except urllib.error.HTTPError as error:
        return error.read().decode()


def jobs(printer: DigestPrinter) -> int:
    """How many reached it. (It is asked about them, too.)"""
    return sum(one.message.code == Operation.PRINT_JOB for one in printer.received)


def refused(gate: GateProcess, printer: DigestPrinter, words: str) -> None:
    """A job is refused in words, nothing is sent, and monitoring names why."""
    before = jobs(printer)
    reply = print_page(gate, "refused")
    assert reply.status == Status.SERVER_ERROR_SERVICE_UNAVAILABLE, reply.words
    assert "ledger" in reply.words
    assert jobs(printer) == before
    record = [r for r in gate.records() if r.get("operation") == "Print-Job"][-1]
    assert record["decision"]["reason"] == "ledger-unavailable"
    assert words in record["result"]["error"]
    assert words in ready(gate)
    assert "ippgate_ledger_writable 0.0" in gate.get("/metrics")


def back(gate: GateProcess) -> None:
    """It serves again without being started again."""
    wait_until_true("the ledger is back", lambda: "ledger: ok" in ready(gate))
    assert print_page(gate, "back").status == Status.SUCCESSFUL_OK
    assert "ippgate_ledger_writable 1.0" in gate.get("/metrics")


def test_a_locked_a_damaged_and_a_removed_file(tmp_path: Path) -> None:
    with (
        digest_printer() as printer,
        gate_process(tmp_path, {"lab-1": printer.uri}, identity=of_file(tmp_path)) as gate,
    ):
        assert print_page(gate, "first").status == Status.SUCCESSFUL_OK
        file = tmp_path / "ledger.db"
        assert file.stat().st_mode & 0o077 == 0

        lock = sqlite3.connect(file, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        refused(gate, printer, "another program holds it locked")
        lock.execute("ROLLBACK")
        lock.close()
        back(gate)

        damaged = tmp_path / "damaged"
        damaged.write_bytes(b"this is no database, whatever its name says " * 1000)
        # Its log would heal it.
        (tmp_path / "ledger.db-wal").unlink()
        damaged.rename(file)
        refused(gate, printer, "it is no ledger: restore it, or move it away")
        for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        back(gate)


def test_a_full_disk_refuses_jobs_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    """A file system of 1 MB, which somebody else fills."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with (
        small_disk(disk),
        digest_printer() as printer,
        gate_process(
            tmp_path,
            {"lab-1": printer.uri},
            identity=of_file(tmp_path),
            more=f"ledger: sqlite://{disk}/ledger.db\n",
        ) as gate,
    ):
        assert print_page(gate, "first").status == Status.SUCCESSFUL_OK
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 4096)
        wait_until_true(
            "the ledger has no room left", lambda: print_page(gate, "until full").status != 0
        )
        refused(gate, printer, "the disk")
        filler.unlink()
        back(gate)
        with sqlite3.connect(disk / "ledger.db") as ledger:
            assert ledger.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            waiting = ledger.execute("SELECT count(*) FROM jobs WHERE job_id IS NULL").fetchone()
            assert waiting == (0,)
        ledger.close()


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A tmpfs of 1 MB."""
    require_root("to mount a small tmpfs")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        lacking(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def own_postgresql() -> Iterator[Postgres]:
    """One that the test may stop."""
    with postgres() as server:
        yield server


def test_postgresql_restarts_under_load(tmp_path: Path, own_postgresql: Postgres) -> None:
    with (
        digest_printer() as printer,
        gate_process(
            tmp_path,
            {"lab-1": printer.uri},
            identity=of_file(tmp_path),
            more=f"ledger: {own_postgresql.new_database('gate')}\n",
        ) as gate,
    ):
        assert print_page(gate, "first").status == Status.SUCCESSFUL_OK
        with ThreadPoolExecutor(4) as people:
            replies = [people.submit(print_page, gate, f"load {n}") for n in range(12)]
            own_postgresql.stop()
            answered = [reply.result().status for reply in replies]
        assert set(answered) <= {
            Status.SUCCESSFUL_OK,
            Status.SERVER_ERROR_SERVICE_UNAVAILABLE,
        }
        refused(gate, printer, "PostgreSQL at 127.0.0.1")
        own_postgresql.start()
        back(gate)
        acknowledged = answered.count(Status.SUCCESSFUL_OK) + 2
        count = "SELECT count(*) FROM jobs WHERE current AND owner_name = 'alice'"
        wait_until_true(
            "every acknowledged job has its owner",
            lambda: int(own_postgresql.sql(count, "gate")) == acknowledged,
        )


def test_two_gateways_on_one_postgresql_share_jobs(tmp_path: Path, postgresql: Postgres) -> None:
    url = postgresql.new_database("two-gateways")
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    with virtual_printer(tmp_path) as printer:
        gates = [
            gate_process(
                folder,
                {"lab-1": printer.uri},
                identity=of_file(folder, (*STAFF[:1], ("bob", "builder", "staff"))),
                more=f"ledger: {url}\n",
            )
            for folder in folders
        ]
        with gates[0] as one, gates[1] as two:
            made = one.client(*ALICE).ask(Operation.CREATE_JOB, "lab-1")
            assert made.status == Status.SUCCESSFUL_OK
            job = [Attribute("job-id", (values.integer(1),))]
            bob = two.client("bob", "builder")
            assert bob.ask(Operation.CANCEL_JOB, "lab-1", job).status == (
                Status.CLIENT_ERROR_NOT_AUTHORIZED
            )
            alice = two.client(*ALICE)
            assert alice.ask(Operation.CANCEL_JOB, "lab-1", job).status == Status.SUCCESSFUL_OK
            wait_until_true(
                "one of them records how it ended",
                lambda: (
                    sum(
                        record["event"] == "job.ended"
                        for gate in (one, two)
                        for record in gate.records()
                    )
                    == 1
                ),
            )
