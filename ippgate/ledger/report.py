"""Reading the ledger: lists of jobs, and pages by person, group, printer and month."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, false, or_, select

from ippgate.ledger.schema import documents, jobs

STATES = {3: "pending", 4: "held", 5: "processing", 6: "stopped"}
ENDINGS = ("completed", "canceled", "aborted", "forgotten", "lost")
WORDS = (*STATES.values(), "submitted", *ENDINGS)
"""What a job may be called: by its state, or by how it ended."""
COLUMNS = ("person", "group", "printer", "month")
"""What pages are counted by."""
NO_GROUP = "-"
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which jobs; None: all. ``user``: a name or a stable id. ``state``: of WORDS, or
    ``unfinished``. Times in seconds since the epoch: submitted not before, and before."""

    user: str | None = None
    printer: str | None = None
    state: str | None = None
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job for people. ``pages``: impressions, or what the printer counts in their place."""

    submitted: datetime
    ended: datetime | None
    user: str
    user_id: str
    claimed: str | None
    groups: tuple[str, ...]
    printer: str
    job_id: int | None
    uuid: str | None
    name: str | None
    state: str
    reasons: str | None
    pages: int | None
    sheets: int | None
    color: str | None
    sides: str | None
    octets: int
    rule: str | None
    request: str
    documents: tuple[str, ...] = ()
    """SHA-256 of each."""


@dataclass(slots=True)
class Pages:
    """What was printed for one row of a report."""

    by: tuple[str, ...]
    jobs: int = 0
    pages: int = 0
    sheets: int = 0
    octets: int = 0


def newest(connection: Connection, wanted: Wanted, most: int) -> list[Job]:
    """The newest jobs first."""
    rows = connection.execute(
        _filtered(wanted).order_by(jobs.c.submitted.desc(), jobs.c.key.desc()).limit(most)
    ).all()
    digests: dict[int, list[str]] = {}
    keys = [row.key for row in rows]
    for start in range(0, len(keys), _AT_ONCE):
        found = connection.execute(
            select(documents.c.job, documents.c.sha256)
            .where(documents.c.job.in_(keys[start : start + _AT_ONCE]))
            .order_by(documents.c.job, documents.c.number)
        )
        for row in found:
            digests.setdefault(row.job, []).append(row.sha256)
    return [_job(row, tuple(digests.get(row.key, ()))) for row in rows]


def pages(connection: Connection, wanted: Wanted, by: Sequence[str]) -> list[Pages]:
    """Pages of jobs by some of COLUMNS, in order. A job of somebody in three groups counts in each
    of them, where it is counted by group.

    Months are those of UTC in which jobs were submitted.
    """
    counted: dict[tuple[str, ...], Pages] = {}
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(_filtered(wanted))
    for row in rows:
        job = _job(row)
        for key in _keys(job, by):
            line = counted.setdefault(key, Pages(key))
            line.jobs += 1
            line.pages += job.pages or 0
            line.sheets += job.sheets or 0
            line.octets += job.octets
    return [counted[key] for key in sorted(counted)]


def _keys(job: Job, by: Sequence[str]) -> Iterator[tuple[str, ...]]:
    groups = (job.groups or (NO_GROUP,)) if "group" in by else ("",)
    for group in groups:
        cells = {
            "person": job.user,
            "group": group,
            "printer": job.printer,
            "month": f"{job.submitted:%Y-%m}",
        }
        yield tuple(cells[column] for column in by)


def _filtered(wanted: Wanted) -> Select[Any]:
    found = select(jobs)
    if wanted.user is not None:
        found = found.where(or_(jobs.c.owner_id == wanted.user, jobs.c.owner_name == wanted.user))
    if wanted.printer is not None:
        found = found.where(jobs.c.printer == wanted.printer)
    if wanted.since is not None:
        found = found.where(jobs.c.submitted >= wanted.since)
    if wanted.until is not None:
        found = found.where(jobs.c.submitted < wanted.until)
    return _in_state(found, wanted.state)


def _in_state(found: Select[Any], state: str | None) -> Select[Any]:
    if state is None:
        return found
    if state in ENDINGS:
        return found.where(jobs.c.outcome == state)
    found = found.where(jobs.c.ended.is_(None))
    if state == "submitted":
        return found.where(jobs.c.job_id.is_(None))
    number = next((number for number, word in STATES.items() if word == state), None)
    if number is None:
        return found
    # A printer that did not say yet has it pending.
    unsaid = and_(jobs.c.state.is_(None), jobs.c.job_id.is_not(None))
    return found.where(or_(jobs.c.state == number, unsaid if state == "pending" else false()))


def _job(row: Row[*tuple[Any, ...]], digests: tuple[str, ...] = ()) -> Job:
    counts = (row.impressions, row.pages, row.sheets)
    return Job(
        submitted=datetime.fromtimestamp(row.submitted, UTC),
        ended=None if row.ended is None else datetime.fromtimestamp(row.ended, UTC),
        user=row.owner_name,
        user_id=row.owner_id,
        claimed=row.claimed,
        groups=tuple(json.loads(row.owner_groups)),
        printer=row.printer,
        job_id=row.job_id,
        uuid=row.uuid,
        name=row.name,
        state=_state(row),
        reasons=row.reasons,
        pages=next((count for count in counts if count is not None), None),
        sheets=row.sheets,
        color=row.color,
        sides=row.sides,
        octets=row.octets,
        rule=row.rule,
        request=row.request,
        documents=digests,
    )


def _state(row: Row[*tuple[Any, ...]]) -> str:
    if row.outcome is not None:
        return str(row.outcome)
    if row.job_id is None:
        return "submitted"
    return STATES.get(row.state, "pending")
