"""Jobs that were made and wait for their documents: what they were permitted as.

A document is permitted for the job that it is sent into, so what that job asked for is remembered
until then. What is not remembered any more (a restart, too many open jobs) cannot be judged.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from ippgate.policy.decision import Values
from ippgate.policy.facts import Asked

MOST = 10_000


@dataclass(frozen=True, slots=True)
class OpenJob:
    """``asked``: its attributes, defaults included; ``enforced``: what a rule wrote into it."""

    asked: Asked
    enforced: Values


class OpenJobs:
    """By printer and job-id; of too many, the oldest is forgotten."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[tuple[str, int], OpenJob] = OrderedDict()

    def remember(self, printer: str, job_id: int, job: OpenJob) -> None:
        self._jobs[printer, job_id] = job
        self._jobs.move_to_end((printer, job_id))
        if len(self._jobs) > MOST:
            self._jobs.popitem(last=False)

    def get(self, printer: str, job_id: int | None) -> OpenJob | None:
        return None if job_id is None else self._jobs.get((printer, job_id))

    def forget(self, printer: str, job_id: int | None) -> None:
        if job_id is not None:
            self._jobs.pop((printer, job_id), None)
