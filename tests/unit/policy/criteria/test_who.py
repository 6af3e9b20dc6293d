"""Who: the four scopes, for people identified and not, owners and not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ippgate.ipp.enums import Operation
from ippgate.policy.criteria.who import Match, Scope, Who
from ippgate.policy.facts import Facts, Principal

ALICE = Principal("alice", "1", "basic", frozenset({"staff", "makers"}))
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

ANYONE = Who(Scope.ANYONE)
AUTHENTICATED = Who(Scope.AUTHENTICATED)
OWNER = Who(Scope.OWNER)
USERS = Who(Scope.PEOPLE, users=frozenset({"alice"}))
STAFF = Who(Scope.PEOPLE, groups=frozenset({"staff"}))
OTHERS = Who(Scope.PEOPLE, users=frozenset({"bob"}), groups=frozenset({"students"}))
EITHER = Who(Scope.PEOPLE, users=frozenset({"bob"}), groups=frozenset({"staff"}))


def facts(principal: Principal | None, owner: bool | None = None) -> Facts:
    return Facts(principal, "lab-1", Operation.CANCEL_JOB, owner, "192.0.2.9", NOON)


@pytest.mark.parametrize(
    ("who", "anonymous", "alice"),
    [
        (ANYONE, Match.YES, Match.YES),
        (AUTHENTICATED, Match.IDENTIFY, Match.YES),
        (OWNER, Match.IDENTIFY, Match.LOOK_UP_OWNER),
        (USERS, Match.IDENTIFY, Match.YES),
        (STAFF, Match.IDENTIFY, Match.YES),
        (OTHERS, Match.IDENTIFY, Match.NO),
        (EITHER, Match.IDENTIFY, Match.YES),
    ],
)
def test_who_fits(who: Who, anonymous: Match, alice: Match) -> None:
    assert who.judge(facts(None)) is anonymous
    assert who.judge(facts(ALICE)) is alice
    assert who.matches(facts(ALICE)) is (alice is Match.YES)


@pytest.mark.parametrize(("owner", "match"), [(True, Match.YES), (False, Match.NOT_OWNER)])
def test_the_owner_once_looked_up(owner: bool, match: Match) -> None:
    assert OWNER.judge(facts(ALICE, owner)) is match
    assert STAFF.judge(facts(ALICE, owner)) is Match.YES
    assert OTHERS.judge(facts(ALICE, owner)) is Match.NO


@pytest.mark.parametrize("name", ["ALICE", "alice ", "Alice", "al*", ""])
def test_only_the_canonical_name_counts(name: str) -> None:
    assert USERS.judge(facts(Principal(name, "1", "basic"))) is Match.NO


def test_a_group_is_no_user_and_a_user_no_group() -> None:
    called_staff = Principal("staff", "2", "basic", frozenset({"alice"}))
    assert STAFF.judge(facts(called_staff)) is Match.NO
    assert USERS.judge(facts(called_staff)) is Match.NO


@pytest.mark.parametrize(
    ("who", "principal", "words"),
    [
        (AUTHENTICATED, None, "nobody is identified"),
        (OWNER, ALICE, "alice is not the job's owner"),
        (OTHERS, ALICE, "alice (of makers, staff) is not one of bob, group students"),
    ],
)
def test_why_not(who: Who, principal: Principal | None, words: str) -> None:
    assert who.why_not(facts(principal, owner=False)) == words
