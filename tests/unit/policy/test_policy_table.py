"""Decisions over tables of person, printer, operation and attributes, against a second reading of
the language."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from ippgate.ipp.enums import Operation
from ippgate.policy.explanation import explain
from ippgate.policy.facts import Document, Facts, Job, Place, Principal
from ippgate.policy.file import load
from tests.support.naive_policy import Row, Rule, decide

PEOPLE: tuple[tuple[str, set[str], str, str], ...] = (
    ("alice", {"staff"}, "physics", "basic"),
    ("bob", {"students"}, "physics", "certificate"),
    ("olga", {"staff", "operators"}, "library", "basic"),
    ("carl", set(), "none", "token"),
)
PRINTERS: tuple[tuple[str, str, set[str]], ...] = (
    ("lab-1", "Building 3", {"colour"}),
    ("lab-2", "Building 4", {"colour", "a3"}),
    ("hall", "Building 3", set()),
    ("cheque-1", "Vault", {"cheque"}),
)
OPERATIONS = ("Print-Job", "Validate-Job", "Create-Job", "Send-Document", "Cancel-Job", "Get-Jobs")
ASKED: tuple[dict[str, list[Any]], ...] = (
    {},
    {"copies": [3]},
    {"copies": [60], "sides": ["one-sided"]},
    {"print-color-mode": ["monochrome", "color"]},
    {"sides": ["two-sided-long-edge"], "job-account-id": ["4711"]},
)
MOMENTS = (
    (datetime(2026, 3, 2, 6, 30, tzinfo=UTC), "198.51.100.9", "1.3"),
    (datetime(2026, 3, 7, 12, tzinfo=UTC), "203.0.113.9", "1.2"),
    (datetime(2026, 7, 6, 5, 30, tzinfo=UTC), "2001:db8::9", "1.3"),
)
DOCUMENTS = (
    (None, None),
    ("application/pdf", 1_000),
    ("image/jpeg", 5_000_000),
    ("application/postscript", 100),
)


def rows() -> list[Row]:
    """Every person, printer and operation, with everything else going round."""
    found = []
    rest = itertools.cycle(itertools.product(ASKED, MOMENTS, DOCUMENTS, (True, False)))
    for person, printer, operation in itertools.product(PEOPLE, PRINTERS, OPERATIONS):
        for _ in range(7):
            asked, (at, address, tls), (format_, size), owner = next(rest)
            found.append(
                Row(
                    person[0],
                    frozenset(person[1]),
                    person[2],
                    person[3],
                    printer[0],
                    printer[1],
                    frozenset(printer[2]),
                    operation,
                    owner,
                    address,
                    at,
                    tls,
                    asked if operation in ("Print-Job", "Validate-Job", "Create-Job") else {},
                    format_ if operation != "Create-Job" else None,
                    size if operation in ("Print-Job", "Send-Document") else None,
                )
            )
    return found


def some_rules(seed: int) -> list[Rule]:
    """Rules of every kind of criterion, in chance combinations."""
    chance = random.Random(seed)
    rules = []
    for number in range(12):
        rule: Rule = {
            "name": f"rule {number}",
            "who": chance.choice(
                [
                    "authenticated",
                    "owner",
                    {"groups": ["staff"]},
                    {"groups": ["students"], "users": ["carl"]},
                    {"attributes": {"department": ["physics"]}},
                    {"groups": ["staff"], "attributes": {"department": ["library"]}},
                    {"methods": ["certificate", "token"]},
                ]
            ),
            "operations": chance.sample(["@print", "@job", "@query", "Print-Job", "Cancel-Job"], 2),
            "decision": chance.choice(["permit", "permit", "refuse"]),
        }
        parts: dict[str, list[Any]] = {
            "printers": [
                ["lab-*"],
                ["*", "!cheque-*"],
                {"locations": ["Building 3"]},
                {"tags": ["colour", "!a3"]},
                {"names": ["lab-*", "hall"], "tags": ["!a3"]},
            ],
            "when": [
                {"days": "mon-fri"},
                {"hours": "07:00-20:00", "timezone": "Europe/Berlin"},
                {"networks": ["198.51.100.0/24", "2001:db8::/32"]},
                {"tls": "1.3"},
                {"days": "mon", "hours": "06:00-07:00"},
            ],
            "document": [
                {"formats": ["application/pdf"]},
                {"formats": ["image/*", "application/pdf"], "max_size": 1_000_000},
                {"max_size": 2_000},
                {"min_size": 1_001},
            ],
            "attributes": [
                {"copies": {"max": 50}},
                {"copies": {"min": 3, "max": 10}},
                {"print-color-mode": {"is": ["monochrome"]}},
                {"sides": {"not": ["one-sided"]}},
                {"job-account-id": {"present": True}},
                {"copies": {"present": False}},
            ],
        }
        for key, choices in parts.items():
            if chance.random() < 0.4:
                rule[key] = chance.choice(choices)
        if chance.random() < 0.1:
            rule["shadow"] = True
        rules.append(rule)
    return rules


def facts_of(row: Row) -> Facts:
    groups = frozenset(row.groups or ())
    principal = Principal(
        str(row.name), "1", row.method, groups, {"Department": (row.department.title(),)}
    )
    asked = {name: tuple(values) for name, values in row.attributes.items()}
    document = Document(row.format, row.format, row.size)
    operation = Operation.from_keyword(row.operation)
    assert operation is not None
    return Facts(
        principal,
        row.printer,
        operation,
        row.owner,
        row.address,
        row.at,
        f"TLSv{row.tls}",
        Job(asked, document),
    )


@pytest.mark.parametrize("seed", range(8))
def test_a_table_of_decisions(seed: int) -> None:
    rules = some_rules(seed)
    places = {name: Place(location, frozenset(tags)) for name, location, tags in PRINTERS}
    policy = load([("table.yaml", yaml.safe_dump({"version": 1, "rules": rules}))]).where(places)
    table = rows()
    assert len(table) >= 500
    ends: Counter[str] = Counter()
    for row in table:
        expected = decide(rules, row)
        decision = policy.decide(facts_of(row))
        assert (decision.effect.value, decision.rule) == expected, (row, decision)
        ends[decision.effect.value] += 1
    assert len(ends) == 2, "a table that always ends alike shows nothing"


def test_the_explanation_agrees_with_the_decision() -> None:
    rules = some_rules(1)
    places = {name: Place(location, frozenset(tags)) for name, location, tags in PRINTERS}
    policy = load([("table.yaml", yaml.safe_dump({"version": 1, "rules": rules}))]).where(places)
    for row in rows():
        facts = facts_of(row)
        explanation = explain(policy, facts)
        name, above = decide(rules, row)[1], [rule["name"] for rule in rules]
        if name is None:
            assert explanation.rule is None
        else:
            assert explanation.rule is not None
            assert explanation.rule.name == name
            above = above[: above.index(name)]
        assert [passed.rule.name for passed in explanation.passed] == above
        assert all(passed.why for passed in explanation.passed)
