"""A ledger in memory: the jobs of late.

It knows what happened since the gateway started, up to a bound. What it does not know, the printer
is asked (ippgate.exchange.ownership).
"""

from __future__ import annotations

from collections import OrderedDict

from ippgate.policy.facts import Principal

JOBS = 10_000
"""Jobs remembered: days of work for most gateways; the oldest are forgotten first."""


class RecentJobs:
    """Implements the port Ledger."""

    def __init__(self, jobs: int = JOBS) -> None:
        self._most = jobs
        self._owners: OrderedDict[tuple[str, int], str] = OrderedDict()

    async def remember(self, printer: str, job_id: int, owner: Principal) -> None:
        """A printer made a job. A job of the same id that was there before is over."""
        self._owners[printer, job_id] = owner.id
        self._owners.move_to_end((printer, job_id))
        while len(self._owners) > self._most:
            self._owners.popitem(last=False)

    async def owner(self, printer: str, job_id: int) -> str | None:
        """The owner's stable id; None when the job is not known here."""
        return self._owners.get((printer, job_id))
