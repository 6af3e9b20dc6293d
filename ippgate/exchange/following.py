"""What comes of jobs after the client was answered: the gateway asks printers, and records how each
job ended.

One look is one question for all jobs of a printer that have not ended. A job that is no longer
among them is asked about once more by itself, which says how it ended; one that the printer does
not know any more is forgotten. Submissions whose answer was never heard are looked for under the
name that the gateway wrote.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ippgate.audit.events import Event, Record
from ippgate.exchange.enquiries import NoSuchJob, describe_job, list_jobs
from ippgate.exchange.jobs import (
    IDENTIFYING,
    NOBODY,
    PROGRESS,
    RememberedJob,
    SeenJob,
    seen_job,
    seen_jobs,
)
from ippgate.exchange.ownership import matching, owners
from ippgate.exchange.ports import Edges, Printer
from ippgate.ipp.enums import GroupTag

WANTED = (*IDENTIFYING, "job-name", *PROGRESS)
ASKED_ALONE = 20
"""Jobs that are asked about by themselves in one look: the others come next time."""
OWNERS = 5
"""People whose submissions are looked for in one look."""
MEND_SECONDS = 3.0
"""Submissions without an answer for this long are looked for."""
LOST_SECONDS = 3600.0
"""A submission that is at the printer nowhere after this never reached it."""
WRITE_SECONDS = 20.0
"""A job of which nothing changed is written down as seen this often."""

_CANCELED, _ABORTED = 7, 8


class Outcome(enum.Enum):
    """How a job ended."""

    COMPLETED = "completed"
    CANCELED = "canceled"
    ABORTED = "aborted"
    FORGOTTEN = "forgotten"
    """The printer does not know it any more, and never said how it ended."""
    LOST = "lost"
    """The printer never made it, or nobody will know: its answer was not heard."""


class JobMemory(Protocol):
    """The ledger, as those who follow jobs see it. All raise LedgerUnavailable."""

    async def claim(self, printer: str, seconds: float) -> bool:
        """Whether this gateway is the one that asks the printer, for so long."""

    async def unfinished(self, printer: str) -> Sequence[RememberedJob]:
        """Jobs and submissions of a printer that have not ended, oldest first."""

    async def progressed(self, described: Sequence[tuple[int, SeenJob]]) -> None:
        """What the printer says of jobs that have not ended, by key."""

    async def ended(self, key: int, outcome: str, seen: SeenJob | None) -> bool:
        """A job ended; False when that was known."""


class JobMeter(Protocol):
    """Counts what was printed. Never raises."""

    def pages_printed(self, *, printer: str, pages: int) -> None:
        """``ippgate_pages_total``."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look found: how many jobs have not ended, and whether anything changed; ``ours``
    False: another gateway looks at this printer."""

    unfinished: int
    changed: bool
    ours: bool = True


async def look(
    printer: Printer, memory: JobMemory, meter: JobMeter, edges: Edges, claim_seconds: float
) -> Look:
    """Asks one printer about its jobs. Raises LedgerUnavailable, PrinterUnavailable or
    TrailUnwritable; what was not written down is found again next time."""
    if not await memory.claim(printer.name, claim_seconds):
        return Look(0, changed=False, ours=False)
    jobs = await memory.unfinished(printer.name)
    if not jobs:
        return Look(0, changed=False)
    mended = await _find_submissions(printer, jobs, edges)
    if mended:
        jobs = await memory.unfinished(printer.name)
    return await _Looking(printer, memory, meter, edges).at(jobs, changed=mended)


async def _find_submissions(printer: Printer, jobs: Sequence[RememberedJob], edges: Edges) -> bool:
    """Looks for jobs that came of submissions without an answer, those that ended among them.

    Each person's under their own name: some printers tell nobody else.
    """
    now = edges.clock.now().timestamp()
    waiting = dict.fromkeys(
        job.owner_name
        for job in jobs
        if job.job_id is None and job.owner_id != NOBODY and now - job.submitted >= MEND_SECONDS
    )
    found = False
    known = {job.job_id for job in jobs}
    for name in list(waiting)[:OWNERS]:
        for completed in (False, True):
            theirs = await list_jobs(
                printer, name, (*IDENTIFYING, "job-name"), completed=completed, own=True
            )
            seen = [job for job in seen_jobs(theirs, now) if job.job_id not in known]
            # Owners mends what it does not know.
            before = len(known)
            known |= (await owners(printer, seen, name, edges)).keys()
            found = found or len(known) > before
    return found


class _Looking:
    """One look at the jobs of one printer."""

    def __init__(self, printer: Printer, memory: JobMemory, meter: JobMeter, edges: Edges) -> None:
        self._printer = printer
        self._memory = memory
        self._meter = meter
        self._edges = edges
        self._now = edges.clock.now().timestamp()

    async def at(self, jobs: Sequence[RememberedJob], *, changed: bool) -> Look:
        """Compares what is remembered with what the printer says."""
        asker = jobs[0].owner_name
        listed = seen_jobs(await list_jobs(self._printer, asker, WANTED), self._now)
        by_id = {job.job_id: job for job in listed}
        known = {job.job_id: job for job in jobs if job.job_id is not None and job.current}
        still = await matching(self._printer, known, listed, asker, self._edges)
        going: list[tuple[int, SeenJob]] = []
        left = alone = 0
        for job in jobs:
            seen = by_id[job.job_id] if job.job_id in still and job.current else None
            if seen is None:
                if job.job_id is None:
                    if self._now - job.submitted < LOST_SECONDS:
                        left += 1
                    else:
                        await self._end(job, Outcome.LOST, None)
                    continue
                if alone >= ASKED_ALONE:
                    left += 1
                    continue
                alone += job.current
                seen = await self._ask(job)
            if seen is None:
                await self._end(job, Outcome.FORGOTTEN, None)
            elif seen.ended:
                await self._end(job, _outcome(seen), seen)
            else:
                left += 1
                news = (seen.state, seen.uuid) != (job.state, job.uuid)
                changed = changed or seen.state != job.state
                if news or self._now - job.confirmed >= WRITE_SECONDS:
                    going.append((job.key, seen))
        if going:
            await self._memory.progressed(going)
        return Look(left, changed or left < len(jobs))

    async def _ask(self, job: RememberedJob) -> SeenJob | None:
        """What the printer says of a job that is not on its list; None: it does not know it."""
        if job.job_id is None or not job.current:
            return None
        try:
            message = await describe_job(self._printer, job.job_id, job.owner_name, WANTED)
        except NoSuchJob:
            return None
        group = message.group(GroupTag.JOB)
        seen = None if group is None else seen_job(group, self._now, asked=job.job_id)
        if seen is None or seen.job_id != job.job_id:
            return None
        same = await matching(self._printer, {job.job_id: job}, [seen], job.owner_name, self._edges)
        return seen if same else None

    async def _end(self, job: RememberedJob, outcome: Outcome, seen: SeenJob | None) -> None:
        """In the trail first: rather twice there than never."""
        await self._edges.trail.record(self._record(job, outcome, seen), durable=True)
        if await self._memory.ended(job.key, outcome.value, seen):
            pages = None if seen is None else pages_of(seen)
            if pages:
                self._meter.pages_printed(printer=self._printer.name, pages=pages)

    def _record(self, job: RememberedJob, outcome: Outcome, seen: SeenJob | None) -> Record:
        names = {"id": job.job_id, "uuid": job.uuid or (seen and seen.uuid), "name": job.name}
        detail: dict[str, object] = {"outcome": outcome.value}
        if seen is not None:
            said = {
                "reasons": list(seen.reasons) or None,
                "impressions": seen.impressions,
                "sheets": seen.sheets,
                "pages": seen.pages,
                "color": seen.color,
                "sides": seen.sides,
            }
            detail |= {name: value for name, value in said.items() if value is not None}
        return Record(
            time=self._edges.clock.now(),
            event=Event.JOB_ENDED,
            id=job.request,
            user={"name": job.owner_name, "id": job.owner_id},
            printer=self._printer.name,
            job={name: value for name, value in names.items() if value is not None},
            detail=detail,
        )


def pages_of(seen: SeenJob) -> int | None:
    """Impressions, or what comes next to them, that the printer counted; None: it counts none."""
    counts = (seen.impressions, seen.pages, seen.sheets)
    return next((count for count in counts if count is not None and count >= 0), None)


def _outcome(seen: SeenJob) -> Outcome:
    if seen.state == _CANCELED:
        return Outcome.CANCELED
    return Outcome.ABORTED if seen.state == _ABORTED else Outcome.COMPLETED
