"""Programs that tests start, on loopback, and end by their pid."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

START_SECONDS = 20.0
STOP_SECONDS = 10.0


_given: set[int] = set()


def free_port() -> int:
    """A port that nothing listens on now, and that was not given here before."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something listens there."""
    with contextlib.suppress(OSError):
        socket.create_connection((host, port), 1).close()
        return True
    return False


@contextlib.contextmanager
def alone(what: str) -> Iterator[None]:
    """Of all tests on this machine, in whatever process, one at a time is inside for ``what``."""
    with (Path(tempfile.gettempdir()) / f"ippgate-tests-{what}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    *,
    log: Path,
    port: int | None = None,
    address: tuple[str, int] | None = None,
    says: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is ready: its port or address answers, its log says so. It ends with the
    block."""
    if port is not None:
        address = ("127.0.0.1", port)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )
    try:
        _wait(process, log, address, says)
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> int:
    """Asks a program to end, then makes it; its exit status."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def wait_until_true(question: str, answer: object, seconds: float = START_SECONDS) -> None:
    """Asks ``answer`` until it is true. Raises AssertionError with the question."""
    assert callable(answer)
    deadline = time.monotonic() + seconds
    while not answer():
        assert time.monotonic() < deadline, f"after {seconds:g} seconds still not: {question}"
        time.sleep(0.05)


def _wait(
    process: subprocess.Popen[bytes],
    log: Path,
    address: tuple[str, int] | None,
    says: str | None,
) -> None:
    def there() -> bool:
        if process.poll() is not None:
            raise AssertionError(
                f"{process.args!r} ended with {process.returncode}:\n{log.read_text()[-3000:]}"
            )
        if says is not None and says not in log.read_text(errors="replace"):
            return False
        return address is None or answers(address[1], address[0])

    wait_until_true(f"{process.args!r} is ready:\n{log.read_text()}", there)
