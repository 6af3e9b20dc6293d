"""What rules say that they can hardly mean."""

from __future__ import annotations

import pytest

from ippgate.policy.facts import Place
from ippgate.policy.lint import groups_of, lint
from tests.support.policies import policy_of


def warned(*rules: str, groups: frozenset[str] | None = None) -> list[str]:
    text = "version: 1\nrules:\n" + "".join(f"  - {{{rule}}}\n" for rule in rules)
    return [finding.message for finding in lint(policy_of(text), groups)]


def rule(name: str, who: str = "authenticated", more: str = "", decision: str = "permit") -> str:
    said = f"name: {name}, who: {who}, operations: ['@print'], decision: {decision}"
    return f"{said}, {more}" if more else said


STAFF, ALICE = "{groups: [staff]}", "{groups: [staff], methods: [token]}"


@pytest.mark.parametrize(
    ("above", "below", "dead"),
    [
        (rule("a"), rule("b", STAFF), True),
        (rule("a"), rule("b", "owner"), True),
        (rule("a", STAFF), rule("b"), False),
        (rule("a", "owner"), rule("b", STAFF), False),
        (rule("a", STAFF), rule("b", ALICE), True),
        (rule("a", ALICE), rule("b", STAFF), False),
        (rule("a", STAFF), rule("b", "{groups: [staff, guests]}"), False),
        (rule("a", "{groups: [staff, guests]}"), rule("b", STAFF), True),
        (rule("a", more="when: {tls: '1.3'}"), rule("b", STAFF), False),
        (rule("a", more="attributes: {copies: {max: 5}}"), rule("b"), False),
        (rule("a", more="shadow: true"), rule("b"), False),
        (rule("a", more="printers: ['lab-*']"), rule("b"), False),
        (rule("a"), rule("b", more="printers: ['lab-*']"), True),
        (rule("a", more="printers: {tags: [x]}"), rule("b", more="printers: ['lab-*']"), False),
    ],
)
def test_a_rule_that_never_decides(above: str, below: str, dead: bool) -> None:
    words = ['it can never decide: "a" above it takes everything'] if dead else []
    assert warned(above, below) == words


def test_printers_that_exist_show_what_patterns_do_not() -> None:
    text = "version: 1\nrules:\n" + "".join(
        f"  - {{{one}}}\n"
        for one in (rule("a", more="printers: {tags: [x]}"), rule("b", more="printers: ['lab-*']"))
    )
    tagged = policy_of(text).where({"lab-1": Place(tags=frozenset({"x"})), "hall": Place()})
    assert [finding.message for finding in lint(tagged)] == [
        'it can never decide: "a" above it takes everything'
    ]


def test_half_a_rule_that_decides_otherwise() -> None:
    assert warned(
        "name: a, who: authenticated, operations: [Print-Job], decision: refuse",
        "name: b, who: authenticated, operations: [Print-Job, Get-Jobs], decision: permit",
    ) == ['it never decides Print-Job: "a" above it does, otherwise']


@pytest.mark.parametrize(
    ("who", "operation", "more", "says"),
    [
        ("authenticated", "Pause-Printer", "", "it permits Pause-Printer to everybody with an"),
        ("anyone", "'0x4042'", "", "it permits 0x4042 to anyone"),
        ("anyone", "Print-Job", "", "it lets anyone print"),
        ("anyone", "Print-Job", ", when: {networks: [192.0.2.0/24]}", None),
        (STAFF, "Pause-Printer", "", None),
        ("authenticated", "Pause-Printer", ", shadow: true", None),
    ],
)
def test_open_doors(who: str, operation: str, more: str, says: str | None) -> None:
    found = warned(f"name: r, who: {who}, operations: [{operation}], decision: permit{more}")
    assert (found == []) if says is None else found[0].startswith(says)


def test_hours_without_a_zone() -> None:
    assert "are those of UTC" in warned(rule("r", more="when: {days: sat}"))[0]
    assert warned(rule("r", more="when: {days: sat, timezone: Europe/Berlin}")) == []


def test_groups_that_are_not_there() -> None:
    given = rule("r", "{groups: [staf, students]}")
    assert warned(given, groups=frozenset({"staff", "students"})) == [
        'no group is called "staf" - did you mean "staff"?'
    ]
    assert warned(given) == []
    assert groups_of([]) == frozenset()
