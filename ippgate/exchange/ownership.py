"""Whose job is it: the ledger says, and the printer must still mean the same job by that id.

A job that did not come through the gateway is foreign: nobody owns it, whatever name it has. The
one exception are jobs whose answer was never heard, since the gateway was killed meanwhile: those
are known by the name that the gateway itself wrote (``Ledger.mend``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ippgate.exchange.enquiries import NoSuchJob, booted, describe_job
from ippgate.exchange.jobs import IDENTIFYING, RememberedJob, SeenJob, same, seen_job
from ippgate.exchange.operations import CONTINUES_JOB
from ippgate.exchange.ports import Edges, Printer
from ippgate.exchange.request import Request
from ippgate.ipp.enums import GroupTag
from ippgate.policy.facts import Principal
from ippgate.policy.privacy import Privacy

FRESH_SECONDS = 60.0
"""Send-Document follows its Create-Job: within this time the printer is not asked once more whether
the job is still the same."""
WANTED = (*IDENTIFYING, "job-name")


async def owners(
    printer: Printer, seen: Sequence[SeenJob], user_name: str, edges: Edges
) -> Mapping[int, RememberedJob]:
    """Jobs that a printer just described, as the ledger remembers them, by id; foreign ones are not
    in it. Raises LedgerUnavailable or PrinterUnavailable."""
    known = await edges.ledger.jobs(printer.name, [job.job_id for job in seen])
    found = await matching(printer, known, seen, user_name, edges)
    unknown = [job for job in seen if job.job_id not in found]
    return {**found, **await edges.ledger.mend(printer.name, unknown)}


async def matching(
    printer: Printer,
    known: Mapping[int, RememberedJob],
    seen: Sequence[SeenJob],
    user_name: str,
    edges: Edges,
) -> dict[int, RememberedJob]:
    """The known jobs that the printer still means by their ids. Raises PrinterUnavailable."""
    started: float | None = None
    if any(_needs_start(known[job.job_id], job) for job in seen if job.job_id in known):
        started = await booted(printer, user_name, edges.clock.now().timestamp())
    return {
        job.job_id: known[job.job_id]
        for job in seen
        if job.job_id in known and same(known[job.job_id], job, started)
    }


class TargetJob:
    """The job that a request names. It is looked up once, when that is needed."""

    def __init__(
        self,
        request: Request,
        printer: Printer | None,
        principal: Principal | None,
        privacy: Privacy,
        edges: Edges,
    ) -> None:
        self._request = request
        self._printer = printer
        self._principal = principal
        self._privacy = privacy
        self._edges = edges
        self._found: RememberedJob | None = None
        self._looked = False

    async def look_up(self) -> RememberedJob | None:
        """The job; None: foreign, and this person may know of it all the same.

        Raises NoSuchJob when there is none that they may know of, LedgerUnavailable or
        PrinterUnavailable.
        """
        if not self._looked:
            self._found = await self._find()
            self._looked = True
        job = self._found
        hidden = job is None or self._privacy.job_attributes is None
        if hidden and not self._privacy.visible(self._principal, self._is_own(job)):
            raise NoSuchJob
        return job

    async def owned(self) -> bool:
        """Whether it is the person's own. Raises as ``look_up``."""
        return self._is_own(await self.look_up())

    def _is_own(self, job: RememberedJob | None) -> bool:
        return is_own(job, self._principal)

    async def _find(self) -> RememberedJob | None:
        job_id, printer = self._request.target.job_id, self._printer
        assert job_id is not None, "only asked about a job"
        assert printer is not None, "an unknown printer is refused"
        now = self._edges.clock.now().timestamp()
        job = await self._edges.ledger.job(printer.name, job_id)
        if job is not None and self._request.operation in CONTINUES_JOB:
            if now - job.confirmed < FRESH_SECONDS:
                return job
        # A printer that hides jobs from others shows a person's own to their name.
        asker = self._principal.name if self._principal is not None else "anonymous"
        if job is not None:
            asker = job.owner_name
        group = (await describe_job(printer, job_id, asker, WANTED)).group(GroupTag.JOB)
        seen = None if group is None else seen_job(group, now, asked=job_id)
        if seen is None or seen.job_id != job_id:
            seen = SeenJob(job_id)
        return (await owners(printer, [seen], asker, self._edges)).get(job_id)


def is_own(job: RememberedJob | None, principal: Principal | None) -> bool:
    """Whether a job is this person's. Nobody's jobs are nobody's own."""
    return job is not None and principal is not None and job.owner_id == principal.id


def _needs_start(job: RememberedJob, seen: SeenJob) -> bool:
    """Whether only the printer's start can tell that an id was not given out again."""
    both = job.uuid is not None and seen.uuid is not None
    return not both and seen.created is None and seen.created_before is None
