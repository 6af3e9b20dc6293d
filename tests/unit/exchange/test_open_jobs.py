"""Jobs that wait for their documents: remembered, forgotten, bounded."""

from __future__ import annotations

from ippgate.exchange.open_jobs import MOST, OpenJob, OpenJobs


def test_by_printer_and_id_until_forgotten() -> None:
    jobs, one, other = OpenJobs(), OpenJob({}, ()), OpenJob({"copies": (2,)}, ())
    jobs.remember("lab-1", 7, one)
    jobs.remember("lab-2", 7, other)
    assert jobs.get("lab-1", 7) is one
    assert jobs.get("lab-2", 7) is other
    assert jobs.get("lab-1", 8) is jobs.get("lab-1", None) is None
    jobs.forget("lab-1", 7)
    jobs.forget("lab-1", 7)
    jobs.forget("lab-1", None)
    assert jobs.get("lab-1", 7) is None
    assert jobs.get("lab-2", 7) is other


def test_of_too_many_the_oldest_is_forgotten_and_a_new_one_of_the_same_id_is_new() -> None:
    jobs, job, again = OpenJobs(), OpenJob({}, ()), OpenJob({}, (("copies", (1,)),))
    for number in range(MOST):
        jobs.remember("lab-1", number, job)
    jobs.remember("lab-1", 0, again)
    jobs.remember("lab-1", MOST, job)
    assert jobs.get("lab-1", 0) is again
    assert jobs.get("lab-1", 1) is None
    assert jobs.get("lab-1", 2) is job
