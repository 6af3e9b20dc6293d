"""The thread that writes: every entry has exactly one end, and waits for no more than it must."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from ippgate.audit.events import Event
from ippgate.audit.file import TrailFile
from ippgate.audit.line import encode
from ippgate.audit.verify import verify
from ippgate.audit.writer import QUEUE_OCTETS, QUEUE_RECORDS, Entry, Writer
from ippgate.exchange.ports import TrailUnwritable
from tests.support.processes import wait_until_true
from tests.unit.audit.records import outcome

SECONDS = 10.0


class FakeClock:
    """Reads 100 seconds."""

    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC)

    def monotonic(self) -> float:
        return 100.0


class Disk(TrailFile):
    """A real file, on a disk that takes no sync while ``holds`` is set."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "ab12cd34")
        self.syncs = 0
        self.free = threading.Event()
        self.free.set()
        self.reached = threading.Event()
        self.defect: Exception | None = None

    def sync(self) -> None:
        self.syncs += 1
        self.reached.set()
        assert self.free.wait(SECONDS)
        super().sync()

    def append(self, bodies: Sequence[bytes], keep: int = 0) -> Any:
        if self.defect is not None:
            raise self.defect
        return super().append(bodies, keep)

    def hold(self) -> None:
        self.free.clear()
        self.reached.clear()


class Desk:
    """A writer, and what it reported, in its thread: (entry, error) in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.disk = Disk(path)
        self.reports: list[tuple[Entry, TrailUnwritable | None]] = []
        self.ended = threading.Event()
        self.writer = Writer(self.disk, FakeClock(), self.report, self.ended.set, {"version": "1"})
        self.writer.start()

    def report(self, entries: Sequence[Entry], error: TrailUnwritable | None) -> None:
        self.reports += [(entry, error) for entry in entries]

    def entry(self, number: int = 1, *, durable: bool = True, since: float = 100.0) -> Entry:
        return Entry(encode(outcome(number)), durable, Event.REQUEST_OUTCOME, since, Deferred())

    def submit(self, *entries: Entry) -> None:
        for entry in entries:
            self.writer.submit(entry)

    def wait(self, holds: Callable[[], bool], what: str) -> None:
        wait_until_true(what, holds, SECONDS)

    def written(self, *entries: Entry) -> None:
        """Waits until these are, well."""
        self.wait(lambda: {id(e) for e in entries} <= {id(e) for e in self.ends(None)}, "written")

    def ends(self, error: str | None) -> list[Entry]:
        """Entries of the caller that ended so, in order."""
        return [
            entry
            for entry, why in self.reports
            if entry.event is not Event.STREAM_OPENED
            and (why is None if error is None else why is not None and error in str(why))
        ]

    def lines(self) -> list[dict[str, Any]]:
        lines = self.path.read_bytes().splitlines(keepends=True)
        assert verify(lines).proven
        return [json.loads(line) for line in lines]

    def straight(self, number: int, now: float) -> None:
        """Writes it from here, as soon as the thread has nothing to do."""
        body = encode(outcome(number))
        self.wait(lambda: self.writer.write_now(body, now), "the thread is idle")

    def finish(self) -> None:
        self.disk.free.set()
        self.writer.finish()
        assert self.ended.wait(SECONDS)
        self.writer.join(SECONDS)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "audit.jsonl")
    yield made
    if made.writer.is_alive():
        made.finish()


def opened(desk: Desk) -> Desk:
    """The trail was opened, and nothing waits."""
    first = desk.entry(0)
    desk.submit(first)
    desk.written(first)
    desk.wait(lambda: not desk.writer.busy, "idle")
    return desk


def test_a_record_is_written_once_in_order_behind_the_line_that_opens_the_stream(
    desk: Desk,
) -> None:
    entries = [desk.entry(number, durable=number % 2 == 0) for number in range(6)]
    for entry in entries:
        desk.submit(entry)
        desk.written(entry)
    desk.finish()
    assert desk.ends(None) == entries
    assert [line["id"] for line in desk.lines()] == ["", *(f"r{number}" for number in range(6))]
    assert desk.lines()[0]["detail"] == {"version": "1", "reason": "new"}


def test_what_waits_together_is_synced_together(desk: Desk) -> None:
    opened(desk)
    desk.disk.hold()
    first, others = desk.entry(1), [desk.entry(number) for number in range(2, 50)]
    desk.submit(first)
    assert desk.disk.reached.wait(SECONDS)
    before = desk.disk.syncs
    desk.submit(*others)
    desk.disk.free.set()
    desk.written(first, *others)
    assert desk.disk.syncs == before + 1


def test_a_record_that_need_not_be_durable_does_not_wait_for_the_sync_of_others(
    desk: Desk,
) -> None:
    opened(desk)
    desk.disk.hold()
    desk.submit(desk.entry(1))
    assert desk.disk.reached.wait(SECONDS)
    swift, durable = desk.entry(2, durable=False), desk.entry(3)
    desk.submit(durable, swift)
    desk.disk.reached.clear()
    desk.disk.free.set()
    desk.written(swift, durable)
    assert desk.ends(None)[-2:] == [swift, durable]
    assert [line["id"] for line in desk.lines()][-2:] == ["r2", "r3"]


def test_a_stuck_disk_costs_bounded_memory_and_is_named(desk: Desk) -> None:
    opened(desk)
    desk.disk.hold()
    desk.submit(desk.entry(1))
    assert desk.disk.reached.wait(SECONDS)
    large = Entry(b"x" * (QUEUE_OCTETS // 4), True, None, 100.0, Deferred())
    desk.submit(*[large] * 4)
    with pytest.raises(TrailUnwritable, match="4 records wait for the disk"):
        desk.submit(desk.entry(2))
    assert len(desk.writer.overdue(100.0)) == 5
    small = Entry(None, True, None, 100.0, Deferred())
    desk.submit(*[small] * QUEUE_RECORDS)
    with pytest.raises(TrailUnwritable, match=f"{QUEUE_RECORDS} records wait"):
        desk.submit(small)
    desk.writer.overdue(100.0)


def test_what_waits_too_long_is_given_up_and_in_no_file_and_counted_when_the_disk_is_back(
    desk: Desk,
) -> None:
    opened(desk)
    desk.disk.hold()
    caught, waiting = desk.entry(1, since=50.0), desk.entry(2, since=60.0)
    probe = Entry(None, True, None, 60.0, Deferred())
    desk.submit(caught)
    assert desk.disk.reached.wait(SECONDS)
    desk.submit(waiting, probe)
    assert desk.writer.overdue(49.0) == []
    assert desk.writer.overdue(50.0) == [caught, waiting, probe]
    assert not desk.writer.busy
    desk.disk.free.set()
    later = desk.entry(3)
    desk.submit(later)
    desk.written(later)
    desk.finish()
    assert desk.ends(None)[1:] == [later]
    assert desk.ends("") == [], "who was given up is not told a second time"
    *_, reopened, last = desk.lines()
    assert [line["id"] for line in desk.lines()] == ["", "r0", "", "r3"]
    assert reopened["detail"]["reason"] == "writable"
    assert reopened["detail"]["gap"]["refused"] == 2, "a probe is no record"
    assert "did not answer in time" in reopened["detail"]["gap"]["error"]
    assert last["id"] == "r3"


def test_a_defect_refuses_what_waits_and_the_thread_goes_on(desk: Desk) -> None:
    opened(desk)
    desk.disk.defect = ZeroDivisionError("oops")
    refused = desk.entry(1)
    desk.submit(refused)
    desk.wait(lambda: desk.ends("defect while writing the trail") == [refused], "refused")
    desk.disk.defect = None
    kept = desk.entry(2)
    desk.submit(kept)
    desk.written(kept)
    assert "r1" not in [line["id"] for line in desk.lines()]


# --- write_now ------------------------------------------------------------------------------------


def test_a_record_goes_straight_to_an_idle_trail(desk: Desk) -> None:
    opened(desk)
    desk.straight(1, 100.0)
    assert [line["id"] for line in desk.lines()] == ["", "r0", "r1"]
    assert desk.ends(None)[1:] == [], "the caller knows already"


def test_what_went_straight_is_synced_before_the_end(desk: Desk) -> None:
    opened(desk)
    before = desk.disk.syncs
    desk.straight(1, 100.0)
    desk.wait(lambda: desk.disk.syncs > before, "synced soon")


def test_nothing_goes_straight_while_the_trail_is_not_open_busy_or_broken(desk: Desk) -> None:
    body = encode(outcome(1))
    assert not desk.writer.write_now(body, 100.0)
    opened(desk)
    desk.disk.hold()
    desk.submit(desk.entry(2))
    assert desk.disk.reached.wait(SECONDS)
    assert not desk.writer.write_now(body, 100.0)
    desk.disk.free.set()
    desk.wait(lambda: not desk.writer.busy, "idle")
    desk.disk.defect = TrailUnwritable("disk full")
    assert not desk.writer.write_now(body, 100.0)
    refused = desk.entry(3)
    desk.submit(refused)
    desk.wait(lambda: desk.ends("disk full") == [refused], "refused")
    desk.disk.defect = None
    assert not desk.writer.write_now(body, 100.0), "first the gap must be told"
    assert [line["id"] for line in desk.lines()] == ["", "r0", "r2"]


def test_a_file_that_was_rotated_is_noticed_within_a_second(desk: Desk) -> None:
    opened(desk)
    desk.straight(1, 100.0)
    desk.path.rename(desk.path.with_suffix(".1"))
    desk.straight(2, 100.5)
    assert not desk.writer.write_now(encode(outcome(3)), 101.0)
    desk.submit(desk.entry(3))
    desk.wait(lambda: desk.path.exists() and b'"r3"' in desk.path.read_bytes(), "a new file")


# --- the end --------------------------------------------------------------------------------------


def test_what_waits_is_written_before_the_end(desk: Desk) -> None:
    opened(desk)
    desk.disk.hold()
    entries = [desk.entry(number) for number in range(1, 20)]
    desk.submit(*entries)
    desk.writer.finish()
    assert not desk.ended.is_set()
    desk.finish()
    assert desk.ends(None)[1:] == entries
    assert len(desk.lines()) == 21


def test_a_trail_that_cannot_be_opened_refuses_in_words(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "absent" / "audit.jsonl")
    refused = desk.entry(1)
    desk.submit(refused)
    desk.wait(lambda: desk.ends("create the folder") == [refused], "refused")
    desk.finish()
    assert not desk.path.exists()
