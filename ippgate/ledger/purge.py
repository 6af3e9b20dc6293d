"""Forgetting: jobs older than the retention, a few at a time so that nobody waits for it."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update

from ippgate.ledger.quotas import give_back
from ippgate.ledger.schema import counters, documents, jobs, reservations

BATCH = 200
"""Rows in one transaction: some milliseconds."""
COUNTERS_KEPT = 70 * 86400.0
"""Counters of the month before stay readable."""
LOOSE_SECONDS = 6 * 3600.0
"""A reservation that no job claimed in this time is given back: the gateway crashed in between."""


def purge(connection: Connection, before: float) -> int:
    """Deletes up to BATCH jobs that were submitted before; how many."""
    rows = connection.execute(
        select(jobs.c.key).where(jobs.c.submitted < before).order_by(jobs.c.submitted).limit(BATCH)
    )
    keys = [row.key for row in rows]
    if keys:
        connection.execute(delete(documents).where(documents.c.job.in_(keys)))
        connection.execute(
            update(reservations).where(reservations.c.job.in_(keys)).values(job=None)
        )
        connection.execute(delete(jobs).where(jobs.c.key.in_(keys)))
    return len(keys)


def purge_counters(connection: Connection, now: float) -> None:
    """Counters of periods that are long over, and reservations that nothing came of."""
    loose = connection.execute(
        delete(reservations)
        .where(reservations.c.job.is_(None), reservations.c.at < now - LOOSE_SECONDS)
        .returning(*reservations.c)
    ).all()
    for row in loose:
        give_back(connection, row, used=0)
    connection.execute(delete(counters).where(counters.c.since < now - COUNTERS_KEPT))
