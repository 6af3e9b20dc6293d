"""One deadline at a time, and one timer under it."""

from __future__ import annotations

from twisted.internet.task import Clock

from ippgate.listener.deadline import Deadline


def deadline() -> tuple[Deadline, Clock, list[tuple[str, float]]]:
    clock = Clock()
    missed: list[tuple[str, float]] = []
    return Deadline(clock, lambda name: missed.append((name, clock.seconds()))), clock, missed


def test_it_is_missed_once_and_named() -> None:
    one, clock, missed = deadline()
    one.set("head", 10)
    assert one.name == "head"
    clock.pump([5, 4, 1, 10])
    assert missed == [("head", 10)]
    assert one.name == ""


def test_a_later_one_replaces_it() -> None:
    one, clock, missed = deadline()
    one.set("head", 10)
    clock.advance(9)
    one.set("write", 30)
    clock.pump([1, 28])
    assert missed == []
    clock.advance(1)
    assert missed == [("write", 39)]


def test_an_earlier_one_replaces_it() -> None:
    one, clock, missed = deadline()
    one.set("idle", 60)
    one.set("head", 10)
    clock.advance(10)
    assert missed == [("head", 10)]


def test_moving_it_makes_no_timers() -> None:
    one, clock, _ = deadline()
    for _number in range(100):
        one.set("rate", 10)
        clock.advance(0.01)
    assert len(clock.getDelayedCalls()) == 1


def test_cleared_it_is_not_missed() -> None:
    one, clock, missed = deadline()
    one.set("head", 10)
    one.clear()
    assert one.name == ""
    clock.advance(20)
    assert missed == []
    one.set("head", 10)
    clock.advance(10)
    assert missed == [("head", 30)]


def test_stopped_it_is_over_whatever_is_set() -> None:
    one, clock, missed = deadline()
    one.set("head", 10)
    one.stop()
    one.set("write", 1)
    assert clock.getDelayedCalls() == []
    clock.advance(20)
    assert missed == []


def test_missing_one_may_set_the_next() -> None:
    clock = Clock()
    missed: list[str] = []

    def again(name: str) -> None:
        missed.append(name)
        if len(missed) < 3:
            one.set("close", 5)

    one = Deadline(clock, again)
    one.set("drain", 5)
    clock.pump([5, 5, 5, 5])
    assert missed == ["drain", "close", "close"]
