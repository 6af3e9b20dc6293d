"""At least a version of TLS."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ippgate.ipp.enums import Operation
from ippgate.policy.criteria.tls import LeastTls
from ippgate.policy.facts import Facts


@pytest.mark.parametrize(
    ("least", "found", "matches"),
    [
        ("TLSv1.2", "TLSv1.2", True),
        ("TLSv1.2", "TLSv1.3", True),
        ("TLSv1.3", "TLSv1.2", False),
        ("TLSv1.2", "TLSv1.1", False),
        ("TLSv1.2", None, False),
    ],
)
def test_versions(least: str, found: str | None, matches: bool) -> None:
    time = datetime(2026, 3, 2, tzinfo=UTC)
    facts = Facts(None, "lab-1", Operation.PRINT_JOB, None, "192.0.2.1", time, found)
    criterion = LeastTls(least)
    assert criterion.matches(facts) is matches
    words = f"the connection is {found or 'in the clear'}, not {least} or newer"
    assert criterion.why_not(facts) == words
