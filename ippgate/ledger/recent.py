"""A ledger in memory: the jobs of late, and the names that people's clients used.

It knows what happened since the gateway started, up to a bound. What it does not know, the printer
is asked (ippgate.exchange.ownership).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import TypeVar

from ippgate.policy.facts import Principal

JOBS = 10_000
"""Jobs remembered: days of work for most gateways; the oldest are forgotten first."""
NAMES = 10_000

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class RecentJobs:
    """Implements the port Ledger."""

    def __init__(self, jobs: int = JOBS, names: int = NAMES) -> None:
        self._most_jobs = jobs
        self._most_names = names
        self._owners: OrderedDict[tuple[str, int], str] = OrderedDict()
        self._names: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def remember(
        self, printer: str, job_id: int, owner: Principal, claimed: str | None
    ) -> None:
        """A printer made a job. A job of the same id that was there before is over."""
        _put(self._owners, (printer, job_id), owner.id, self._most_jobs)
        if claimed is not None:
            _put(self._names, (owner.id, claimed.casefold()), None, self._most_names)

    async def owner(self, printer: str, job_id: int) -> str | None:
        """The owner's stable id; None when the job is not known here."""
        return self._owners.get((printer, job_id))

    async def goes_by(self, owner: Principal, claimed: str) -> bool:
        """Whether this person has submitted under that name."""
        return (owner.id, claimed.casefold()) in self._names


def _put(memory: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > most:
        memory.popitem(last=False)
