"""Expectations beside rules: met, disappointed, and wrong themselves."""

from __future__ import annotations

import pytest

from ippgate.config.findings import ConfigurationError
from ippgate.policy.expectations import disappointed, examined
from ippgate.policy.file import load

RULES = """version: 1
rules:
  - name: staff print
    who: {groups: [staff]}
    printers: {tags: [colour]}
    operations: ["@print"]
    attributes: {copies: {max: 5}}
    decision: permit
    enforce: {sides: two-sided-long-edge}
  - name: trial
    who: authenticated
    operations: [Get-Jobs]
    decision: refuse
    shadow: true
  - name: look
    who: authenticated
    operations: [Get-Jobs]
    decision: permit
"""
POLICY = load([("rules.yaml", RULES)])


def expectations(*lines: str) -> str:
    return "\n".join(
        [
            "version: 1",
            "people: {alice: {groups: [staff]}, bob: {}}",
            "printers: {lab: {tags: [colour]}}",
            "expectations:",
            *lines,
        ]
    )


def words(*lines: str) -> list[str]:
    return [str(finding) for finding in disappointed(POLICY, expectations(*lines), "x.test.yaml")]


MET = (
    "- given: {who: alice, printer: lab, operation: [Print-Job, Create-Job]}",
    "  expect: {decision: permit, rule: staff print, enforce: {sides: two-sided-long-edge},",
    '    offers: {sides: {one-sided: false}, copies: {"5": true, "6": false}}}',
    "- given: {who: [alice, bob], operation: Get-Jobs}",
    "  expect: {decision: permit, rule: look, shadows: [trial]}",
    "- given: {who: bob, printer: lab, operation: Print-Job}",
    "  expect: refuse",
    "- given: {who: anonymous, printer: lab, operation: Print-Job}",
    "  expect: identify",
    "- given: {who: alice, printer: lab, operation: Print-Job, attributes: {copies: 6}}",
    "  expect: {decision: refuse, reason: attributes}",
)


def test_expectations_that_are_met() -> None:
    result = examined(POLICY, expectations(*MET), "x.test.yaml")
    assert result.failed == ()
    assert result.examples == 7
    assert result.reached == {"staff print", "trial", "look"}


def test_what_the_rules_say_instead_is_said_with_its_line() -> None:
    assert words(
        "- given: {who: bob, printer: lab, operation: Print-Job}",
        "  expect: {decision: permit, rule: staff print}",
        "- given: {who: alice, printer: lab, operation: Print-Job}",
        "  expect: {decision: permit, rule: staff print, offers: {sides: {one-sided: true}}}",
    ) == [
        "x.test.yaml:5: expectations[0]: bob Print-Job at lab: expected permit; the rules say "
        "refuse",
        'x.test.yaml:5: expectations[0]: bob Print-Job at lab: expected by "staff print"; the '
        "rules say no rule",
        "x.test.yaml:7: expectations[1]: alice Print-Job at lab: expected no enforce; the rules "
        "say enforce sides two-sided-long-edge",
        "x.test.yaml:7: expectations[1]: alice Print-Job at lab: expected sides one-sided to be "
        "offered; it is not",
    ]


def test_a_rule_that_is_not_expected_is_a_difference() -> None:
    assert words(
        "- given: {who: bob, operation: Get-Jobs}",
        "  expect: {decision: permit, shadows: [trial]}",
    ) == ['x.test.yaml:5: expectations[0]: bob Get-Jobs: expected no rule; the rules say by "look"']


def test_mistakes_in_expectations_are_all_found() -> None:
    with pytest.raises(ConfigurationError) as caught:
        words(
            "- {given: {who: alica, operation: Print-Job}, expect: permit}",
            "- {given: {who: alice, operation: Print-Jop}, expect: permit}",
            "- {given: {who: alice, operation: Print-Job, attributes: {copis: 1}}, expect: permit}",
        )
    assert [str(finding) for finding in caught.value.findings] == [
        'x.test.yaml:5: expectations[0].given.who: "alica" is nobody here - did you mean "alice"?',
        'x.test.yaml:6: expectations[1].given.operation: "Print-Jop" is no operation'
        ' - did you mean "Print-Job"?',
        'x.test.yaml:7: expectations[2].given: "copis" is not an attribute that rules know'
        ' - did you mean "copies"?',
    ]


def test_a_time_needs_its_zone() -> None:
    with pytest.raises(ConfigurationError, match="is no time with a zone"):
        words("- {given: {who: bob, operation: Get-Jobs, at: '2026-03-02T09:00'}, expect: permit}")
