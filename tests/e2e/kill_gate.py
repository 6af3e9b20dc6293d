"""Kills the gate at random moments while jobs stream through it, and looks what is left.

    python -m tests.e2e.kill_gate --rounds 1000

After each kill -9: every job that a client was told of has its owner in the ledger, and no job was
sent twice. In the end: every job that the printer made has its owner, those whose answer was never
heard among them, and the trail verifies.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from ippgate.demo.client import Client
from ippgate.exchange.jobs import seen_jobs
from tests.support.gate_process import write_site
from tests.support.identities import of_file
from tests.support.processes import answers, wait_until_true
from tests.support.virtual_printer import virtual_printer

PEOPLE = (("alice", "a", "staff"), ("bob", "b", "staff"))
ROUNDS = 50
PAGE = "%PDF-1.4 "
LONGEST_SECONDS = 0.45
"""A round lives at most so long after its first job."""
MORE = "limits: {connections: 50}\n"


@dataclass
class Told:
    """What clients were told: id and name of jobs, by owner. ``sent``: names of all jobs."""

    jobs: list[tuple[str, int, str]] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)
    unheard: int = 0


def serve(configuration: Path, log: Path) -> None:
    """The gate, in a process that has imported it already."""
    with log.open("a") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    from ippgate.cli.main import main

    sys.exit(main(["run", "-c", str(configuration)]))


class Site:
    """A printer that lives on, and a gate that does not."""

    def __init__(self, folder: Path, printer_uri: str, rng: random.Random) -> None:
        self.folder = folder
        self.printer_uri = printer_uri
        self.rng = rng
        self.told = Told()
        self.lock = threading.Lock()
        self.configuration, self.port, _ = write_site(
            folder, {"lab-1": printer_uri}, identity=of_file(folder, PEOPLE), more=MORE
        )
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["ippgate.service", "ippgate.cli.main"])

    def start(self) -> BaseProcess:
        process = self._context.Process(
            target=serve, args=(self.configuration, self.folder / "gate.log"), daemon=True
        )
        process.start()
        wait_until_true("the gate answers", lambda: answers(self.port))
        return process

    def round(self, number: int) -> None:
        """One life of the gate."""
        process = self.start()
        stop = threading.Event()
        people = [
            threading.Thread(target=self._stream, args=(number, n, *who[:2], stop))
            for n, who in enumerate((*PEOPLE, *PEOPLE))
        ]
        for person in people:
            person.start()
        time.sleep(self.rng.uniform(0, LONGEST_SECONDS))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        stop.set()
        for person in people:
            person.join()

    def _stream(self, number: int, n: int, user: str, password: str, stop: threading.Event) -> None:
        """Prints one job after the other, and never the same one again."""
        client = Client("localhost", self.port, self.folder / "ca.pem", user, password)
        count = 0
        while not stop.is_set():
            count += 1
            name = f"{number}-{n}-{count}"
            with self.lock:
                self.told.sent[name] = user
            try:
                reply = client.print("lab-1", f"{PAGE}{name}".encode(), "application/pdf", name)
            except (OSError, http.client.HTTPException):
                with self.lock:
                    self.told.unheard += 1
                return
            if reply.message is not None and reply.message.code < 0x100:
                (job,) = seen_jobs(reply.message, 0.0)
                with self.lock:
                    self.told.jobs.append((user, job.job_id, name))

    # --- what is left -----------------------------------------------------------------------------

    def owners(self) -> dict[int, tuple[str, str]]:
        """Owner and name of every job in the ledger, by its id at the printer."""
        with contextlib.closing(sqlite3.connect(self.folder / "ledger.db")) as ledger:
            rows = ledger.execute(
                "SELECT job_id, owner_name, name FROM jobs WHERE current"
            ).fetchall()
        return {job_id: (owner, name) for job_id, owner, name in rows}

    def check(self) -> None:
        """What must be true at any moment."""
        known = self.owners()
        for user, job_id, name in self.told.jobs:
            assert known.get(job_id) == (user, name), f"job {job_id} {name} of {user}: no owner"

    def made(self) -> dict[int, str]:
        """The name of every job that the printer printed, by id: it is what the document says."""
        papers = (self.folder / "printed").glob("job-*")
        return {
            int(paper.stem.removeprefix("job-")): paper.read_text().removeprefix(PAGE)
            for paper in papers
        }

    def finish(self) -> int:
        """Everything that the printer made has its owner; the trail is whole. How many were found
        after nobody had heard of them."""
        process = self.start()
        made = self.made()
        twice = [name for name, times in Counter(made.values()).items() if times > 1]
        assert not twice, f"sent twice: {twice}"
        wait_until_true(
            "every job at the printer has an owner",
            lambda: set(made) <= set(self.owners()),
            seconds=60,
        )
        for job_id, (owner, name) in self.owners().items():
            assert self.told.sent[name] == owner, f"job {job_id} of {owner} is {name}"
            assert made.get(job_id, name) == name
        process.terminate()
        process.join()
        verified = subprocess.run(
            [
                *(sys.executable, "-m", "ippgate.cli.main", "audit", "verify"),
                self.folder / "audit.jsonl",
            ],
            capture_output=True,
            text=True,
        )
        assert verified.returncode == 0, verified.stdout[-2000:]
        return len(set(made.values()) - {name for _, _, name in self.told.jobs})


@contextlib.contextmanager
def site(folder: Path, seed: int) -> Iterator[Site]:
    with virtual_printer(folder, jobs=1_000_000) as printer:
        yield Site(folder, printer.uri, random.Random(seed))


def main(rounds: int, seed: int, folder: Path) -> str:
    """Runs; what happened in one line. Raises AssertionError."""
    with site(folder, seed) as scene:
        for number in range(rounds):
            scene.round(number)
            scene.check()
        found = scene.finish()
        told = scene.told
        return (
            f"{rounds} kills, seed {seed}: {len(told.sent)} jobs begun, {len(told.jobs)} "
            f"acknowledged, {told.unheard} broken off, {found} found at the printer afterwards; "
            "all have their owners, none was sent twice, the trail verifies"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        print(main(chosen.rounds, chosen.seed, Path(name)))
