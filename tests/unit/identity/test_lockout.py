"""Names and addresses that were refused too often."""

import pytest

from ippgate.exchange.ports import CredentialsRefused
from ippgate.identity.lockout import Lockout, unlock
from ippgate.identity.tallies import MemoryTallies, Window
from tests.support.exchange_fakes import FakeClock, run

HERE = "192.0.2.1"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def lockout(clock: FakeClock) -> Lockout:
    return Lockout(3, MemoryTallies(Window(120, 300), size=200), clock)


def ask(lockout: Lockout, username: str, address: str = HERE) -> None:
    run(lockout.begin(username, address))


def refuse(lockout: Lockout, username: str, times: int, address: str = HERE) -> None:
    for _ in range(times):
        ask(lockout, username, address)


def locked(lockout: Lockout, username: str, address: str = HERE) -> str | None:
    """Why the name may not be asked about; it does not count."""
    try:
        ask(lockout, username, address)
    except CredentialsRefused as error:
        return f"{error.outcome}: {error}"
    run(lockout.unanswered(username, address))
    return None


def test_a_name_is_locked_after_so_many_refusals_and_for_so_long(
    lockout: Lockout, clock: FakeClock
) -> None:
    refuse(lockout, "alice", 2)
    assert locked(lockout, "alice", HERE) is None
    refuse(lockout, "alice", 1)
    assert locked(lockout, "alice", HERE) == "locked: too many wrong passwords for this name"
    assert locked(lockout, "alice", "198.51.100.9") is not None
    assert locked(lockout, "bob", HERE) is None

    clock.seconds += 299
    assert locked(lockout, "alice", HERE) is not None
    clock.seconds += 2
    assert locked(lockout, "alice", HERE) is None
    refuse(lockout, "alice", 2)
    assert locked(lockout, "alice", HERE) is None


@pytest.mark.parametrize("alias", ["ALICE", "Alice", "aLICE"])
def test_aliases_share_a_tally(lockout: Lockout, alias: str) -> None:
    refuse(lockout, "alice", 2)
    refuse(lockout, alias, 1)

    assert locked(lockout, "alice", HERE) is not None


def test_refusals_long_ago_do_not_count(lockout: Lockout, clock: FakeClock) -> None:
    for _ in range(20):
        refuse(lockout, "alice", 1)
        clock.seconds += 61

    assert locked(lockout, "alice", HERE) is None


def test_the_right_password_forgives(lockout: Lockout) -> None:
    refuse(lockout, "alice", 2)
    run(lockout.accepted("alice", HERE))
    refuse(lockout, "alice", 2)

    assert locked(lockout, "alice", HERE) is None


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
        ask(lockout, f"user{n}", first)
    assert locked(lockout, "somebody", first) is None
    ask(lockout, "user29", second)

    assert (locked(lockout, "somebody", first) is not None) is together


def test_right_passwords_and_silent_directories_do_not_count_for_an_address(
    lockout: Lockout,
) -> None:
    for n in range(200):
        ask(lockout, f"user{n}", HERE)
        if n % 2:
            run(lockout.accepted(f"user{n}", HERE))
        else:
            run(lockout.unanswered(f"user{n}", HERE))

    assert locked(lockout, "somebody", HERE) is None


def test_no_more_than_so_many_names_are_kept(lockout: Lockout) -> None:
    refuse(lockout, "alice", 2)
    for n in range(100):
        ask(lockout, f"user{n}", f"198.51.{n}.1")
    refuse(lockout, "alice", 2)

    assert locked(lockout, "alice", HERE) is None


def test_an_account_is_locked_whatever_name_it_was_asked_for_by(lockout: Lockout) -> None:
    accounts = lockout.accounts
    for alias in ("alice", "alice@example.org", "a.smith"):
        ask(lockout, alias)
        accounts.begin("alice")

    with pytest.raises(CredentialsRefused, match="for this account") as caught:
        accounts.begin("Alice")
    assert (caught.value.outcome, caught.value.claimed) == ("locked", "Alice")
    accounts.begin("bob")


def test_right_passwords_and_silent_directories_do_not_count_for_an_account(
    lockout: Lockout,
) -> None:
    accounts = lockout.accounts
    for _ in range(5):
        accounts.begin("alice")
        accounts.unanswered("alice")
    accounts.begin("alice")
    accounts.begin("alice")
    accounts.accepted("alice")
    for _ in range(3):
        accounts.begin("alice")


def test_whoever_is_unlocked_may_be_asked_about_at_once(clock: FakeClock) -> None:
    tallies = MemoryTallies(Window(120, 300))
    lockout = Lockout(3, tallies, clock)
    refuse(lockout, "alice", 3)
    for _ in range(3):
        lockout.accounts.begin("alice")
    assert locked(lockout, "alice") is not None

    assert unlock(tallies, "ALICE") == 6
    assert locked(lockout, "alice") is None
    lockout.accounts.begin("alice")
    assert unlock(tallies, "bob") == 0
