"""A submission and what the printer made of it."""

from __future__ import annotations

import pytest

from ippgate.exchange.new_job import NewJob
from ippgate.exchange.ports import ClientGone, LedgerUnavailable, PrinterUnavailable, Submission
from ippgate.ipp.decoder import decode
from ippgate.ipp.enums import GroupTag, Status
from ippgate.ipp.message import Group, Message
from tests.support.exchange_fakes import (
    ALICE,
    FakeClock,
    FakeLedger,
    ipp_reply,
    job_reply,
    print_job,
    run,
)


class Scene:
    def __init__(self) -> None:
        self.transcript: list[str] = []
        self.ledger = FakeLedger(FakeClock(), self.transcript)
        submission = Submission("lab-1", ALICE, None, "r1", None, "page", 0.0)
        self.job = run(NewJob.begin(self.ledger, submission))

    @property
    def end(self) -> str:
        return self.transcript[-1]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def reply(octets: bytes) -> Message:
    return decode(octets)[0]


def test_a_job_that_was_made(scene: Scene) -> None:
    run(scene.job.answered(reply(job_reply(print_job(), 12)), None))
    assert (scene.job.job_id, scene.ledger.owner(12)) == (12, "id-alice")
    assert scene.job.uuid == "urn:uuid:00000000-0000-4000-8000-000000000001"


def test_a_job_that_was_not_made(scene: Scene) -> None:
    busy = ipp_reply(print_job(), status=Status.SERVER_ERROR_BUSY)
    run(scene.job.answered(reply(busy), None))
    assert scene.end == "ledger.abandoned"


@pytest.mark.parametrize("groups", [(), (Group(GroupTag.JOB, ()),)])
def test_a_success_that_names_no_job_is_looked_for(scene: Scene, groups: tuple[Group, ...]) -> None:
    run(scene.job.answered(reply(ipp_reply(print_job(), *groups)), None))
    assert scene.end == "ledger.unanswered"
    assert scene.job.job_id is None


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (PrinterUnavailable("refused", sent=False), "ledger.abandoned"),
        (PrinterUnavailable("reset", sent=True), "ledger.unanswered"),
        (ClientGone("reset"), "ledger.unanswered"),
        (RuntimeError("a defect"), "ledger.unanswered"),
    ],
)
def test_no_answer(scene: Scene, error: Exception, end: str) -> None:
    run(scene.job.failed(error))
    assert scene.end == end


def test_without_a_ledger_there_is_no_job(scene: Scene) -> None:
    scene.ledger.down = True
    with pytest.raises(LedgerUnavailable):
        run(NewJob.begin(scene.ledger, Submission("lab-1", None, None, "r1", None, None, 0.0)))
