"""When counting begins anew: at midnight, on Monday, on the first; where the quota's clock is."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ippgate.policy.quota import Period


def beginning(period: Period, at: datetime, timezone: str) -> datetime:
    """The beginning of the period that ``at`` is in. Midnight exists where clocks change, too:
    what the calendar calls so."""
    zone = ZoneInfo(timezone)
    day = at.astimezone(zone).date()
    if period is Period.WEEK:
        day -= timedelta(days=day.weekday())
    elif period is Period.MONTH:
        day = day.replace(day=1)
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def reset(period: Period, at: datetime, timezone: str) -> datetime:
    """The beginning of the next period."""
    begun = beginning(period, at, timezone)
    days = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 31}[period]
    later = begun.date() + timedelta(days=days)
    if period is Period.MONTH:
        later = later.replace(day=1)
    return datetime(later.year, later.month, later.day, tzinfo=begun.tzinfo)
