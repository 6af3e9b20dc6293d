"""Jobs that were made lately."""

from __future__ import annotations

from ippgate.exchange import made_jobs
from ippgate.exchange.made_jobs import MadeJob, MadeJobs

JOB = MadeJob({"copies": (2,)}, ())


def test_what_was_asked_for_is_remembered() -> None:
    jobs = MadeJobs()
    jobs.remember("lab-1", 7, JOB)
    assert jobs.get("lab-1", 7) == JOB
    assert jobs.get("lab-2", 7) is None
    assert jobs.get("lab-1", None) is None


def test_of_too_many_the_oldest_is_forgotten() -> None:
    jobs = MadeJobs()
    for job_id in range(made_jobs.MOST + 1):
        jobs.remember("lab-1", job_id, JOB)
    assert jobs.get("lab-1", 0) is None
    assert jobs.get("lab-1", 1) is not None
