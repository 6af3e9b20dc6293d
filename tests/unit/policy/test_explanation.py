"""Why, in words. (That it agrees with decisions is in the table's tests.)"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from ippgate.ipp.enums import Operation
from ippgate.policy.explanation import explain
from ippgate.policy.facts import Facts, Job, Principal
from tests.support.policies import policy_of

POLICY = policy_of(
    """version: 1
rules:
  - {name: trial, who: authenticated, operations: ["@print"], decision: refuse, shadow: true}
  - {name: night, who: authenticated, operations: ["@print"], decision: refuse,
     when: {hours: "00:00-07:00", timezone: Europe/Berlin}}
  - {name: visitors, who: {groups: [visitors]}, operations: ["@print"], decision: permit}
  - {name: staff, who: {groups: [staff]}, operations: ["@print"], decision: permit,
     attributes: {copies: {max: 5}, print-color-mode: {not: [color]}},
     document: {formats: [application/pdf], max_size: 1MB}, enforce: {sides: one-sided}}
"""
)
ALICE = Principal("alice", "1", "basic", frozenset({"staff"}))
FACTS = Facts(
    ALICE,
    "lab-1",
    Operation.PRINT_JOB,
    False,
    "192.0.2.1",
    datetime(2026, 3, 2, 10, tzinfo=UTC),
    "TLSv1.3",
)


def test_each_rule_above_says_the_one_thing_that_did_not_match() -> None:
    explanation = explain(POLICY, FACTS)
    assert explanation.rule is not None
    assert explanation.rule.name == "staff"
    assert [(passed.rule.name, passed.why) for passed in explanation.passed] == [
        ("trial", "it is on trial: it matches, and is not applied"),
        (
            "night",
            "it is mon 11:00 in Europe/Berlin, which is not within 00:00-07:00",
        ),
        ("visitors", "alice (of staff) is not one of group visitors"),
    ]
    assert explanation.decision.shadows[0].rule == "trial"


def test_what_may_be_chosen() -> None:
    assert dict(explain(POLICY, FACTS).choices) == {
        "copies": "1-5",
        "print-color-mode": "monochrome",
        "sides": "one-sided",
        "document-format": "application/pdf",
        "document size": "1,000,000 octets at most",
    }


def test_where_no_rule_matches_every_rule_says_why() -> None:
    explanation = explain(POLICY, replace(FACTS, job=Job({"copies": (6,)})))
    assert explanation.rule is None
    assert explanation.choices == ()
    assert explanation.passed[-1].why == "copies is 6, not 5 or less"
    assert len(explanation.passed) == 4
