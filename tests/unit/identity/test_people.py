"""Sources in turn, and how long a refusal takes."""

from __future__ import annotations

import pytest

from ippgate.exchange.ports import CredentialsRefused, DirectoryUnavailable
from ippgate.identity.cache import CredentialCache, Refusal
from ippgate.identity.people import People
from ippgate.policy.facts import Principal
from tests.support.exchange_fakes import FakeClock, run
from tests.unit.identity.sources import FakeSource


class SlowSource(FakeSource):
    """Takes a while, which differs by what it is asked."""

    def __init__(self, clock: FakeClock, seconds: dict[str, float]) -> None:
        super().__init__("ldap", {"alice": "secret"})
        self._clock = clock
        self._seconds = seconds

    async def verify(self, username: str, password: str) -> Principal | None:
        self._clock.seconds += self._seconds[username]
        return await super().verify(username, password)


@pytest.mark.parametrize(
    ("seconds", "username", "password", "answered_after"),
    [
        (0.003, "nobody", "x", 0.1),
        (0.009, "alice", "wrong", 0.1),
        (0.020, "locked", "x", 0.1),
        (0.120, "alice", "wrong", 0.2),
        (0.009, "alice", "secret", 0.009),
        (0.009, "down", "x", 0.009),
    ],
)
def test_refusals_are_answered_at_even_times(
    seconds: float, username: str, password: str, answered_after: float
) -> None:
    clock = FakeClock()
    source = SlowSource(clock, {username: seconds})
    source.disabled.add("locked")

    async def pause(seconds: float) -> None:
        clock.seconds += seconds

    people = People([source], CredentialCache(0, 0, clock), clock, pause)
    if username == "down":
        source.down = True
    began = clock.seconds
    try:
        run(people.verify(username, password))
    except DirectoryUnavailable:
        assert username == "down"
    # The fake clock itself moves on a little whenever it is read.
    assert clock.seconds - began == pytest.approx(answered_after, abs=0.0035)


def test_the_next_source_is_asked_only_about_names_that_the_one_before_does_not_know() -> None:
    clock = FakeClock()
    ldap = FakeSource("ldap", {"alice": "secret"})
    file = FakeSource("file", {"alice": "local", "carol": "local"})
    people = People([ldap, file], CredentialCache(300, 30, clock))

    assert run(people.verify("alice", "local")) == Refusal("wrong password", "refused")
    carol = run(people.look_up("carol", "token"))
    assert carol is not None
    assert (carol.id, carol.method) == ("file:carol", "token")
    assert run(people.look_up("nobody", "token")) is None
    ldap.disabled.add("alice")
    with pytest.raises(CredentialsRefused, match="disabled"):
        run(people.look_up("alice", "token"))
    assert file.asked == ["carol", "nobody"]


def test_looking_up_is_remembered_by_method_and_filter() -> None:
    clock = FakeClock()
    ldap = FakeSource("ldap", {"alice": "secret"})
    people = People([ldap], CredentialCache(300, 30, clock))
    for _ in range(3):
        run(people.look_up("alice", "token"))
        run(people.look_up("alice", "certificate"))
        run(people.look_up("alice", "certificate", "(mail={username})"))
        run(people.look_up("nobody", "token"))

    assert ldap.asked == ["alice", "alice", "alice", "nobody"]
