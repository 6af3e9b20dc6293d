"""What a line in the trail costs: ``python -m tests.bench.trail [FOLDER]``.

Prints the cost of making, chaining, reading and verifying a line, and records a second, durable and
not, at several concurrencies, on the disk of FOLDER (default: the current folder). ``fdatasync`` of
that disk alone stands beside it, to compare.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.task import react

from ippgate.audit.events import Event, Record
from ippgate.audit.line import FIRST_PREV, Position, chain, encode, read_link
from ippgate.audit.show import Table, read_entry
from ippgate.audit.trail import FileTrail
from ippgate.audit.verify import verify
from ippgate.reactor import Reactor

RECORD = Record(
    datetime.now(UTC),
    Event.REQUEST_OUTCOME,
    "4a1fb0c2",
    client={"address": "198.51.100.7", "port": 50123},
    tls={"version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384"},
    user={"name": "alice", "id": "8f6e1e34-1f3c-4d4b-9b5a-0d1f1c1b0a09", "method": "ldap"},
    printer="lab-1",
    operation="Get-Printer-Attributes",
    decision={"effect": "permit", "rule": "staff print in office hours", "revision": "0123456789"},
    result={
        "http": 200,
        "ipp": "successful-ok",
        "printer": "successful-ok",
        "octets_in": 236,
        "octets_out": 8222,
        "ms": 2.345,
        "directory_ms": 0.004,
        "printer_ms": 1.234,
    },
)
JOB = Record(
    **{name: getattr(RECORD, name) for name in RECORD.__slots__}
    | {
        "operation": "Print-Job",
        "attributes": {"document-format": "application/pdf"},
        "job": {"id": 4711, "uuid": "urn:uuid:" + "0" * 36, "name": "Quarterly report.pdf"},
        "document": {"declared": "application/pdf", "octets": 123456, "sha256": "a" * 64},
    }
)


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class NoMeter:
    def recorded(self, *, event: str) -> None: ...
    def writable(self, *, writable: bool) -> None: ...


def cost(title: str, call: Callable[[], object], number: int = 5000) -> None:
    seconds = min(timeit.repeat(call, number=number, repeat=5)) / number
    print(f"{title:<44}{seconds * 1e6:>8.1f} µs")


def pure() -> None:
    first = Position("ab12cd34", 0, FIRST_PREV)
    body = encode(JOB)
    line, _ = chain(body, first)
    print(f"a line of {len(line)} octets")
    cost("encode (Get-Printer-Attributes)", lambda: encode(RECORD))
    cost("encode (Print-Job)", lambda: encode(JOB))
    cost("chain", lambda: chain(body, first))
    cost("read_link", lambda: read_link(line))
    lines, position = [], first
    for _ in range(1000):
        line, position = chain(body, position)
        lines.append(line)
    cost("verify, 1,000 lines", lambda: verify(lines), 5)
    table = Table()
    cost("show, a line", lambda: table.row(read_entry(line) or {}))


def syncs(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as file:
        fd, octets = file.fileno(), b"x" * 700

        def once() -> None:
            os.write(fd, octets)
            os.fdatasync(fd)

        once()
        cost("write and fdatasync of this disk", once, 50)


async def load(reactor: Any, folder: Path) -> None:
    print(f"\n{'FileTrail':<24}{'at once':>8}{'records/s':>12}{'CPU µs/record':>16}")
    for title, durable, direct in (
        ("durable", True, True),
        ("not durable", False, True),
        ("not durable, by thread", False, False),
    ):
        for at_once in (1, 8, 64):
            path = Path(folder) / f"{title}-{at_once}.jsonl"
            trail = FileTrail(path, cast(Reactor, reactor), Clock(), NoMeter(), direct=direct)
            await trail.start({})
            count = (1000 if durable else 8000) // at_once

            async def write(trail: FileTrail, count: int, durable: bool) -> None:
                for _ in range(count):
                    await trail.record(RECORD, durable=durable)

            started, cpu = time.perf_counter(), time.process_time()
            await DeferredList(
                [Deferred.fromCoroutine(write(trail, count, durable)) for _ in range(at_once)]
            )
            seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
            total = count * at_once
            print(f"{title:<24}{at_once:>8}{total / seconds:>12,.0f}{cpu / total * 1e6:>16.1f}")
            await trail.stop()


def main(folder: Path) -> None:
    pure()
    with tempfile.TemporaryDirectory(dir=folder) as name:
        syncs(Path(name))
        react(lambda reactor: Deferred.fromCoroutine(load(reactor, Path(name))))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
