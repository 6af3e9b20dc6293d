"""A rule says which of its criteria does not match."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ippgate.ipp.enums import Operation
from ippgate.policy.facts import Facts
from tests.support.policies import policy_of

RULE = policy_of(
    "version: 1\n"
    "rules:\n"
    '  - {name: r, who: owner, printers: ["lab-*"], operations: ["@print"], decision: refuse}\n'
).rules[0]


@pytest.mark.parametrize(
    ("printer", "operation", "applies"),
    [
        ("lab-1", Operation.PRINT_JOB, True),
        ("hall", Operation.PRINT_JOB, False),
        ("lab-1", Operation.GET_JOBS, False),
    ],
)
def test_applies(printer: str, operation: Operation, applies: bool) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    facts = Facts(None, printer, operation, None, "192.0.2.9", at)
    words = RULE.why_not(facts)
    assert words is not None
    assert ("nobody is identified" in words) is applies


def test_a_rule_knows_where_it_stands() -> None:
    assert (RULE.file, RULE.line) == ("policy.yaml", 3)
    assert not RULE.permits
