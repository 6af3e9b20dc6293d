"""Jobs that wait for their documents."""

from __future__ import annotations

from ippgate.exchange import open_jobs
from ippgate.exchange.open_jobs import OpenJob, OpenJobs

JOB = OpenJob({"copies": (2,)}, ())


def test_what_was_asked_for_is_remembered_until_it_is_forgotten() -> None:
    jobs = OpenJobs()
    jobs.remember("lab-1", 7, JOB)
    assert jobs.get("lab-1", 7) == JOB
    assert jobs.get("lab-2", 7) is None
    assert jobs.get("lab-1", None) is None
    jobs.forget("lab-1", 7)
    jobs.forget("lab-1", None)
    assert jobs.get("lab-1", 7) is None


def test_of_too_many_the_oldest_is_forgotten() -> None:
    jobs = OpenJobs()
    for job_id in range(open_jobs.MOST + 1):
        jobs.remember("lab-1", job_id, JOB)
    assert jobs.get("lab-1", 0) is None
    assert jobs.get("lab-1", 1) is not None
