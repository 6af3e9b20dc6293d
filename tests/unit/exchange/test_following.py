"""What comes of jobs: how a look at a printer ends them, finds them, and records it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ippgate.audit.events import Event
from ippgate.exchange.following import LOST_SECONDS, Look, look
from ippgate.exchange.jobs import RememberedJob, SeenJob
from ippgate.exchange.ports import Edges, Submission, TrailUnwritable
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Group, Message, Value
from ippgate.ipp.values import as_integer, as_text, enum, integer, keyword, name, uri
from tests.support.exchange_fakes import (
    ALICE,
    BOB,
    FakeClock,
    FakeIdentifier,
    FakeLedger,
    FakeMeter,
    FakePrinter,
    FakeTrail,
    ipp_reply,
    run,
)

UUID = "urn:uuid:00000000-0000-4000-8000-00000000000"


class Scene:
    """A printer with jobs, a ledger that remembers some, and one who looks."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.trail = FakeTrail([])
        self.ledger = FakeLedger(self.clock, [])
        self.printer = FakePrinter(script=self._answer)
        self.at_printer: dict[int, Group] = {}
        self.mine = True
        self.over: dict[int, str] = {}
        self.going: list[int] = []
        self.pages = 0
        self.edges = Edges(
            identifier=FakeIdentifier(),
            printers={"lab-1": self.printer},
            ledger=self.ledger,
            trail=self.trail,
            meter=FakeMeter(),
            clock=self.clock,
            new_id=lambda: "r1",
        )

    def look(self) -> Look:
        return run(look(self.printer, self, self, self.edges, 30.0))

    def job(
        self, job_id: int, state: int, *, uuid: int = 1, user: str = "alice", **more: int
    ) -> None:
        """A job at the printer."""
        counts = [Attribute(key.replace("_", "-"), (integer(n),)) for key, n in more.items()]
        self.at_printer[job_id] = Group(
            GroupTag.JOB,
            (
                Attribute("job-id", (integer(job_id),)),
                Attribute("job-uuid", (uri(f"{UUID}{uuid}"),)),
                Attribute("job-originating-user-name", (name(user),)),
                Attribute("job-state", (enum(state),)),
                Attribute("job-state-reasons", (keyword("none"),)),
                *counts,
            ),
        )

    @property
    def questions(self) -> list[Operation]:
        return [Operation(message.code) for message, _ in self.printer.received]

    # --- JobMemory and JobMeter ---

    async def claim(self, printer: str, seconds: float) -> bool:
        return self.mine

    async def unfinished(self, printer: str) -> Sequence[RememberedJob]:
        waiting = [
            RememberedJob(
                key=key,
                printer=printer,
                job_id=None,
                uuid=None,
                owner_id=submission.owner.id,
                owner_name=submission.owner.name,
                name=submission.name,
                submitted=submission.at,
                confirmed=submission.at,
            )
            for key, submission in self.ledger.waiting.items()
            if submission.owner is not None and key not in self.over
        ]
        known = [job for job in self.ledger.known.values() if job.key not in self.over]
        return sorted([*known, *waiting], key=lambda job: job.key)

    async def progressed(self, described: Sequence[tuple[int, SeenJob]]) -> None:
        self.going += [key for key, _ in described]

    async def ended(self, key: int, outcome: str, seen: SeenJob | None) -> bool:
        self.over[key] = outcome
        return True

    def pages_printed(self, *, printer: str, pages: int) -> None:
        self.pages += pages

    # --- the printer ---

    def _answer(self, message: Message, _: bytes) -> bytes:
        operation = message.groups[0]
        if message.code == Operation.GET_JOBS:
            which = operation.get("which-jobs")
            assert which is not None
            assert isinstance(which.values[0], Value)
            completed = as_text(which.values[0]) == "completed"
            groups = [
                group for group in self.at_printer.values() if (_state(group) >= 7) == completed
            ]
            return ipp_reply(message, *groups)
        if message.code == Operation.GET_PRINTER_ATTRIBUTES:
            return ipp_reply(message)
        asked = operation.get("job-id")
        assert asked is not None
        assert isinstance(asked.values[0], Value)
        found = self.at_printer.get(as_integer(asked.values[0]))
        if found is None:
            return ipp_reply(message, status=Status.CLIENT_ERROR_NOT_FOUND)
        return ipp_reply(message, found)


def _state(group: Group) -> int:
    attribute = group.get("job-state")
    assert attribute is not None
    assert isinstance(attribute.values[0], Value)
    return as_integer(attribute.values[0])


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_one_question_for_all_jobs_that_go_on(scene: Scene) -> None:
    for job_id in range(1, 6):
        scene.ledger.give(job_id, ALICE, uuid=f"{UUID}1")
        scene.job(job_id, 5)
    assert scene.look() == Look(5, changed=True)
    assert scene.questions == [Operation.GET_JOBS]
    assert len(scene.going) == 5


def test_a_job_that_ended_is_recorded_with_its_pages(scene: Scene) -> None:
    key = scene.ledger.give(7, ALICE, uuid=f"{UUID}1").key
    scene.job(7, 9, job_impressions_completed=3, job_media_sheets_completed=2)
    assert scene.look() == Look(0, changed=True)
    assert scene.over == {key: "completed"}
    assert scene.pages == 3
    (record,) = scene.trail.records
    assert (record.event, record.printer) == (Event.JOB_ENDED, "lab-1")
    assert record.user == {"name": "alice", "id": "id-alice"}
    assert record.job == {"id": 7, "uuid": f"{UUID}1"}
    assert record.detail == {
        "outcome": "completed",
        "reasons": ["none"],
        "impressions": 3,
        "sheets": 2,
    }


@pytest.mark.parametrize(("state", "outcome"), [(7, "canceled"), (8, "aborted")])
def test_how_it_ended_is_what_the_printer_says(scene: Scene, state: int, outcome: str) -> None:
    key = scene.ledger.give(7, ALICE, uuid=f"{UUID}1").key
    scene.job(7, state)
    scene.look()
    assert scene.over == {key: outcome}


def test_a_job_that_the_printer_does_not_know_any_more_is_forgotten(scene: Scene) -> None:
    key = scene.ledger.give(7, ALICE).key
    scene.look()
    assert scene.over == {key: "forgotten"}
    assert scene.pages == 0


def test_a_job_whose_id_another_one_has_is_forgotten_too(scene: Scene) -> None:
    key = scene.ledger.give(7, ALICE, uuid=f"{UUID}1").key
    scene.job(7, 5, uuid=2)
    scene.look()
    assert scene.over == {key: "forgotten"}


def test_a_submission_without_an_answer_is_found_under_its_owners_name(scene: Scene) -> None:
    at = scene.clock.now().timestamp() - 10
    submission = Submission("lab-1", BOB, None, "r1", None, None, at)
    scene.ledger.waiting[99] = submission
    scene.job(3, 9, user="bob")
    scene.look()
    assert scene.ledger.owner(3) == "id-bob"
    assert list(scene.over.values()) == ["completed"]


def test_a_submission_that_is_nowhere_is_lost_in_the_end(scene: Scene) -> None:
    at = scene.clock.now().timestamp() - 10
    scene.ledger.waiting[99] = Submission("lab-1", BOB, None, "r1", None, None, at)
    assert scene.look() == Look(1, changed=False)
    scene.clock.seconds += LOST_SECONDS
    scene.look()
    assert scene.over == {99: "lost"}


def test_what_cannot_be_recorded_has_not_ended(scene: Scene) -> None:
    scene.ledger.give(7, ALICE, uuid=f"{UUID}1")
    scene.job(7, 9)
    scene.trail.writable = False
    with pytest.raises(TrailUnwritable):
        scene.look()
    assert scene.over == {}


def test_nothing_is_asked_where_nothing_is_unfinished_or_another_gateway_asks(
    scene: Scene,
) -> None:
    assert scene.look() == Look(0, changed=False)
    scene.ledger.give(7, ALICE)
    scene.mine = False
    assert scene.look() == Look(0, changed=False, ours=False)
    assert scene.questions == []
