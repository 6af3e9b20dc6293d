"""Which job is it: rows of the ledger as jobs that the exchange knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from ippgate.exchange.jobs import RememberedJob
from ippgate.ledger.schema import jobs

IDS = 500
"""Ids in one statement: PostgreSQL and SQLite both plan that well."""

REMEMBERED = (
    jobs.c.key,
    jobs.c.printer,
    jobs.c.job_id,
    jobs.c.uuid,
    jobs.c.owner_id,
    jobs.c.owner_name,
    jobs.c.name,
    jobs.c.submitted,
    jobs.c.confirmed,
    jobs.c.request,
    jobs.c.state,
    jobs.c.ended,
    jobs.c.current,
)


def remembered(row: Row[*tuple[Any, ...]]) -> RememberedJob:
    """A row of REMEMBERED."""
    return RememberedJob(
        key=row.key,
        printer=row.printer,
        job_id=row.job_id,
        uuid=row.uuid,
        owner_id=row.owner_id,
        owner_name=row.owner_name,
        name=row.name,
        submitted=row.submitted,
        confirmed=row.confirmed,
        request=row.request,
        state=row.state,
        ended=row.ended is not None,
        current=row.current,
    )


def current(
    connection: Connection, printer: str, job_ids: Sequence[int]
) -> dict[int, RememberedJob]:
    """The jobs that have these ids now, by id."""
    found = {}
    for start in range(0, len(job_ids), IDS):
        some = job_ids[start : start + IDS]
        rows = connection.execute(
            select(*REMEMBERED).where(
                jobs.c.printer == printer, jobs.c.job_id.in_(some), jobs.c.current
            )
        )
        found.update({row.job_id: remembered(row) for row in rows})
    return found


def unfinished(connection: Connection, printer: str, most: int) -> list[RememberedJob]:
    """Jobs that may still be at the printer, oldest first: those whose id another job has now, and
    submissions without an answer, among them."""
    rows = connection.execute(
        select(*REMEMBERED)
        .where(jobs.c.printer == printer, jobs.c.ended.is_(None))
        .order_by(jobs.c.key)
        .limit(most)
    )
    return [remembered(row) for row in rows]


def busy_printers(connection: Connection) -> set[str]:
    """Printers with jobs that have not ended."""
    rows = connection.execute(select(jobs.c.printer).where(jobs.c.ended.is_(None)).distinct())
    return {row.printer for row in rows}
