"""The trail on a real reactor and a real file; the disk misbehaves when a test says so."""

from __future__ import annotations

import errno
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import pytest
from twisted.internet import reactor as global_reactor
from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from ippgate.audit import trail as trail_module
from ippgate.audit import writer as writer_module
from ippgate.audit.events import Record
from ippgate.audit.trail import FileTrail
from ippgate.audit.verify import Verdict, verify
from ippgate.exchange.ports import TrailUnwritable
from ippgate.reactor import Reactor
from tests.unit.audit.records import outcome

reactor = cast(Reactor, global_reactor)


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class Counts:
    """A TrailMeter that must be called in the reactor's thread."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.states: list[bool] = []

    def recorded(self, *, event: str) -> None:
        assert threading.current_thread() is threading.main_thread()
        self.events.append(event)

    def writable(self, *, writable: bool) -> None:
        assert threading.current_thread() is threading.main_thread()
        self.states.append(writable)


def failing(code: int) -> Callable[[int, bytes], int]:
    """``os.write`` on a disk with this error; what wakes the reactor is shorter than a line."""
    write = os.write

    def fail(fd: int, octets: bytes) -> int:
        if len(octets) < 100:
            return write(fd, octets)
        raise OSError(code, os.strerror(code))

    return fail


class TrailTests(TestCase):
    timeout = 30

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "audit.jsonl"
        self.meter = Counts()

    def make(self, **how: Any) -> FileTrail:
        return FileTrail(self.path, reactor, RealClock(), self.meter, **how)

    async def started(self, **how: Any) -> FileTrail:
        trail = self.make(**how)
        await trail.start({"version": "1"})
        self.addCleanup(lambda: Deferred.fromCoroutine(trail.stop()))
        return trail

    def lines(self, path: Path | None = None) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (path or self.path).read_bytes().splitlines()]

    def verdict(self) -> Verdict:
        return verify(self.path.read_bytes().splitlines(keepends=True))

    async def pause(self, seconds: float) -> None:
        await deferLater(reactor, seconds)

    async def until(self, holds: Callable[[], bool], seconds: float = 10) -> None:
        """Waits until it holds; fails when it never does."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, "it did not happen in time"
            await self.pause(0.02)

    async def refused(self, trail: FileTrail, record: Record, *, durable: bool) -> str:
        """The words with which the trail refuses the record."""
        with pytest.raises(TrailUnwritable) as error:
            await trail.record(record, durable=durable)
        return str(error.value)

    async def test_records_stand_in_the_file(self) -> None:
        trail = self.make()
        await trail.start({"version": "1"})
        await trail.record(outcome(1), durable=True)
        await trail.record(outcome(2), durable=False)
        assert [line["id"] for line in self.lines()] == ["", "r1", "r2"]
        await trail.stop()
        lines = self.lines()
        assert [line["event"] for line in lines] == [
            "stream.opened",
            "request.outcome",
            "request.outcome",
            "stream.closed",
        ]
        assert lines[0]["detail"] == {"version": "1", "reason": "new"}
        assert self.verdict().proven
        assert self.verdict().streams[0].closed
        assert self.meter.events == [line["event"] for line in lines]
        assert self.meter.states == [True]

    async def test_closed_trails_refuse(self) -> None:
        trail = self.make()
        await trail.start({})
        await trail.stop()
        await trail.stop()
        assert "closed" in await self.refused(trail, outcome(), durable=False)
        assert "not open" in await self.refused(self.make(), outcome(), durable=True)

    async def test_the_stream_goes_on_after_a_restart(self) -> None:
        for number in (1, 2):
            trail = self.make()
            await trail.start({})
            await trail.record(outcome(number), durable=True)
            await trail.stop()
        (stream,) = self.verdict().streams
        assert self.verdict().proven
        assert stream.last == 6
        assert len(stream.name) == 8
        assert self.lines()[3]["detail"]["reason"] == "restart"

    async def test_streams_have_the_name_they_are_given(self) -> None:
        await self.started(stream="worker-1")
        assert self.lines()[0]["stream"] == "worker-1"
        with pytest.raises(ValueError, match="letters, digits"):
            self.make(stream="a b")

    async def test_durable_records_are_synced_before_anyone_hears_of_them(self) -> None:
        synced: list[int] = []
        sync = os.fdatasync

        def note(fd: int) -> None:
            sync(fd)
            synced.append(os.fstat(fd).st_size)

        with patch("os.fdatasync", note):
            trail = await self.started()
            for number in range(5):
                await trail.record(outcome(number), durable=True)
                assert synced[-1] == self.path.stat().st_size

    async def test_records_that_wait_share_one_write_and_one_sync(self) -> None:
        trail = await self.started()
        release, syncs, writes = threading.Event(), [], []
        sync, write = os.fdatasync, os.write

        def slow(fd: int) -> None:
            syncs.append(fd)
            release.wait(10)
            sync(fd)

        def note(fd: int, octets: bytes) -> int:
            if len(octets) > 100:
                writes.append(len(octets))
            return write(fd, octets)

        with patch("os.fdatasync", slow), patch("os.write", note):
            first = Deferred.fromCoroutine(trail.record(outcome(0), durable=True))
            await self.until(lambda: len(syncs) == 1)
            rest = [
                Deferred.fromCoroutine(trail.record(outcome(n), durable=n % 2 == 0))
                for n in range(1, 101)
            ]
            release.set()
            await first
            results = await DeferredList(rest)
        assert all(success for success, _ in results)
        assert (len(syncs), len(writes)) == (2, 2)
        assert len(self.lines()) == 102
        assert self.verdict().proven

    async def test_records_that_need_no_sync_reach_the_disk_soon(self) -> None:
        trail = await self.started()
        syncs: list[int] = []
        with patch("os.fdatasync", syncs.append):
            await trail.record(outcome(), durable=False)
            assert syncs == []
            await self.until(lambda: len(syncs) == 1, 5)
            await self.pause(1.2)
            assert len(syncs) == 1

    async def test_a_full_disk_refuses_and_recovers_by_itself(self) -> None:
        trail = await self.started()
        await trail.record(outcome(1), durable=True)
        before = self.path.read_bytes()
        with patch("os.write", failing(errno.ENOSPC)):
            for durable in (False, True, False):
                words = await self.refused(trail, outcome(2), durable=durable)
                assert "No space left on device" in words
                assert str(self.path) in words
            assert self.meter.states == [True, False]
            assert self.path.read_bytes() == before
        # Nobody asks: readiness depends on this.
        await self.until(lambda: self.meter.states == [True, False, True], 5)
        await trail.record(outcome(3), durable=False)
        ids = [line["id"] for line in self.lines()]
        assert ids == ["", "r1", "", "r3"]
        opened = self.lines()[2]
        assert opened["detail"]["reason"] == "writable"
        assert opened["detail"]["gap"]["refused"] == 3
        assert "No space" in opened["detail"]["gap"]["error"]
        assert self.verdict().proven

    async def test_every_record_tries_again(self) -> None:
        trail = await self.started()
        with patch("os.write", failing(errno.EROFS)):
            assert "Read-only" in await self.refused(trail, outcome(1), durable=True)
        await trail.record(outcome(2), durable=True)
        assert self.meter.states == [True, False, True]
        assert [line["id"] for line in self.lines()] == ["", "", "r2"]

    async def test_a_sync_that_fails_takes_the_lines_back(self) -> None:
        trail = await self.started()
        release, waiting, sync = threading.Event(), threading.Event(), os.fdatasync
        failures = [False, True]

        def fail(fd: int) -> None:
            waiting.set()
            release.wait(10)
            if failures and failures.pop(0):
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            sync(fd)

        with patch("os.fdatasync", fail):
            first = Deferred.fromCoroutine(trail.record(outcome(1), durable=True))
            await self.until(waiting.is_set)
            rest = [
                Deferred.fromCoroutine(trail.record(outcome(n), durable=n != 3)) for n in (2, 3, 4)
            ]
            release.set()
            await first
            results = await DeferredList(rest, consumeErrors=True)
        # The one that needed no sync was told that it is written, and so it is.
        assert [success for success, _ in results] == [False, True, False]
        await trail.record(outcome(5), durable=True)
        assert [line["id"] for line in self.lines()] == ["", "r1", "r3", "", "r5"]
        assert self.verdict().proven

    async def test_a_disk_that_hangs_is_given_up_and_what_it_does_late_is_taken_back(self) -> None:
        trail = await self.started()
        release, hanging, sync = threading.Event(), threading.Event(), os.fdatasync
        self.addCleanup(release.set)

        def hang(fd: int) -> None:
            hanging.set()
            release.wait(20)
            sync(fd)

        with (
            patch.object(trail_module, "DISK_SECONDS", 0.4),
            patch.object(trail_module, "WATCH_SECONDS", 0.1),
            patch("os.fdatasync", hang),
        ):
            durable = Deferred.fromCoroutine(self.refused(trail, outcome(1), durable=True))
            await self.until(hanging.is_set)
            waiting = Deferred.fromCoroutine(self.refused(trail, outcome(2), durable=False))
            started = time.monotonic()
            assert "does not answer" in await durable
            assert "does not answer" in await waiting
            assert time.monotonic() - started < 2
            # Whoever comes while it hangs does not wait at all.
            now = time.monotonic()
            assert "does not answer" in await self.refused(trail, outcome(3), durable=False)
            assert time.monotonic() - now < 0.1
            assert self.meter.states == [True, False]
            release.set()
            await self.until(lambda: self.meter.states[-1])
        await trail.record(outcome(4), durable=True)
        assert [line["id"] for line in self.lines()] == ["", "", "r4"]
        assert self.lines()[1]["detail"]["gap"]["refused"] == 2
        assert self.verdict().proven

    async def test_a_queue_that_is_full_refuses(self) -> None:
        trail = await self.started()
        release, waiting, sync = threading.Event(), threading.Event(), os.fdatasync

        def slow(fd: int) -> None:
            waiting.set()
            release.wait(10)
            sync(fd)

        with patch("os.fdatasync", slow), patch.object(writer_module, "QUEUE_RECORDS", 3):
            tasks = [Deferred.fromCoroutine(trail.record(outcome(0), durable=True))]
            await self.until(waiting.is_set)
            tasks += [
                Deferred.fromCoroutine(trail.record(outcome(n), durable=True)) for n in (1, 2, 3)
            ]
            assert "3 records wait" in await self.refused(trail, outcome(4), durable=True)
            with patch.object(writer_module, "QUEUE_OCTETS", 100):
                assert "3 records wait" in await self.refused(trail, outcome(5), durable=False)
            release.set()
            await DeferredList(tasks)
        assert [line["id"] for line in self.lines()] == ["", "r0", "r1", "r2", "r3"]

    async def test_rotation_under_load(self) -> None:
        trail = await self.started()
        old = self.path.with_suffix(".1")
        for number in range(20):
            await trail.record(outcome(number), durable=True)
            if number == 9:
                self.path.rename(old)
        assert len(self.lines(old)) == 11
        first = self.lines()[0]
        assert first["event"] == "stream.opened"
        assert first["detail"]["previous"] == self.lines(old)[-1]["hash"]
        assert len(self.lines()) == 11
        both = old.read_bytes() + self.path.read_bytes()
        assert verify(both.splitlines(keepends=True)).proven

    async def test_rotation_is_noticed_within_a_second_without_a_sync(self) -> None:
        trail = await self.started()
        await trail.record(outcome(1), durable=False)
        self.path.rename(self.path.with_suffix(".1"))
        await self.pause(1.1)
        await trail.record(outcome(2), durable=False)
        assert [line["id"] for line in self.lines()] == ["", "r2"]

    async def test_two_gateways_on_one_file(self) -> None:
        await self.started()
        second = self.make()
        with pytest.raises(TrailUnwritable, match="another gateway"):
            await second.start({})
        assert self.verdict().proven

    async def test_a_start_that_failed_can_be_tried_again(self) -> None:
        trail = self.make()
        self.path.mkdir()
        with pytest.raises(TrailUnwritable, match="Is a directory"):
            await trail.start({})
        self.path.rmdir()
        await trail.start({})
        await trail.stop()
        assert self.verdict().proven

    async def test_without_the_direct_way_everything_is_the_same(self) -> None:
        trail = await self.started(direct=False)
        await trail.record(outcome(1), durable=False)
        await trail.record(outcome(2), durable=True)
        assert [line["id"] for line in self.lines()] == ["", "r1", "r2"]

    async def test_a_waiter_that_gave_up_disturbs_nobody(self) -> None:
        trail = await self.started()
        waiting = Deferred.fromCoroutine(trail.record(outcome(1), durable=True))
        waiting.cancel()
        with pytest.raises(CancelledError):
            await waiting
        await trail.record(outcome(2), durable=True)
        assert self.lines()[-1]["id"] == "r2"
