"""Counts in a file: as in memory, but for all workers, and after a restart."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ippgate.identity.shared_tallies import SharedTallies
from ippgate.identity.state_file import StateFile
from ippgate.identity.tallies import MemoryTallies, Tallies, Tally, Window

WINDOW = Window(within=120, for_=300)
NOW = 1_770_000_000.0
ALICE = Tally("name:alice", 3)
HERE = Tally("address:192.0.2.1", 30)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateFile]:
    file = StateFile(tmp_path)
    yield file
    file.close()


@pytest.fixture(params=["memory", "file"])
def tallies(request: pytest.FixtureRequest, state: StateFile) -> Tallies:
    return MemoryTallies(WINDOW) if request.param == "memory" else SharedTallies(WINDOW, state)


def test_so_many_lock_for_so_long(tallies: Tallies) -> None:
    for second in range(3):
        assert tallies.begin([ALICE, HERE], NOW + second) is None
    assert tallies.begin([ALICE, HERE], NOW + 3) == ALICE.key
    assert tallies.begin([HERE], NOW + 3) is None
    assert tallies.begin([ALICE], NOW + 301) == ALICE.key

    assert tallies.begin([ALICE], NOW + 302) is None


def test_what_is_locked_does_not_count(tallies: Tallies) -> None:
    bob = Tally("name:bob", 3)
    for _ in range(3):
        tallies.begin([ALICE], NOW)
    for _ in range(10):
        assert tallies.begin([bob, ALICE], NOW + 1) == ALICE.key

    assert [tallies.begin([bob], NOW + 1) for _ in range(4)] == [None, None, None, bob.key]


def test_long_ago_does_not_count(tallies: Tallies) -> None:
    assert {tallies.begin([ALICE], NOW + 61 * n) for n in range(20)} == {None}


def test_questions_are_taken_back_one_by_one_and_forgotten_all(tallies: Tallies) -> None:
    for _ in range(3):
        tallies.begin([ALICE, HERE], NOW)
    tallies.take_back([ALICE.key, "name:nobody"])
    assert tallies.begin([ALICE], NOW) is None
    assert tallies.forget([ALICE.key, "name:nobody"]) == 3
    assert tallies.forget([HERE.key]) == 3


def test_of_many_at_once_no_more_pass_than_in_a_row(tallies: Tallies) -> None:
    let_through = []

    def ask() -> None:
        let_through.append(sum(tallies.begin([ALICE], NOW) is None for _ in range(50)))

    in_threads(8, ask)
    assert sum(let_through) == 3


def test_another_worker_and_a_later_one_go_on_counting(tmp_path: Path) -> None:
    first, second = StateFile(tmp_path), StateFile(tmp_path)
    SharedTallies(WINDOW, first).begin([ALICE], NOW)
    SharedTallies(WINDOW, second).begin([ALICE], NOW)
    first.close()
    second.close()

    later = StateFile(tmp_path)
    tallies = SharedTallies(WINDOW, later)
    assert tallies.begin([ALICE], NOW + 1) is None
    assert tallies.begin([ALICE], NOW + 1) == ALICE.key
    later.close()


def test_workers_at_once_share_one_count(tmp_path: Path) -> None:
    let_through = []

    def work() -> None:
        state = StateFile(tmp_path)
        tallies = SharedTallies(WINDOW, state)
        let_through.append(sum(tallies.begin([ALICE], NOW) is None for _ in range(25)))
        state.close()

    StateFile(tmp_path).close()
    in_threads(4, work)
    assert sum(let_through) == 3


def test_what_counts_no_more_is_swept_out(state: StateFile) -> None:
    tallies = SharedTallies(WINDOW, state)
    for n in range(100):
        tallies.begin([Tally(f"name:user{n}", 3)], NOW)
    # The clock was set back an hour, and nobody stays locked for that hour.
    tallies.begin([ALICE], NOW - 3600)
    with state.reading() as database:
        assert database.execute("select count(*) from asked").fetchone() == (1,)


def test_names_are_not_in_the_file(tmp_path: Path, state: StateFile) -> None:
    SharedTallies(WINDOW, state).begin([Tally("name:carol-canary", 3)], NOW)

    assert not any(b"canary" in file.read_bytes() for file in tmp_path.iterdir())


def in_threads(count: int, work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
