"""What Get-Jobs and a new job cost with 100 and with 100,000 jobs in the ledger.

    python -m tests.bench.ledger [--rows 100000]

Through the real gate, over one connection a request, before the virtual printer with 30 jobs; and
the ledger's own part, without anything around it. Ratios near 1 are what is wanted.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, insert

from ippgate.ipp.enums import Operation
from ippgate.ledger import lookups, submissions
from ippgate.ledger.connections import Connections
from ippgate.ledger.schema import jobs
from tests.support.gate_process import gate_process
from tests.support.identities import of_file
from tests.support.ledgers import ALICE, sqlite_ledger, submission
from tests.support.virtual_printer import virtual_printer

FEW = 100
LISTED = 30
TIMES = 200
PEOPLE = (("alice", "a", "staff"), ("bob", "b", "staff"))


def fill(connection: Connection, rows: int) -> None:
    """Jobs of the past, at ten printers."""
    past = {
        "current": True,
        "mended": False,
        "owner_id": "file:alice",
        "owner_name": "alice",
        "owner_groups": "[]",
        "request": "r",
        "confirmed": 0.0,
        "ended": 1.0,
        "outcome": "completed",
        "octets": 1000,
    }
    for start in range(0, rows, 5000):
        connection.execute(
            insert(jobs),
            [
                {**past, "printer": f"old-{n % 10}", "job_id": n, "submitted": float(n)}
                for n in range(start, min(rows, start + 5000))
            ],
        )


def milliseconds(work: Callable[[], object], times: int = TIMES) -> float:
    """The median."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1000


def alone(ledger: Connections) -> dict[str, float]:
    """The ledger's own part."""
    ids = list(range(1000, 1000 + LISTED))

    def new_job() -> None:
        key = ledger.run(lambda c: submissions.begin(c, submission(ALICE)), writes=True)
        ledger.run(lambda c: submissions.abandoned(c, key), writes=True)

    return {
        f"owners of {LISTED} jobs": milliseconds(
            lambda: ledger.run(lambda c: lookups.current(c, "old-1", ids), writes=False)
        ),
        "a submission": milliseconds(new_job),
    }


def through_the_gate(folder: Path) -> dict[str, float]:
    """The whole way."""
    with (
        virtual_printer(folder) as printer,
        gate_process(folder, {"lab-1": printer.uri}, identity=of_file(folder, PEOPLE)) as gate,
    ):
        alice = gate.client("alice", "a")
        for _ in range(LISTED):
            alice.ask(Operation.CREATE_JOB, "lab-1")
        return {
            "Get-Jobs": milliseconds(lambda: alice.ask(Operation.GET_JOBS, "lab-1")),
            "Print-Job": milliseconds(
                lambda: alice.print("lab-1", b"%PDF-1.4", "application/pdf", "page")
            ),
        }


def measure(rows: int) -> dict[str, float]:
    """Milliseconds by what was done."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledger = sqlite_ledger(folder)
        ledger.run(lambda c: fill(c, rows), writes=True)
        results = alone(ledger)
        ledger.close()
        return {**results, **through_the_gate(folder)}


def main(rows: int) -> None:
    few, many = measure(FEW), measure(rows)
    print(f"{'median ms':22} {FEW:>10,} {rows:>10,} {'ratio':>7}")
    for what, cost in few.items():
        print(f"{what:22} {cost:10.3f} {many[what]:10.3f} {many[what] / cost:7.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    main(parser.parse_args().rows)
