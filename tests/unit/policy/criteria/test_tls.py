"""How safe the client's own connection is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ippgate.ipp.enums import Operation
from ippgate.policy.criteria.tls import LeastTls
from ippgate.policy.facts import Facts


def over(tls: str | None) -> Facts:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Facts(None, "lab-1", Operation.PRINT_JOB, None, "192.0.2.9", at, tls)


@pytest.mark.parametrize(
    ("least", "tls", "matches"),
    [
        ("TLSv1.2", "TLSv1.2", True),
        ("TLSv1.2", "TLSv1.3", True),
        ("TLSv1.3", "TLSv1.3", True),
        ("TLSv1.3", "TLSv1.2", False),
        ("TLSv1.2", "TLSv1.1", False),
        ("TLSv1.2", None, False),
        ("TLSv1.2", "TLSv1.4", False),
    ],
)
def test_at_least(least: str, tls: str | None, matches: bool) -> None:
    assert LeastTls(least).matches(over(tls)) is matches


def test_why_not() -> None:
    least = LeastTls("TLSv1.3")
    assert least.why_not(over("TLSv1.2")) == "the connection is TLSv1.2, not TLSv1.3 or newer"
    assert least.why_not(over(None)) == "the connection is in the clear, not TLSv1.3 or newer"
