"""The ledger: the port that the exchange asks, over a database.

What was acknowledged is never unknown here: when the database fails between a printer's answer and
its row, the answer is kept in memory, looked at first, and written as soon as that is possible. A
gateway that is killed in between finds the job at the printer, under the name that it wrote there.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from twisted.logger import Logger

from ippgate.document.digest import DocumentFacts
from ippgate.exchange.jobs import ANONYMOUS, NOBODY, RememberedJob, SeenJob
from ippgate.exchange.ports import Amounts, Clock, LedgerUnavailable, Submission
from ippgate.ledger import lookups, progress, purge, quotas, submissions
from ippgate.ledger.database import Database, LedgerMeter
from ippgate.ledger.location import Location
from ippgate.policy.quota import Limit
from ippgate.reactor import Reactor
from ippgate.spawn import Tasks

OWED = 5000
"""Answers that wait to be written: days of work for most gateways would fit. The oldest go first;
their jobs are found at the printer again."""
UNFINISHED = 500
"""Jobs of one printer that are followed together."""

_log = Logger()


@dataclass(frozen=True, slots=True)
class _Owed:
    """What could not be written, and the job that it makes known."""

    what: str
    work: Callable[[Connection], None]
    job: RememberedJob | None = None


class SqlLedger:
    """Implements the ports Ledger, Quotas and JobMemory. ``changed`` hears of printers with new
    work."""

    def __init__(
        self, location: Location, reactor: Reactor, clock: Clock, meter: LedgerMeter
    ) -> None:
        self._clock = clock
        self._tasks = Tasks()
        self._database = Database(location, reactor, meter, back=self._pay)
        self._begun: dict[int, Submission] = {}
        self._owed: list[_Owed] = []
        self._paying = False
        self._holder = secrets.token_hex(8)
        self.changed: Callable[[str], None] = lambda _printer: None

    @property
    def trouble(self) -> str | None:
        """Why no jobs are taken; None when they are."""
        return self._database.trouble

    async def start(self) -> None:
        """Opens the database, or goes on trying: never raises."""
        await self._database.start()

    async def stop(self) -> None:
        """Writes what is owed, if that is possible, and closes."""
        await self._tasks.wait()
        self._database.stop()

    # --- Ledger -----------------------------------------------------------------------------------

    async def begin(self, submission: Submission) -> int:
        """See ports.Ledger."""
        key = await self._database.write(
            lambda connection: submissions.begin(connection, submission)
        )
        self._begun[key] = submission
        return key

    async def accepted(
        self, key: int, job_id: int, uuid: str | None, document: DocumentFacts | None
    ) -> None:
        """See ports.Ledger."""
        now = self._now()
        begun = self._begun.pop(key, None)
        job = None
        if begun is not None:
            job = _as_job(key, begun, job_id, uuid, now)
        await self._write_or_owe(
            "a new job",
            lambda connection: submissions.accepted(
                connection, key, job_id, submissions.plain(uuid), document, now
            ),
            job,
        )
        if begun is not None:
            self.changed(begun.printer)

    async def abandoned(self, key: int) -> None:
        """See ports.Ledger."""
        self._begun.pop(key, None)
        await self._write_or_owe(
            "a job that was not made", lambda connection: submissions.abandoned(connection, key)
        )

    def unanswered(self, key: int) -> None:
        """See ports.Ledger."""
        begun = self._begun.pop(key, None)
        if begun is not None:
            self.changed(begun.printer)

    async def document_added(self, key: int, document: DocumentFacts) -> None:
        """See ports.Ledger."""
        await self._write_or_owe(
            "a document",
            lambda connection: submissions.document_added(connection, key, document),
        )

    async def restarted(self, job: RememberedJob) -> None:
        """See ports.Ledger."""
        await self._write_or_owe(
            "a job that is printed again",
            lambda connection: submissions.restarted(connection, job.key),
        )
        self.changed(job.printer)

    async def job(self, printer: str, job_id: int) -> RememberedJob | None:
        """See ports.Ledger."""
        return (await self.jobs(printer, [job_id])).get(job_id)

    async def jobs(self, printer: str, job_ids: Sequence[int]) -> Mapping[int, RememberedJob]:
        """See ports.Ledger."""
        wanted = list(dict.fromkeys(job_ids))
        if not wanted:
            return {}
        found = await self._database.read(
            lambda connection: lookups.current(connection, printer, wanted)
        )
        for owed in self._owed:
            job = owed.job
            if job is not None and job.printer == printer and job.job_id in wanted:
                found[job.job_id] = job
        return found

    async def mend(self, printer: str, seen: Sequence[SeenJob]) -> Mapping[int, RememberedJob]:
        """See ports.Ledger. Looks first whether there is anything to mend: mostly there is not."""
        if not seen:
            return {}
        now = self._now()
        waiting = await self._database.read(
            lambda connection: lookups.unfinished(connection, printer, UNFINISHED)
        )
        if all(job.job_id is not None for job in waiting):
            return {}
        return await self._database.write(
            lambda connection: submissions.mend(connection, printer, seen, now)
        )

    # --- JobMemory --------------------------------------------------------------------------------

    async def claim(self, printer: str, seconds: float) -> bool:
        """See following.JobMemory."""
        now = self._now()
        return await self._database.write(
            lambda connection: progress.claim(connection, printer, self._holder, now, seconds)
        )

    async def busy_printers(self) -> set[str]:
        """See following.JobMemory."""
        return await self._database.read(lookups.busy_printers)

    async def unfinished(self, printer: str) -> Sequence[RememberedJob]:
        """See following.JobMemory. Without those whose answer this gateway still waits for."""
        found = await self._database.read(
            lambda connection: lookups.unfinished(connection, printer, UNFINISHED)
        )
        return [job for job in found if job.key not in self._begun]

    async def progressed(self, described: Sequence[tuple[int, SeenJob]]) -> None:
        """See following.JobMemory."""
        now = self._now()
        await self._database.write(
            lambda connection: progress.progressed(connection, described, now)
        )

    async def ended(self, key: int, outcome: str, seen: SeenJob | None) -> bool:
        """See following.JobMemory."""
        now = self._now()
        return await self._database.write(
            lambda connection: progress.ended(connection, key, outcome, seen, now)
        )

    # --- Quotas -----------------------------------------------------------------------------------

    async def reserve(
        self, principal_id: str, rule: str, limits: Sequence[Limit], amounts: Amounts
    ) -> str:
        """See ports.Quotas."""
        reservation = secrets.token_hex(12)
        at = self._clock.now()
        await self._database.write(
            lambda connection: quotas.reserve(
                connection, reservation, principal_id, rule, limits, amounts, at
            )
        )
        return reservation

    async def attach(self, reservation: str, printer: str, job_id: int) -> None:
        """See ports.Quotas. Never raises: what cannot be written now is owed."""
        await self._write_or_owe(
            "a reservation",
            lambda connection: quotas.attach(connection, reservation, printer, job_id),
        )

    async def release(self, reservation: str) -> None:
        """See ports.Quotas."""
        await self._write_or_owe(
            "a reservation that is given back",
            lambda connection: quotas.release(connection, reservation),
        )

    # --- retention --------------------------------------------------------------------------------

    async def purge(self, keep: float) -> int:
        """Deletes up to a batch of the jobs that are older than ``keep`` seconds; how many."""
        before = self._now() - keep
        return await self._database.write(lambda connection: purge.purge(connection, before))

    async def purge_counters(self) -> None:
        """Deletes counters of the past, and reservations that nothing came of."""
        now = self._now()
        await self._database.write(lambda connection: purge.purge_counters(connection, now))

    # --- what could not be written ----------------------------------------------------------------

    async def _write_or_owe(
        self, what: str, work: Callable[[Connection], None], job: RememberedJob | None = None
    ) -> None:
        """In order: nothing is written before what was owed earlier."""
        owed = _Owed(what, work, job)
        if self._owed and job is None:
            self._owe(owed)
            return
        try:
            await self._database.write(work)
        except LedgerUnavailable as error:
            _log.error("{what} could not be written: {error}", what=what, error=str(error))
            self._owe(owed)

    def _owe(self, owed: _Owed) -> None:
        self._owed.append(owed)
        if len(self._owed) > OWED:
            _log.error("Too much is owed to the ledger: {what} is forgotten", what=owed.what)
            self._owed.pop(0)

    def _pay(self) -> None:
        if self._owed and not self._paying:
            self._tasks.spawn(self._pay_all(), "writing what was owed to the ledger")

    async def _pay_all(self) -> None:
        self._paying = True
        try:
            while self._owed:
                owed = self._owed[0]
                await self._database.write(owed.work)
                if self._owed and self._owed[0] is owed:
                    self._owed.pop(0)
        except LedgerUnavailable:
            return
        finally:
            self._paying = False

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _as_job(
    key: int, begun: Submission, job_id: int, uuid: str | None, now: float
) -> RememberedJob:
    owner = begun.owner
    return RememberedJob(
        key=key,
        printer=begun.printer,
        job_id=job_id,
        uuid=uuid,
        owner_id=NOBODY if owner is None else owner.id,
        owner_name=ANONYMOUS if owner is None else owner.name,
        name=begun.name,
        submitted=begun.at,
        confirmed=now,
        request=begun.request,
    )
