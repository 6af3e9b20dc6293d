"""Which counters are of the present. (Showing and changing them: cli/test_quota.py.)"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ippgate.exchange.ports import Amounts
from ippgate.ledger import counting, quotas
from ippgate.policy.quota import Limit, Period, Unit
from tests.support.ledgers import sqlite_ledger

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
DAY = 86400.0


@pytest.mark.parametrize(
    ("period", "days", "there"),
    [
        (Period.DAY, 0, True),
        (Period.DAY, 1, False),
        (Period.WEEK, 4, True),
        (Period.WEEK, 6, False),
        (Period.MONTH, 27, True),
        (Period.MONTH, 40, False),
    ],
)
def test_a_period_that_is_over_is_not_shown(
    tmp_path: Path, period: Period, days: int, there: bool
) -> None:
    ledger = sqlite_ledger(tmp_path)
    limit = Limit(Unit.JOBS, 3, period, shared=True)
    ledger.run(
        lambda c: quotas.reserve(c, "r", "id-alice", "rule", [limit], Amounts(), NOON),
        writes=True,
    )
    now = NOON.timestamp() + days * DAY
    found = ledger.run(lambda c: counting.present(c, now), writes=False)
    assert [counter.user for counter in found] == (["everybody"] if there else [])
    ledger.close()
