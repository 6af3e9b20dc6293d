"""Rule files: as people write them, and every mistake with its line and the nearest name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ippgate.config.findings import ConfigurationError
from ippgate.ipp.enums import Operation
from ippgate.policy.criteria.who import Scope, Who
from ippgate.policy.decision import Effect
from ippgate.policy.facts import NOWHERE, Facts, Principal
from ippgate.policy.file import load, revision

GOOD = """\
version: 1
rules:
  - name: anyone may see what a printer can do
    who: anyone                                   # no authentication asked for
    operations: [Get-Printer-Attributes, Validate-Job]
    decision: permit

  - name: no contractors
    who: {groups: [contractors]}
    printers: ["*", "!hall"]
    operations: ["@print"]
    decision: refuse
    message: Contractors print in the hall.

  - name: staff print
    who: {groups: [staff], users: [root]}
    printers: ["lab-*"]
    operations: ["@print"]
    decision: permit

  - name: people manage their own jobs
    who: owner
    operations: ["@job"]
    decision: permit
"""


def findings(*texts: str, printers: list[str] | None = None) -> list[str]:
    files = [(f"{number}.yaml", text) for number, text in enumerate(texts)]
    with pytest.raises(ConfigurationError) as raised:
        load(files, None if printers is None else dict.fromkeys(printers, NOWHERE))
    return [str(finding) for finding in raised.value.findings]


def rule(more: str, name: str = "r", **instead: str) -> str:
    """A file of one rule with something added or in place of what it says."""
    keys = {"name": name, "who": "anyone", "operations": '["@print"]', "decision": "permit"}
    keys |= instead
    lines = [f"{key}: {value}" for key, value in keys.items() if value]
    body = "\n    ".join([*lines, *more.splitlines()])
    return f"version: 1\nrules:\n  - {body}\n"


def test_a_file_as_people_write_it() -> None:
    policy = load([("staff.yaml", GOOD)], {"lab-1": NOWHERE, "hall": NOWHERE})
    first, second, third, fourth = policy.rules
    assert first.who == Who(Scope.ANYONE)
    assert first.operations.codes == {Operation.GET_PRINTER_ATTRIBUTES, Operation.VALIDATE_JOB}
    assert first.printers.fit("whatever")
    assert (first.file, first.line) == ("staff.yaml", 3)
    assert not second.permits
    assert second.message == "Contractors print in the hall."
    assert third.who == Who(Scope.PEOPLE, frozenset({"root"}), frozenset({"staff"}))
    assert fourth.who == Who(Scope.OWNER)
    assert policy.revision == revision([("staff.yaml", GOOD)])


def test_files_count_in_their_order() -> None:
    refuse, permit = rule("", "first", decision="refuse"), rule("", "second")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    alice = Principal("alice", "1", "basic")
    facts = Facts(alice, "lab-1", Operation.PRINT_JOB, None, "192.0.2.9", at)
    assert load([("a", refuse), ("b", permit)]).decide(facts).effect is Effect.REFUSE
    assert load([("b", permit), ("a", refuse)]).decide(facts).effect is Effect.PERMIT


def test_the_revision_is_of_the_texts_and_their_order() -> None:
    texts = [("a", "1"), ("b", "2")]
    assert revision(texts) == revision([("x", "1"), ("y", "2")])
    assert len({revision(texts), revision(texts[::-1]), revision([("a", "12")])}) == 3


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("version: 2\nrules: []", "0.yaml:1: version: must be 1"),
        ("rules:\n  - {name: r}", "0.yaml:1: version: is missing"),
        ("version: 1\nrules: []", "0.yaml:2: rules: must not be empty"),
        ("version: 1\nrule: []", '0.yaml:2: rule: is not a known key - did you mean "rules"?'),
        ("version: 1\nrules:\n  - x", "0.yaml:3: rules[0]: must be a mapping of keys"),
        ("", "0.yaml: version: is missing"),
        ("- 1", "0.yaml:1: must be a mapping of keys"),
        ("version: [", "0.yaml:1: not valid YAML: expected the node content, but found"),
    ],
)
def test_what_is_no_rule_file(text: str, finding: str) -> None:
    assert any(found.startswith(finding) for found in findings(text))


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (rule("mesage: x"), '7: rules[0].mesage: is not a known key - did you mean "message"?'),
        (rule("message: x"), "7: rules[0].message: is for a refusal, and this rule permits"),
        (rule("", who=""), "3: rules[0].who: is missing"),
        (
            rule("", who="Anybody"),
            "4: rules[0].who: must be 'anyone', 'authenticated' or 'owner'"
            ' - did you mean "anyone"?',
        ),
        (rule("", who="{}"), "4: rules[0].who: names nobody: give users, groups, people"),
        (rule("", who="{users: []}"), "4: rules[0].who.users: must not be empty"),
        (rule("", who="{groups: ['']}"), "4: rules[0].who.groups[0]: must not be empty"),
        (rule("", who="{groups: staff}"), "4: rules[0].who.groups: must be a list"),
        (
            rule("", who="{group: [staff]}"),
            '4: rules[0].who.group: is not a known key - did you mean "groups"?',
        ),
        (rule("", who="{people: [a]}"), "4: rules[0].who.people[0]: no people are defined as"),
        (rule("", who="[staff]"), "4: rules[0].who: must be a mapping of keys"),
        (rule("", operations="[]"), "5: rules[0].operations: must not be empty"),
        (rule("", operations="Print-Job"), "5: rules[0].operations: must be a list"),
        (
            rule("", operations="[Get-Jobs, Print-Jobs]"),
            '5: rules[0].operations[1]: "Print-Jobs" is not an operation of IPP'
            ' - did you mean "Print-Job"?',
        ),
        (
            rule("", operations='["@printing"]'),
            '5: rules[0].operations[0]: "@printing" is not a set of operations'
            ' - did you mean "@print"?',
        ),
        (rule("printers: []"), "7: rules[0].printers: must not be empty"),
        (
            rule("printers: [a, 'lab 1']"),
            '7: rules[0].printers[1]: "lab 1" is not a pattern for printers',
        ),
        (
            rule("", decision="allow"),
            "6: rules[0].decision: must be 'permit' or 'refuse'",
        ),
        (rule("", name="''"), "3: rules[0].name: must not be empty"),
        (rule("", name="no"), "3: rules[0].name: must be text: put it in quotes"),
        (
            rule(f"message: {'x' * 256}", decision="refuse"),
            "7: rules[0].message: string should have at most 255 characters",
        ),
    ],
)
def test_one_mistake(text: str, finding: str) -> None:
    (found,) = findings(text)
    assert found.startswith("0.yaml:" + finding)


def test_patterns_that_fit_no_printer() -> None:
    text = rule("printers: ['lab-*', '!lab-1']")
    assert load([("f", text)], {"lab-1": NOWHERE, "lab-2": NOWHERE}).rules
    assert load([("f", text)]).rules
    assert findings(text, printers=["lab-1", "hall"]) == [
        "0.yaml:7: rules[0].printers: no printer of the configuration fits"
    ]
    assert findings(text, printers=["lab-2", "hall"]) == [
        '0.yaml:7: rules[0].printers[1]: no printer of the configuration fits "!lab-1"'
        ' - did you mean "lab-2"?'
    ]


def test_a_name_given_twice_in_one_file_or_in_two() -> None:
    twice = rule("") + rule("").removeprefix("version: 1\nrules:\n")
    assert findings(twice) == [
        '0.yaml:7: rules[1].name: a rule named "r" stands in 0.yaml:3 already'
    ]
    assert findings(rule(""), rule("")) == [
        '1.yaml:3: rules[0].name: a rule named "r" stands in 0.yaml:3 already'
    ]


def test_no_file_at_all() -> None:
    assert findings() == ["policies: no rule file was found: nobody could print"]


def test_every_mistake_of_every_file_at_once() -> None:
    wrong = """\
version: 1
rules:
  - name: r
    who: nobody
    printers: [cellar]
    operations: [Print-Jobb]
    decision: permit
    shaddow: true
  - name: r
    who: anyone
    operations: ["@qery"]
    decision: permit
"""
    assert findings(wrong, "version: [", rule(""), printers=["lab-1"]) == [
        "0.yaml:4: rules[0].who: must be 'anyone', 'authenticated' or 'owner'",
        '0.yaml:5: rules[0].printers[0]: no printer of the configuration fits "cellar"',
        '0.yaml:6: rules[0].operations[0]: "Print-Jobb" is not an operation of IPP'
        ' - did you mean "Print-Job"?',
        '0.yaml:8: rules[0].shaddow: is not a known key - did you mean "shadow"?',
        '0.yaml:11: rules[1].operations[0]: "@qery" is not a set of operations'
        ' - did you mean "@query"?',
        '0.yaml:9: rules[1].name: a rule named "r" stands in 0.yaml:3 already',
        "1.yaml:1: not valid YAML: expected the node content, but found '<stream end>'",
        '2.yaml:3: rules[0].name: a rule named "r" stands in 0.yaml:3 already',
    ]
