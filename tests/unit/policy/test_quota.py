"""Limits as rules give them to whoever counts."""

from __future__ import annotations

from ippgate.policy.quota import Limit, Period, Unit
from tests.support.policies import policy_of


def test_a_quota_becomes_limits() -> None:
    policy = policy_of(
        "version: 1\ntimezone: Asia/Tokyo\nrules:\n  - {name: r, who: authenticated,"
        " operations: ['@print'], decision: permit, quota: {pages: 9, jobs: 2, per: month}}\n"
    )
    assert policy.rules[0].obligations.quota == (
        Limit(Unit.PAGES, 9, Period.MONTH, False, "Asia/Tokyo"),
        Limit(Unit.JOBS, 2, Period.MONTH, False, "Asia/Tokyo"),
    )
