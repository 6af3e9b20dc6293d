"""Expectations beside rules: met, disappointed, and wrong themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from ippgate.config.findings import ConfigurationError
from ippgate.policy.expectations import disappointed
from ippgate.policy.file import load

POLICIES = Path(__file__).parents[3] / "policies"
RULES = """version: 1
rules:
  - name: staff print
    who: {groups: [staff]}
    operations: ["@print"]
    decision: permit
"""
POLICY = load([("rules.yaml", RULES)])


def expectations(*lines: str) -> str:
    return "\n".join(
        ["version: 1", "people: {alice: {groups: [staff]}, bob: {}}", "expectations:", *lines]
    )


@pytest.mark.parametrize("rules", sorted(POLICIES.glob("*.test.yaml")), ids=lambda path: path.name)
def test_the_policies_of_this_project_meet_their_expectations(rules: Path) -> None:
    file = rules.with_name(rules.name.replace(".test.yaml", ".yaml"))
    policy = load([(str(file), file.read_text())])
    assert disappointed(policy, rules.read_text(), str(rules)) == []


def test_every_policy_has_expectations() -> None:
    named = {path.name.replace(".test.yaml", ".yaml") for path in POLICIES.glob("*.test.yaml")}
    rules = {path.name for path in POLICIES.glob("*.yaml") if not path.name.endswith(".test.yaml")}
    assert rules == named
    assert "default.yaml" in rules


def test_expectations_that_are_met() -> None:
    text = expectations(
        "- {who: alice, operation: Print-Job, decision: permit, rule: staff print}",
        "- {who: bob, operation: Print-Job, decision: refuse}",
        "- {who: anonymous, operation: Print-Job, decision: identify}",
    )
    assert disappointed(POLICY, text, "x.test.yaml") == []


def test_what_the_rules_say_instead_is_said_with_its_line() -> None:
    text = expectations(
        "- {who: alice, operation: Print-Job, decision: permit, rule: staff print}",
        "- {who: bob, operation: Print-Job, decision: permit, rule: staff print}",
        "- {who: alice, operation: Print-Job, decision: permit}",
    )
    first, second = (str(finding) for finding in disappointed(POLICY, text, "x.test.yaml"))
    assert first == (
        "x.test.yaml:5: expectations[1]: bob Print-Job: "
        'expected permit by "staff print"; the rules say refuse'
    )
    assert second.endswith('expected permit; the rules say permit by "staff print"')


def test_mistakes_in_expectations_are_all_found() -> None:
    text = expectations(
        "- {who: alica, operation: Print-Job, decision: permit}",
        "- {who: alice, operation: Print-Jop, decision: permit}",
    )
    with pytest.raises(ConfigurationError) as caught:
        disappointed(POLICY, text, "x.test.yaml")
    words = [str(finding) for finding in caught.value.findings]
    assert words == [
        'x.test.yaml:4: expectations[0].who: "alica" is nobody here - did you mean "alice"?',
        'x.test.yaml:5: expectations[1].operation: "Print-Jop" is no operation'
        ' - did you mean "Print-Job"?',
    ]
