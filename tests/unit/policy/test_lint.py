"""What rules say that they can hardly mean."""

from __future__ import annotations

import pytest

from ippgate.policy.facts import Place
from ippgate.policy.file import load
from ippgate.policy.lint import groups_of, lint
from ippgate.policy.policy import Policy

PRINT = "operations: ['@print'], decision: permit"


def policy_of(*rules: str) -> Policy:
    lines = [f"  - {{name: r{number}, {rule}}}\n" for number, rule in enumerate(rules)]
    return load([("x.yaml", "version: 1\nrules:\n" + "".join(lines))])


def warnings(*rules: str) -> list[str]:
    return [f"{finding.path}: {finding.message}" for finding in lint(policy_of(*rules))]


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("who: authenticated", "who: {groups: [staff]}"),
        ("who: {groups: [staff, x]}", "who: {groups: [staff]}"),
        ("who: {groups: [staff]}", "who: {groups: [staff], methods: [basic]}"),
        (
            "who: {groups: [staff]}",
            "who: {groups: [staff]}, when: {days: mon, timezone: Asia/Tokyo}",
        ),
        ("who: {groups: [staff]}", "who: {groups: [staff]}, attributes: {copies: 1}"),
        ("who: {groups: [staff]}", "who: {groups: [staff]}, printers: ['lab-*']"),
        (
            "who: {groups: [staff]}, attributes: {copies: {max: 5}}",
            "who: {groups: [staff]}, attributes: {copies: {max: 5}, sides: one-sided}",
        ),
    ],
)
def test_a_rule_that_can_never_decide(above: str, below: str) -> None:
    assert warnings(f"{above}, {PRINT}", f"{below}, {PRINT}") == [
        'r1: it can never decide: "r0" above it takes everything'
    ]


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("who: {groups: [staff]}", "who: authenticated"),
        ("who: {groups: [staff], methods: [token]}", "who: {groups: [staff]}"),
        ("who: owner", "who: {groups: [staff]}"),
        ("who: {groups: [staff]}, printers: ['lab-*']", "who: {groups: [staff]}"),
        ("who: {groups: [staff]}, document: {max_size: 1MB}", "who: {groups: [staff]}"),
        ("who: {groups: [staff]}, shadow: true", "who: {groups: [staff]}"),
        ("who: {attributes: {a: [b]}}", "who: {groups: [staff]}"),
    ],
)
def test_a_rule_that_can_decide(above: str, below: str) -> None:
    assert warnings(f"{above}, {PRINT}", f"{below}, {PRINT}") == []


def test_rules_together_take_everything() -> None:
    assert warnings(
        "who: {groups: [staff]}, operations: [Print-Job], decision: refuse",
        "who: {groups: [staff]}, operations: [Create-Job], decision: permit",
        "who: {groups: [staff]}, operations: [Print-Job, Create-Job], decision: permit",
    ) == ['r2: it can never decide: "r0", "r1" above it takes everything']


def test_operations_that_a_contrary_rule_takes() -> None:
    assert warnings(
        "who: {groups: [staff]}, operations: [Print-Job], decision: refuse",
        "who: {groups: [staff]}, operations: [Print-Job, Create-Job], decision: permit",
    ) == ['r1: it never decides Print-Job: "r0" above it does, otherwise']


def test_printers_of_the_site_count() -> None:
    rules = policy_of(
        f"who: authenticated, printers: ['lab-*'], {PRINT}",
        f"who: authenticated, printers: [lab-1], {PRINT}",
    )
    assert lint(rules) == []
    assert len(lint(rules.where({"lab-1": Place(), "hall": Place()}))) == 1


@pytest.mark.parametrize(
    ("rule", "warning"),
    [
        ("who: anyone, operations: ['@administer'], decision: permit", "to anyone"),
        (
            "who: authenticated, operations: [Pause-Printer], decision: permit",
            "it permits Pause-Printer to everybody with an account",
        ),
        ("who: authenticated, operations: [Print-URI], decision: permit", "Print-URI"),
        ("who: authenticated, operations: ['0x4042'], decision: permit", "0x4042"),
        (f"who: anyone, {PRINT}", "it lets anyone print"),
        (f"who: owner, when: {{hours: '07:00-08:00'}}, {PRINT}", "are those of UTC"),
    ],
)
def test_open_doors_and_whose_clock(rule: str, warning: str) -> None:
    assert any(warning in words for words in warnings(rule)), warnings(rule)


def test_groups_that_are_not_there() -> None:
    policy = policy_of(f"who: {{groups: [staff, stuff]}}, {PRINT}")
    assert groups_of(policy.rules) == {"staff", "stuff"}
    found = lint(policy, frozenset({"staff"}))
    assert [finding.message for finding in found] == [
        'no group is called "stuff" - did you mean "staff"?'
    ]
