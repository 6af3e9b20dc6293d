"""Jobs that were made lately: what they were permitted as.

A document is permitted for the job that it is sent into, and a change for the job that comes of it,
so what a job asked for is remembered. What is not remembered any more (a restart, too many jobs)
cannot be judged.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from ippgate.policy.decision import Values
from ippgate.policy.facts import Asked

MOST = 10_000


@dataclass(frozen=True, slots=True)
class MadeJob:
    """``asked``: its attributes, defaults included; ``enforced``: what a rule wrote into it."""

    asked: Asked
    enforced: Values


class MadeJobs:
    """By printer and job-id; of too many, the oldest is forgotten."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[tuple[str, int], MadeJob] = OrderedDict()

    def remember(self, printer: str, job_id: int, job: MadeJob) -> None:
        self._jobs[printer, job_id] = job
        self._jobs.move_to_end((printer, job_id))
        if len(self._jobs) > MOST:
            self._jobs.popitem(last=False)

    def get(self, printer: str, job_id: int | None) -> MadeJob | None:
        return None if job_id is None else self._jobs.get((printer, job_id))
