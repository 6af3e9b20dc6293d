"""A gateway that does nothing but write its trail: ``python -m tests.integration.trail_writer``.

It reads paths from standard input, a line each. For each it forks a writer and answers with its
process id; the writer starts a FileTrail and writes records without end, a few at once, and says
on standard output ``PID ID`` as soon as a durable record is acknowledged, ``PID !WORDS`` when it
cannot start. (Forking saves importing everything anew for each writer.)
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import twisted.internet.epollreactor  # noqa: F401 - imported once, before the forks
from twisted.internet.defer import Deferred

from ippgate.audit.events import Event, Record
from ippgate.audit.trail import FileTrail
from ippgate.exchange.ports import TrailUnwritable
from ippgate.reactor import Reactor

AT_ONCE = 8
"""Records that are on their way together."""


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class NoMeter:
    def recorded(self, *, event: str) -> None: ...
    def writable(self, *, writable: bool) -> None: ...


def say(words: str) -> None:
    """One write: the pipe is shared, and what was said must survive a kill."""
    os.write(1, f"{os.getpid()} {words}\n".encode())


async def write(trail: FileTrail) -> None:
    """Writes for as long as the process lives."""
    try:
        await trail.start({"pid": os.getpid()})
    except TrailUnwritable as error:
        say(f"!{error}")
        os._exit(1)
    numbers = itertools.count()

    async def one_after_the_other() -> None:
        while True:
            number = next(numbers)
            name = f"{os.getpid()}-{number}"
            durable = number % 4 != 0
            record = Record(
                datetime.now(UTC), Event.REQUEST_OUTCOME, name, detail={"x": "y" * (number % 900)}
            )
            await trail.record(record, durable=durable)
            if durable:
                say(name)

    for _ in range(AT_ONCE):
        Deferred.fromCoroutine(one_after_the_other()).addErrback(  # type: ignore[unused-awaitable]
            lambda failure: os._exit(3)
        )


def serve(path: Path) -> None:
    from twisted.internet import reactor

    trail = FileTrail(path, cast(Reactor, reactor), Clock(), NoMeter())
    Deferred.fromCoroutine(write(trail))  # type: ignore[unused-awaitable]
    cast(Reactor, reactor).run()


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.close(0)
            os.open(os.devnull, os.O_RDONLY)
            serve(Path(line.rstrip("\n")))
            os._exit(0)
        os.write(1, f"{pid} started\n".encode())


if __name__ == "__main__":
    main()
