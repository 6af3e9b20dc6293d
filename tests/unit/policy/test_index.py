"""Rules that could match, and no others; what is kept has a bound."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ippgate.ipp.enums import Operation
from ippgate.policy import index
from ippgate.policy.facts import Facts, Place, Principal
from ippgate.policy.index import Index
from tests.support.policies import policy_of

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
RULES = policy_of(
    """version: 1
rules:
  - {name: hall, who: authenticated, printers: [hall], operations: ["@print"], decision: permit}
  - {name: inside, who: authenticated, operations: [Print-Job], decision: permit,
     when: {networks: [198.51.100.0/24]}}
  - {name: others, who: {groups: [others]}, operations: ["@print"], decision: permit}
  - {name: staff, who: {groups: [staff]}, operations: ["@print"], decision: permit}
  - {name: below, who: authenticated, operations: ["@print"], decision: permit}
"""
).rules
ALICE = Principal("alice", "1", "basic", frozenset({"staff"}))


def facts(address: str = "198.51.100.1", at: datetime = AT) -> Facts:
    return Facts(ALICE, "lab-1", Operation.PRINT_JOB, None, address, at)


def names(found: Index, asked: Facts) -> list[str]:
    at = found.at(asked.printer)
    return [rule.name for rule in at.rules_now(asked, at.like(asked.principal))]


def test_only_rules_that_could_match_up_to_one_that_certainly_does() -> None:
    found = Index(RULES, {})
    assert names(found, facts()) == ["inside"]
    assert names(found, facts("192.0.2.1")) == ["staff"]
    at = found.at("lab-1")
    assert [r.name for r in at.rules(Operation.PRINT_JOB, ALICE, at.like(ALICE))] == [
        "inside",
        "staff",
    ]


def test_printers_with_the_same_rules_share_what_is_compiled() -> None:
    found = Index(RULES, {"lab-1": Place(), "lab-2": Place()})
    assert found.at("lab-1") is found.at("lab-2")
    assert found.at("lab-1") is not found.at("hall")


def test_what_is_kept_has_a_bound() -> None:
    found = Index(RULES, {})
    at = found.at("lab-1")
    for number in range(index.MOST_MOMENTS + 10):
        asked = facts(f"198.51.{number // 256}.{number % 256}", AT + timedelta(minutes=number))
        at.rules_now(asked, at.like(ALICE))
        at.came_so(asked)
    assert len(at._now) <= index.MOST_MOMENTS
    assert len(at._came) <= index.MOST_MOMENTS


def test_whether_anybody_is_served() -> None:
    at = Index(RULES, {}).at("lab-1")
    assert at.serves(Operation.CREATE_JOB)
    assert not at.serves(Operation.PURGE_JOBS)
