"""From a submission to a job: what is written before the printer hears of it, and after it
answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from ippgate.document.digest import DocumentFacts
from ippgate.exchange.jobs import ANONYMOUS, NOBODY, RememberedJob, SeenJob, could_be
from ippgate.exchange.ports import Submission
from ippgate.ledger.lookups import REMEMBERED, remembered
from ippgate.ledger.quotas import attach_loose
from ippgate.ledger.schema import documents, jobs, reservations

GROUPS = 200
"""Names of groups kept of an owner: some directories put people into thousands."""
OPEN = 500
"""Submissions without an answer that are looked at together."""


def begin(connection: Connection, submission: Submission) -> int:
    """Writes the submission down; its key."""
    owner = submission.owner
    groups = sorted(owner.groups)[:GROUPS] if owner is not None else []
    key = connection.execute(
        insert(jobs)
        .values(
            printer=submission.printer,
            current=False,
            mended=False,
            owner_id=NOBODY if owner is None else owner.id,
            owner_name=ANONYMOUS if owner is None else owner.name,
            owner_groups=json.dumps(groups, ensure_ascii=False),
            claimed=submission.claimed,
            request=submission.request,
            rule=submission.rule,
            name=submission.name,
            submitted=submission.at,
            confirmed=submission.at,
            octets=0,
        )
        .returning(jobs.c.key)
    ).scalar_one()
    return int(key)


def accepted(
    connection: Connection,
    key: int,
    job_id: int,
    uuid: str | None,
    document: DocumentFacts | None,
    at: float,
) -> None:
    """The printer made this job of it. Whatever had that id before has it no more."""
    printer = connection.execute(select(jobs.c.printer).where(jobs.c.key == key)).scalar()
    if printer is None:
        return
    _make_room(connection, printer, job_id, key)
    connection.execute(
        update(jobs)
        .where(jobs.c.key == key)
        .values(
            job_id=job_id,
            uuid=uuid,
            current=True,
            mended=False,
            confirmed=at,
            ended=None,
            outcome=None,
        )
    )
    if document is not None:
        document_added(connection, key, document)


def abandoned(connection: Connection, key: int) -> None:
    """The printer made no job of it: there is nothing to remember."""
    connection.execute(update(reservations).where(reservations.c.job == key).values(job=None))
    connection.execute(delete(documents).where(documents.c.job == key))
    connection.execute(delete(jobs).where(jobs.c.key == key))


def document_added(connection: Connection, key: int, document: DocumentFacts) -> None:
    """A document that the printer took for this job."""
    number = select(func.coalesce(func.max(documents.c.number), 0) + 1).where(
        documents.c.job == key
    )
    connection.execute(
        insert(documents).values(
            job=key,
            number=number.scalar_subquery(),
            declared=document.declared,
            detected=document.detected,
            octets=document.octets,
            sha256=document.sha256,
        )
    )
    connection.execute(
        update(jobs).where(jobs.c.key == key).values(octets=jobs.c.octets + document.octets)
    )


def restarted(connection: Connection, key: int) -> None:
    """It is followed once more."""
    connection.execute(
        update(jobs).where(jobs.c.key == key).values(ended=None, outcome=None, state=None)
    )


def mend(
    connection: Connection, printer: str, seen: Iterable[SeenJob], at: float
) -> dict[int, RememberedJob]:
    """Jobs at a printer that the ledger does not know under their ids, and that came of submissions
    whose answer was never heard. By id; the oldest submission takes the oldest job."""
    rows = connection.execute(
        select(*REMEMBERED)
        .where(jobs.c.printer == printer, jobs.c.job_id.is_(None), jobs.c.ended.is_(None))
        .where(jobs.c.owner_id != NOBODY)
        .order_by(jobs.c.key)
        .limit(OPEN)
    )
    waiting: list[RememberedJob] = [remembered(row) for row in rows]
    mended = {}
    for job in sorted(seen, key=lambda job: job.job_id):
        submission = next((one for one in waiting if could_be(one, job)), None)
        if submission is not None:
            waiting.remove(submission)
            _mend(connection, submission, job, at)
            mended[job.job_id] = submission.key
    return _by_id(connection, list(mended.values()))


def _mend(connection: Connection, submission: RememberedJob, job: SeenJob, at: float) -> None:
    _make_room(connection, submission.printer, job.job_id, submission.key)
    connection.execute(
        update(jobs)
        .where(jobs.c.key == submission.key)
        .values(job_id=job.job_id, uuid=plain(job.uuid), current=True, mended=True, confirmed=at)
    )
    attach_loose(connection, submission.key)


def _make_room(connection: Connection, printer: str, job_id: int, key: int) -> None:
    """Takes an id from the job that has it. One that was only found under it is open again."""
    others = (jobs.c.printer == printer, jobs.c.job_id == job_id, jobs.c.key != key)
    connection.execute(
        update(jobs)
        .where(*others, jobs.c.current, jobs.c.mended)
        .values(job_id=None, uuid=None, current=False, mended=False)
    )
    connection.execute(update(jobs).where(*others, jobs.c.current).values(current=False))


def _by_id(connection: Connection, keys: Sequence[int]) -> dict[int, RememberedJob]:
    if not keys:
        return {}
    rows = connection.execute(select(*REMEMBERED).where(jobs.c.key.in_(keys)))
    found = (remembered(row) for row in rows)
    return {job.job_id: job for job in found if job.job_id is not None}


def plain(text: str | None) -> str | None:
    """Text of a printer as both databases take it: PostgreSQL has no NUL."""
    return None if text is None else text.replace("\0", "")
