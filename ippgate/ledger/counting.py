"""Counters of quotas, as administrators look at them and change them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, select, update

from ippgate.ledger.periods import beginning
from ippgate.ledger.quotas import NEW_COUNTER, SHARED, same_counter
from ippgate.ledger.schema import counters, jobs
from ippgate.policy.quota import Period

_LENGTHS = {"day": 1, "week": 7, "month": 31}


@dataclass(frozen=True, slots=True)
class Counter:
    """What is used of a limit in its present period. ``user``: the name, where a job tells it;
    ``everybody`` where all draw from one counter."""

    user: str
    user_id: str
    rule: str
    unit: str
    period: str
    since: datetime
    most: int
    used: int
    reserved: int
    granted: int

    @property
    def left(self) -> int:
        return max(0, self.most + self.granted - self.used - self.reserved)


def user_id(connection: Connection, user: str) -> str:
    """The stable id that belongs to a name, as jobs tell it; what was given, when none does."""
    found = connection.execute(
        select(jobs.c.owner_id)
        .where(jobs.c.owner_name == user)
        .order_by(jobs.c.key.desc())
        .limit(1)
    ).scalar()
    return user if found is None else str(found)


def present(connection: Connection, now: float, user: str | None = None) -> list[Counter]:
    """The counters of periods that are not over, of all people or of one; by person and rule."""
    found = select(counters).order_by(*counters.c[:4], counters.c.since)
    if user is not None:
        found = found.where(counters.c.owner_id == user_id(connection, user))
    rows = [row for row in connection.execute(found) if _present(row.period, row.since, now)]
    names = _names(connection, {row.owner_id for row in rows})
    return [
        Counter(
            user=names.get(row.owner_id, row.owner_id),
            user_id=row.owner_id,
            rule=row.rule,
            unit=row.unit,
            period=row.period,
            since=datetime.fromtimestamp(row.since, UTC),
            most=row.most,
            used=row.used,
            reserved=row.reserved,
            granted=row.granted,
        )
        for row in rows
    ]


def reset(connection: Connection, counter: Counter) -> None:
    """Nothing is used; what was reserved stays so until its jobs have ended."""
    connection.execute(update(counters).where(_this(counter)).values(used=0, granted=0))


def grant(connection: Connection, counter: Counter, amount: int) -> None:
    """More, or less, in this period alone."""
    connection.execute(
        update(counters).where(_this(counter)).values(granted=counters.c.granted + amount)
    )


def begun(
    connection: Connection, user: str, rule: str, unit: str, period: Period, now: float, zone: str
) -> Counter:
    """A counter of which nothing was used yet; its limit becomes known with the first job."""
    since = beginning(period, datetime.fromtimestamp(now, UTC), zone).timestamp()
    owner = user_id(connection, user)
    values = {"owner_id": owner, "rule": rule, "unit": unit, "period": period.value}
    connection.execute(NEW_COUNTER, {**values, "since": since, "most": 0})
    at = datetime.fromtimestamp(since, UTC)
    return Counter(user, owner, rule, unit, period.value, at, 0, 0, 0, 0)


def _this(counter: Counter) -> ColumnElement[bool]:
    return same_counter(
        {
            "owner_id": counter.user_id,
            "rule": counter.rule,
            "unit": counter.unit,
            "period": counter.period,
            "since": counter.since.timestamp(),
        }
    )


def _present(period: str, since: float, now: float) -> bool:
    """Whether the period is not over: a period is at most so long, in whatever time zone."""
    return now - since < (_LENGTHS.get(period, 31) * 86400 + 3600)


def _names(connection: Connection, ids: set[str]) -> dict[str, str]:
    names = {SHARED: "everybody"}
    for owner in ids - {SHARED}:
        name = connection.execute(
            select(jobs.c.owner_name)
            .where(jobs.c.owner_id == owner)
            .order_by(jobs.c.submitted.desc())
            .limit(1)
        ).scalar()
        if name is not None:
            names[owner] = str(name)
    return names
