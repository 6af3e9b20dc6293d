"""The ledger in memory: owners by stable id, bounded."""

from __future__ import annotations

from ippgate.ledger.recent import RecentJobs
from ippgate.policy.facts import Principal
from tests.support.exchange_fakes import run

ALICE = Principal("alice", "id-1", "basic")
BOB = Principal("bob", "id-2", "basic")


def remember(ledger: RecentJobs, job: int, owner: Principal) -> None:
    run(ledger.remember("lab-1", job, owner))


def test_the_owner_is_the_stable_id() -> None:
    ledger = RecentJobs()
    remember(ledger, 7, ALICE)
    assert run(ledger.owner("lab-1", 7)) == "id-1"


def test_jobs_of_other_printers_are_other_jobs() -> None:
    ledger = RecentJobs()
    remember(ledger, 7, ALICE)
    assert run(ledger.owner("lab-2", 7)) is None
    assert run(ledger.owner("lab-1", 8)) is None


def test_a_printer_that_counts_from_one_again() -> None:
    ledger = RecentJobs()
    remember(ledger, 1, ALICE)
    remember(ledger, 1, BOB)
    assert run(ledger.owner("lab-1", 1)) == "id-2"


def test_the_oldest_are_forgotten_first() -> None:
    ledger = RecentJobs(jobs=3)
    for job in range(1, 5):
        remember(ledger, job, ALICE)
    assert [run(ledger.owner("lab-1", job)) for job in range(1, 5)] == [None, *["id-1"] * 3]


def test_a_job_id_that_is_used_again_counts_as_new() -> None:
    ledger = RecentJobs(jobs=2)
    for job in (1, 2, 1, 3):
        remember(ledger, job, BOB)
    assert run(ledger.owner("lab-1", 1)) == "id-2"
    assert run(ledger.owner("lab-1", 2)) is None
