"""Names and addresses that were refused too often."""

import pytest

from ippgate.identity.lockout import Lockout
from tests.support.exchange_fakes import FakeClock

HERE = "192.0.2.1"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def lockout(clock: FakeClock) -> Lockout:
    return Lockout(3, 120, 300, clock, size=100)


def refuse(lockout: Lockout, username: str, times: int, address: str = HERE) -> None:
    for _ in range(times):
        lockout.asked(username, address)


def test_a_name_is_locked_after_so_many_refusals_and_for_so_long(
    lockout: Lockout, clock: FakeClock
) -> None:
    refuse(lockout, "alice", 2)
    assert lockout.locked("alice", HERE) is None
    refuse(lockout, "alice", 1)
    assert lockout.locked("alice", HERE) == "too many wrong passwords for this name"
    assert lockout.locked("alice", "198.51.100.9") is not None
    assert lockout.locked("bob", HERE) is None

    clock.seconds += 299
    assert lockout.locked("alice", HERE) is not None
    clock.seconds += 2
    assert lockout.locked("alice", HERE) is None
    refuse(lockout, "alice", 2)
    assert lockout.locked("alice", HERE) is None


@pytest.mark.parametrize("alias", ["ALICE", "Alice", "aLICE"])
def test_aliases_share_a_tally(lockout: Lockout, alias: str) -> None:
    refuse(lockout, "alice", 2)
    refuse(lockout, alias, 1)

    assert lockout.locked("alice", HERE) is not None


def test_refusals_long_ago_do_not_count(lockout: Lockout, clock: FakeClock) -> None:
    for _ in range(20):
        refuse(lockout, "alice", 1)
        clock.seconds += 61

    assert lockout.locked("alice", HERE) is None


def test_the_right_password_forgives(lockout: Lockout) -> None:
    refuse(lockout, "alice", 2)
    lockout.accepted("alice", HERE)
    refuse(lockout, "alice", 2)

    assert lockout.locked("alice", HERE) is None


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_an_address_takes_ten_times_as_many(
    lockout: Lockout, first: str, second: str, together: bool
) -> None:
    for n in range(29):
        lockout.asked(f"user{n}", first)
    assert lockout.locked("somebody", first) is None
    lockout.asked("user29", second)

    assert (lockout.locked("somebody", first) is not None) is together


def test_right_passwords_and_silent_directories_do_not_count_for_an_address(
    lockout: Lockout,
) -> None:
    for n in range(200):
        lockout.asked(f"user{n}", HERE)
        if n % 2:
            lockout.accepted(f"user{n}", HERE)
        else:
            lockout.unanswered(f"user{n}", HERE)

    assert lockout.locked("somebody", HERE) is None


def test_no_more_than_so_many_names_are_kept(lockout: Lockout) -> None:
    refuse(lockout, "alice", 2)
    for n in range(100):
        lockout.asked(f"user{n}", f"198.51.{n}.1")
    refuse(lockout, "alice", 2)

    assert lockout.locked("alice", HERE) is None
