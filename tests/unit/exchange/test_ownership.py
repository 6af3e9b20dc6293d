"""Whose job it is: the ledger's word, while the printer means the same job by that id."""

from __future__ import annotations

import pytest

from ippgate.exchange.addresses import Target
from ippgate.exchange.enquiries import NoSuchJob
from ippgate.exchange.jobs import RememberedJob
from ippgate.exchange.ownership import FRESH_SECONDS, TargetJob
from ippgate.exchange.ports import PrinterUnavailable, Submission
from ippgate.exchange.request import understand
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import integer, name, uri
from ippgate.policy.facts import Principal
from ippgate.policy.policy import Policy
from ippgate.policy.privacy import Privacy
from tests.support.exchange_fakes import (
    ALICE,
    BOB,
    OLGA,
    PRINTER_URI,
    Gate,
    ipp_reply,
    request,
    run,
    texts_of,
)
from tests.support.policies import policy_of

OPERATORS = policy_of(
    "version: 1\nrules:\n"
    "  - {name: r, who: authenticated, operations: ['@all'], decision: permit}\n"
    "privacy:\n  job_attributes: [job-name]\n  visible_to: [owner, {groups: [operators]}]\n"
)
UUID = "urn:uuid:00000000-0000-4000-8000-00000000000"
DAY = 86400.0


class Scene:
    """A printer that describes job 9, and a ledger."""

    def __init__(self, policy: Policy = OPERATORS) -> None:
        self.gate = Gate(policy)
        self.said: tuple[Attribute, ...] = ()
        self.up: int | None = None
        self.gate.printer.script = self._answer

    def look_up(
        self, who: Principal | None = ALICE, operation: Operation = Operation.CANCEL_JOB
    ) -> RememberedJob | None:
        asked = understand(request(operation, job_id=9), Target("lab-1"))
        edges = self.gate.edges
        job = TargetJob(asked, self.gate.printer, who, OPERATORS.privacy, edges)
        return run(job.look_up())

    def owner(
        self, who: Principal | None = ALICE, operation: Operation = Operation.CANCEL_JOB
    ) -> str:
        job = self.look_up(who, operation)
        return "foreign" if job is None else job.owner_id

    @property
    def asked(self) -> list[int]:
        return [message.code for message, _ in self.gate.printer.received]

    def _answer(self, message: Message, _: bytes) -> bytes:
        if message.code == Operation.GET_PRINTER_ATTRIBUTES:
            up = () if self.up is None else (Attribute("printer-up-time", (integer(self.up),)),)
            return ipp_reply(message, Group(GroupTag.PRINTER, up))
        return ipp_reply(message, Group(GroupTag.JOB, self.said))


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_the_ledger_says_whose_it_is_to_whoever_asks(scene: Scene) -> None:
    scene.gate.ledger.give(9, ALICE)
    assert [scene.owner(who) for who in (ALICE, BOB, OLGA, None)] == ["id-alice"] * 4


def test_the_printer_is_asked_in_its_own_address_and_under_the_owners_name(scene: Scene) -> None:
    scene.gate.ledger.give(9, ALICE)
    scene.owner(BOB)
    asked, document = scene.gate.printer.received[0]
    assert asked.code == Operation.GET_JOB_ATTRIBUTES
    assert texts_of(asked, "printer-uri") == [PRINTER_URI]
    assert texts_of(asked, "requesting-user-name") == ["alice"]
    assert document == b""


def test_a_further_document_soon_after_needs_no_question(scene: Scene) -> None:
    scene.gate.ledger.give(9, ALICE)
    assert scene.owner(operation=Operation.SEND_DOCUMENT) == "id-alice"
    assert scene.asked == []
    scene.gate.clock.seconds += FRESH_SECONDS
    assert scene.owner(operation=Operation.SEND_DOCUMENT) == "id-alice"
    assert scene.asked[0] == Operation.GET_JOB_ATTRIBUTES


def test_another_uuid_under_the_same_id_is_another_job(scene: Scene) -> None:
    scene.gate.ledger.give(9, ALICE, uuid=f"{UUID}1")
    scene.said = (Attribute("job-uuid", (uri(f"{UUID}1"),)),)
    assert scene.owner() == "id-alice"
    scene.said = (Attribute("job-uuid", (uri(f"{UUID}2"),)),)
    assert scene.owner(OLGA) == "foreign"
    with pytest.raises(NoSuchJob):
        scene.owner(ALICE)


def test_a_printer_that_was_started_since_gives_nobody_an_old_job(scene: Scene) -> None:
    scene.gate.ledger.give(9, ALICE)
    scene.gate.clock.seconds += DAY
    scene.up = int(2 * DAY)
    assert scene.owner() == "id-alice"
    scene.up = 60
    with pytest.raises(NoSuchJob):
        scene.owner()
    scene.up = None
    assert scene.owner() == "id-alice", "a printer that says nothing is believed to go on"


def test_another_name_at_the_printer_is_another_job(scene: Scene) -> None:
    scene.gate.ledger.give(9, ALICE)
    scene.said = (Attribute("job-originating-user-name", (name("bob"),)),)
    with pytest.raises(NoSuchJob):
        scene.owner(ALICE)
    with pytest.raises(NoSuchJob):
        scene.owner(BOB)


def test_a_foreign_job_is_nobodys_whatever_name_it_has(scene: Scene) -> None:
    scene.said = (Attribute("job-originating-user-name", (name("alice"),)),)
    with pytest.raises(NoSuchJob):
        scene.owner(ALICE)
    assert scene.owner(OLGA) == "foreign"


def test_a_submission_whose_answer_was_never_heard_is_found_by_the_name(scene: Scene) -> None:
    scene.gate.ledger.waiting[1] = Submission("lab-1", ALICE, None, "r1", None, None, 0.0)
    scene.said = (Attribute("job-originating-user-name", (name("alice"),)),)
    assert scene.owner(BOB) == "id-alice"


@pytest.mark.parametrize("status", [Status.CLIENT_ERROR_NOT_FOUND, Status.CLIENT_ERROR_GONE])
def test_a_job_that_the_printer_does_not_know_is_not_there_for_anybody(
    scene: Scene, status: Status
) -> None:
    scene.gate.ledger.give(9, ALICE)
    scene.gate.printer.script = lambda message, _: ipp_reply(message, status=status)
    for who in (ALICE, BOB, OLGA):
        with pytest.raises(NoSuchJob):
            scene.owner(who)


def test_a_printer_that_does_not_answer_leaves_it_open(scene: Scene) -> None:
    scene.gate.ledger.give(9, ALICE)
    scene.gate.printer.error = PrinterUnavailable("timed out")
    with pytest.raises(PrinterUnavailable):
        scene.owner()


def test_where_others_jobs_are_left_out_they_are_not_there() -> None:
    scene = Scene()
    scene.gate.ledger.give(9, ALICE)
    asked = understand(request(Operation.CANCEL_JOB, job_id=9), Target("lab-1"))
    privacy = Privacy(job_attributes=None)
    for who, there in ((ALICE, True), (BOB, False)):
        job = TargetJob(asked, scene.gate.printer, who, privacy, scene.gate.edges)
        if there:
            assert run(job.owned())
        else:
            with pytest.raises(NoSuchJob):
                run(job.look_up())
