"""The trail on real disks, with real kills.

- A writer is killed (kill -9) at random moments, more than a hundred times on one file: whatever
  it said is durable is in the file, and the chain holds over all restarts.
- A disk of 64 KiB fills: records are refused, nothing of them is in the file, and the trail
  recovers by itself when there is room. As root on a small tmpfs; for all with RLIMIT_FSIZE.
- A second gateway on the same file is told so.
- logrotate, if it is installed, rotates under a writer.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from twisted.internet import reactor as global_reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from ippgate.audit.file import TrailFile
from ippgate.audit.trail import FileTrail
from ippgate.audit.verify import Verdict, Verification
from ippgate.exchange.ports import TrailUnwritable
from ippgate.reactor import Reactor
from tests.integration.trail_writer import Clock
from tests.support.peers import lacking, require_root
from tests.unit.audit.records import outcome

reactor = cast(Reactor, global_reactor)
KILLS = 120
SECONDS = 20.0


def verdict_of(*paths: Path) -> Verdict:
    verification = Verification()
    for path in paths:
        verification.file(path.name)
        with path.open("rb") as file:
            for line in file:
                verification.line(line)
    return verification.verdict()


def recover(path: Path) -> None:
    """Does what a gateway does first with the file of one that was killed."""
    file = TrailFile(path, "unused")
    file.open()
    file.close()


def ids_of(*paths: Path) -> set[str]:
    return {json.loads(line)["id"] for path in paths for line in path.read_bytes().splitlines()}


class Nursery:
    """Starts writers and hears what they say."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.trail_writer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        os.set_blocking(self._out.fileno(), False)
        self._partial = b""
        self.said: list[tuple[int, str]] = []

    def close(self) -> None:
        self._in.close()
        self._process.wait(SECONDS)
        self._out.close()

    def listen(self, seconds: float) -> None:
        """Reads what comes within that time."""
        end = time.monotonic() + seconds
        while True:
            left = max(0.0, end - time.monotonic())
            ready, _, _ = select.select([self._out], [], [], left)
            if not ready:
                return
            octets = os.read(self._out.fileno(), 1 << 20)
            assert octets, "the nursery ended"
            *lines, self._partial = (self._partial + octets).split(b"\n")
            for line in lines:
                pid, _, words = line.decode().partition(" ")
                self.said.append((int(pid), words))
            if left == 0.0 and seconds > 0:
                return

    def wait_for(self, word: str, count: int = 1) -> int:
        """The process that said it, when it was said ``count`` times."""
        end = time.monotonic() + SECONDS
        while True:
            found = [pid for pid, words in self.said if words.startswith(word)]
            if len(found) >= count:
                return found[-1]
            assert time.monotonic() < end, f"nobody said {word}"
            self.listen(0.005)

    def start(self, path: Path) -> int:
        """A writer's process id."""
        count = sum(words == "started" for _, words in self.said)
        self._in.write(f"{path}\n".encode())
        self._in.flush()
        return self.wait_for("started", count + 1)

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                break
            time.sleep(0.001)
        self.listen(0)

    @property
    def acknowledged(self) -> list[str]:
        return [words for _, words in self.said if words != "started" and words[0] != "!"]


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


def test_killed_a_hundred_times_no_durable_record_is_lost(nursery: Nursery, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    moments = random.Random(631)
    before = 0
    kills_while_writing = 0
    for number in range(KILLS):
        pid = nursery.start(path)
        if number % 4:
            nursery.wait_for(f"{pid}-")
        # Every fourth is killed while it starts and recovers.
        nursery.listen(moments.uniform(0.0, 0.03 if number % 4 else 0.15))
        nursery.kill(pid)
        kills_while_writing += len(nursery.acknowledged) > before
        before = len(nursery.acknowledged)
    assert not [words for _, words in nursery.said if words.startswith("!")]
    assert kills_while_writing > KILLS // 2, "most were killed before they wrote anything"
    recover(path)
    verdict = verdict_of(path)
    assert verdict.proven, verdict.breaks[:5]
    assert len(verdict.streams) == 1
    missing = set(nursery.acknowledged) - ids_of(path)
    assert not missing


def test_a_second_gateway_is_told(nursery: Nursery, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    first = nursery.start(path)
    nursery.wait_for(f"{first}-")
    nursery.start(path)
    nursery.wait_for("!")
    (words,) = [words for _, words in nursery.said if words.startswith("!")]
    assert "in use by another gateway" in words
    nursery.kill(first)
    assert not verdict_of(path).breaks or verdict_of(path).breaks[-1].fault.value == "torn"


def test_logrotate(nursery: Nursery, tmp_path: Path) -> None:
    logrotate = shutil.which("logrotate", path=os.environ.get("PATH", "") + ":/usr/sbin")
    path, old = tmp_path / "audit.jsonl", tmp_path / "audit.jsonl.1"
    configuration = tmp_path / "logrotate.conf"
    configuration.write_text(f"{path} {{\n rotate 3\n create 0640\n}}\n")
    configuration.chmod(0o600)
    pid = nursery.start(path)
    nursery.wait_for(f"{pid}-", 50)
    if logrotate is not None:
        state = tmp_path / "state"
        subprocess.run([logrotate, "-f", "-s", state, configuration], check=True, timeout=SECONDS)
    else:
        path.rename(old)
    nursery.said.clear()
    nursery.wait_for(f"{pid}-", 50)
    nursery.kill(pid)
    recover(path)
    verdict = verdict_of(old, path)
    assert verdict.proven, verdict.breaks[:5]
    assert set(nursery.acknowledged) <= ids_of(old, path)
    first = json.loads(path.read_bytes().splitlines()[0])
    last = json.loads(old.read_bytes().splitlines()[-1])
    assert (first["event"], first["detail"]["previous"]) == ("stream.opened", last["hash"])


class States:
    def __init__(self) -> None:
        self.states: list[bool] = []

    def now(self) -> bool:
        return self.states[-1]

    def recorded(self, *, event: str) -> None: ...

    def writable(self, *, writable: bool) -> None:
        self.states.append(writable)


class FullDisk(TestCase):
    timeout = 60

    async def fill(self, path: Path, limits: contextlib.AbstractContextManager[Any]) -> None:
        """Writes until the disk is full; goes on when ``limits`` ended."""
        meter = States()
        trail = FileTrail(path, reactor, Clock(), meter)
        await trail.start({})
        self.addCleanup(lambda: Deferred.fromCoroutine(trail.stop()))
        written, refused = set(), set()
        with limits:
            for number in range(400):
                try:
                    await trail.record(outcome(number), durable=number % 2 == 0)
                    written.add(f"r{number}")
                except TrailUnwritable as error:
                    refused.add(f"r{number}")
                    assert str(path) in str(error)  # noqa: PT017
                    if len(refused) > 20:
                        break
            assert written
            assert len(refused) > 20
            # What is left may still take a line that is shorter than those before it.
            assert meter.states[:2] == [True, False]
            assert meter.now() is False
            whole = verdict_of(path)
            assert whole.proven, whole.breaks
        end = time.monotonic() + 10
        while not meter.now():
            assert time.monotonic() < end, "it did not recover by itself"
            await deferLater(reactor, 0.05)
        await trail.record(outcome(1000), durable=True)
        await trail.stop()
        verdict = verdict_of(path)
        assert verdict.proven, verdict.breaks
        assert ids_of(path) == {"", "r1000"} | written

    async def test_a_file_that_may_not_grow(self) -> None:
        folder = tempfile.mkdtemp()
        self.addCleanup(remove, folder)
        await self.fill(Path(folder) / "audit.jsonl", file_size_limit(65536))

    async def test_a_small_tmpfs(self) -> None:
        require_root("to mount a small tmpfs")
        folder = Path(tempfile.mkdtemp())
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True
        )
        if mounted.returncode != 0:
            folder.rmdir()
            lacking(f"no tmpfs can be mounted here: {mounted.stderr.decode().strip()}")
        self.addCleanup(folder.rmdir)
        self.addCleanup(unmount, folder)
        ballast = folder / "ballast"
        ballast.write_bytes(b"x" * 32768)
        await self.fill(folder / "audit.jsonl", freed(ballast))


def unmount(folder: Path) -> None:
    subprocess.run(["umount", "-l", folder], check=True)


def remove(folder: str) -> None:
    shutil.rmtree(folder)


@contextlib.contextmanager
def file_size_limit(octets: int) -> Iterator[None]:
    """No file of this process grows beyond that; Python ignores SIGXFSZ, so writing fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def freed(ballast: Path) -> Iterator[None]:
    yield
    ballast.unlink()
