"""What every benchmark of the gate needs: processes, pinned to cores, and what they cost.

One core serves, the other one loads: ratios between proxies hold, absolute figures do not.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

SERVING_CORE = "0"
LOADING_CORE = "1"
_TICKS = os.sysconf("SC_CLK_TCK")
_START_SECONDS = 15


class Running:
    """A process and its children."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def pids(self) -> list[int]:
        """The process and all below it."""
        found = [self.process.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    found += [int(child) for child in task.read_text().split()]
        return found

    def cpu_seconds(self) -> float:
        """User and system time of all of them so far."""
        total = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12])
        return total / _TICKS

    def memory_mib(self) -> float:
        """Resident memory of all of them (shared pages count in each)."""
        total = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{pid}/status").read_text()
                total += int(status.partition("VmRSS:")[2].split()[0])
        return total / 1024


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    *,
    core: str,
    port: int,
    log: Path,
    environment: dict[str, str] | None = None,
) -> Iterator[Running]:
    """Starts a server on one core, waits until its port answers, ends it by pid."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["taskset", "-c", core, *map(str, command)],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )
    try:
        _wait_for(port, process, log)
        yield Running(process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise SystemExit(f"{process.args!r} does not answer on port {port}:\n{log.read_text()[-2000:]}")
