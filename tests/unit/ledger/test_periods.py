"""When counting begins anew."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.ledger.periods import beginning, reset
from ippgate.policy.quota import Period


@pytest.mark.parametrize(
    ("period", "zone", "begins", "resets"),
    [
        (Period.DAY, "UTC", "2026-03-01T00:00+00:00", "2026-03-02T00:00+00:00"),
        (Period.WEEK, "UTC", "2026-02-23T00:00+00:00", "2026-03-02T00:00+00:00"),
        (Period.MONTH, "UTC", "2026-03-01T00:00+00:00", "2026-04-01T00:00+00:00"),
        (Period.DAY, "Europe/Berlin", "2026-03-02T00:00+01:00", "2026-03-03T00:00+01:00"),
        (Period.WEEK, "Europe/Berlin", "2026-03-02T00:00+01:00", "2026-03-09T00:00+01:00"),
        (Period.MONTH, "America/New_York", "2026-03-01T00:00-05:00", "2026-04-01T00:00-04:00"),
    ],
)
def test_midnight_is_where_the_quota_is(
    period: Period, zone: str, begins: str, resets: str
) -> None:
    sunday_night = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert beginning(period, sunday_night, zone) == datetime.fromisoformat(begins)
    assert reset(period, sunday_night, zone) == datetime.fromisoformat(resets)


@given(
    at=st.integers(1_577_836_800, 2_208_988_800).map(lambda s: datetime.fromtimestamp(s, UTC)),
    period=st.sampled_from(Period),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Apia", "America/Sao_Paulo"]),
)
def test_every_moment_is_in_one_period(at: datetime, period: Period, zone: str) -> None:
    begun, ends = beginning(period, at, zone), reset(period, at, zone)
    assert begun <= at < ends
    assert beginning(period, ends, zone) == ends
