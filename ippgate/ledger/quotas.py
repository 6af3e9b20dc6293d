"""Counting against limits: reserved when a job is submitted, settled when it has ended.

A reservation is one conditional update a limit, so that however many are made at once, in whatever
gateway, none goes over: the database lets one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select, text, update

from ippgate.exchange.ports import Amounts, OverQuota
from ippgate.ledger.periods import beginning, reset
from ippgate.ledger.schema import counters, jobs, reservations
from ippgate.policy.quota import Limit, Unit

SHARED = ""
"""The owner of a counter that everybody whom the rule matches draws from."""
UNKNOWN_PAGES = 1
_COMPLETED = 9
LOOSE_SECONDS = 60.0
"""A reservation is made about when its submission is."""

NEW_COUNTER = text(
    "INSERT INTO counters (owner_id, rule, unit, period, since, most, used, reserved, granted) "
    "VALUES (:owner_id, :rule, :unit, :period, :since, :most, 0, 0, 0) ON CONFLICT DO NOTHING"
)


def reserve(
    connection: Connection,
    reservation: str,
    person: str,
    rule: str,
    limits: Sequence[Limit],
    amounts: Amounts,
    at: datetime,
) -> None:
    """Takes the amounts off all limits. Raises OverQuota, and nothing of the transaction is kept.

    In one order, whatever the order of the limits: two that wait for each other would wait long.
    """
    for limit in sorted(limits, key=lambda limit: (limit.unit.value, limit.period.value)):
        counter = {
            "owner_id": SHARED if limit.shared else person,
            "rule": rule,
            "unit": limit.unit.value,
            "period": limit.period.value,
        }
        since = beginning(limit.period, at, limit.timezone).timestamp()
        amount = _amount(limit.unit, amounts)
        connection.execute(NEW_COUNTER, {**counter, "since": since, "most": limit.most})
        this = same_counter({**counter, "since": since})
        taken = connection.execute(
            update(counters)
            .where(this)
            .where(
                counters.c.used + counters.c.reserved + amount <= limit.most + counters.c.granted
            )
            .values(reserved=counters.c.reserved + amount, most=limit.most)
        )
        if not taken.rowcount:
            used = connection.execute(
                select(counters.c.used + counters.c.reserved).where(this)
            ).scalar_one()
            raise OverQuota(limit, int(used), reset(limit.period, at, limit.timezone))
        connection.execute(
            insert(reservations).values(
                id=reservation,
                **counter,
                since=since,
                amount=amount,
                person=person,
                at=at.timestamp(),
            )
        )


def attach(connection: Connection, reservation: str, printer: str, job_id: int) -> None:
    """The reservation became this job; if that has ended meanwhile, it is settled at once."""
    row = connection.execute(
        select(jobs.c.key, jobs.c.ended).where(
            jobs.c.printer == printer, jobs.c.job_id == job_id, jobs.c.current
        )
    ).first()
    if row is None:
        return
    connection.execute(
        update(reservations).where(reservations.c.id == reservation).values(job=row.key)
    )
    if row.ended is not None:
        settle(connection, row.key, printed=True)


def attach_loose(connection: Connection, key: int) -> None:
    """The reservation that was made for a job whose answer was never heard."""
    job = connection.execute(
        select(jobs.c.owner_id, jobs.c.rule, jobs.c.submitted).where(jobs.c.key == key)
    ).one()
    connection.execute(
        update(reservations)
        .where(
            reservations.c.job.is_(None),
            reservations.c.person == job.owner_id,
            reservations.c.rule == (job.rule or ""),
            reservations.c.at.between(job.submitted - LOOSE_SECONDS, job.submitted + LOOSE_SECONDS),
        )
        .values(job=key)
    )


def release(connection: Connection, reservation: str) -> None:
    """Gives back what was reserved."""
    rows = connection.execute(
        delete(reservations).where(reservations.c.id == reservation).returning(*reservations.c)
    ).all()
    for row in rows:
        give_back(connection, row, used=0)


def settle(connection: Connection, key: int, *, printed: bool) -> None:
    """Counts what a job took in place of what was reserved for it; of what nobody knows, that.

    Documents that came one by one have a reservation each; the job is counted once.
    """
    rows = connection.execute(
        delete(reservations).where(reservations.c.job == key).returning(*reservations.c)
    ).all()
    if not rows:
        return
    job = connection.execute(
        select(jobs.c.impressions, jobs.c.pages, jobs.c.sheets, jobs.c.octets, jobs.c.state).where(
            jobs.c.key == key
        )
    ).one()
    counts = (job.impressions, job.pages, job.sheets)
    # Printers that do not count say 0: only of a job that was not completed is that believed.
    believed = [n for n in counts if n is not None and (n > 0 or job.state != _COMPLETED)]
    known = {
        Unit.PAGES.value: believed[0] if believed else None,
        Unit.OCTETS.value: job.octets,
    }
    counted: set[tuple[str, str, str, str]] = set()
    for row in sorted(rows, key=lambda row: float(row.since)):
        counter = (row.owner_id, row.rule, row.unit, row.period)
        actual = known.get(row.unit)
        if not printed or (actual is not None and counter in counted):
            used = 0
        else:
            used = row.amount if actual is None else actual
        counted.add(counter)
        give_back(connection, row, used=used)


def give_back(connection: Connection, row: Row[*tuple[Any, ...]], *, used: int) -> None:
    """Takes a reservation off what is reserved, and puts ``used`` on what is used."""
    connection.execute(
        update(counters)
        .where(same_counter(row._mapping))
        .values(
            reserved=counters.c.reserved - row.amount,
            used=counters.c.used + used,
        )
    )


def same_counter(of: object) -> ColumnElement[bool]:
    """The counter of a reservation, or of the values that identify one."""
    names = ("owner_id", "rule", "unit", "period", "since")
    return and_(*(counters.c[name] == of[name] for name in names))  # type: ignore[index]


def _amount(unit: Unit, amounts: Amounts) -> int:
    """Never less than nothing: what a client declares must not give anything back."""
    return max(0, _taken(unit, amounts))


def _taken(unit: Unit, amounts: Amounts) -> int:
    if unit is Unit.JOBS:
        return amounts.jobs
    if unit is Unit.PAGES:
        return UNKNOWN_PAGES if amounts.pages is None else amounts.pages
    return amounts.octets or 0
