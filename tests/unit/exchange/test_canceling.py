"""Cancel-My-Jobs and Cancel-Jobs, job by job."""

from __future__ import annotations

import pytest

from ippgate.audit.events import Event
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Group, Message, Value
from ippgate.ipp.values import as_integer, enum, integer, keyword, name
from tests.support.exchange_fakes import ALICE, BOB, Gate, ipp_reply, request, status_of, words_of
from tests.support.policies import policy_of

RULES = """
version: 1
rules:
  - {name: own jobs, who: owner, operations: ["@job"], decision: permit}
  - {name: operators, who: {groups: [operators]}, operations: ["@operate"], decision: permit}
"""
MINE, ALL = Operation.CANCEL_MY_JOBS, Operation.CANCEL_JOBS


class Scene:
    """A printer that knows no such operation: 1 and 3 are alice's, 2 is bob's, 4 is foreign and
    has alice's name."""

    def __init__(self) -> None:
        self.gate = Gate(policy_of(RULES))
        self.left = [1, 2, 3, 4]
        self.refusing: dict[int, Status] = {}
        for job_id, owner in ((1, ALICE), (2, BOB), (3, ALICE)):
            self.gate.ledger.give(job_id, owner)
        self.gate.printer.script = self._answer

    def _answer(self, message: Message, _: bytes) -> bytes:
        if message.code == Operation.GET_JOBS:
            return ipp_reply(message, *(self._group(job_id) for job_id in self.left))
        if message.code != Operation.CANCEL_JOB:
            return ipp_reply(message, status=Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED)
        attribute = message.groups[0].get("job-id")
        assert attribute is not None
        assert isinstance(attribute.values[0], Value)
        job_id = as_integer(attribute.values[0])
        status = self.refusing.get(job_id, Status.SUCCESSFUL_OK)
        if status == Status.SUCCESSFUL_OK:
            self.left.remove(job_id)
        return ipp_reply(message, status=status)

    def _group(self, job_id: int) -> Group:
        user = "bob" if job_id == 2 else "alice"
        return Group(
            GroupTag.JOB,
            (
                Attribute("job-id", (integer(job_id),)),
                Attribute("job-originating-user-name", (name(user),)),
                Attribute("job-state", (enum(3),)),
            ),
        )

    def recorded(self, event: Event) -> list[int]:
        record = next(r for r in reversed(self.gate.trail.records) if r.event is event)
        assert record.job is not None
        ids = record.job["ids"]
        assert isinstance(ids, list)
        return ids


@pytest.fixture
def scene() -> Scene:
    return Scene()


def of(*job_ids: int) -> Attribute:
    return Attribute("job-ids", tuple(integer(job_id) for job_id in job_ids))


def test_ones_own_jobs_and_no_others(scene: Scene) -> None:
    assert scene.gate.ask_status(request(MINE)) == Status.SUCCESSFUL_OK
    assert scene.left == [2, 4]
    assert scene.recorded(Event.REQUEST_INTENT) == [1, 3]
    assert scene.recorded(Event.REQUEST_OUTCOME) == [1, 3]


def test_of_ones_own_the_named_ones(scene: Scene) -> None:
    assert scene.gate.ask_status(request(MINE, of(3))) == Status.SUCCESSFUL_OK
    assert scene.left == [1, 2, 4]


@pytest.mark.parametrize("other", [2, 4, 99])
def test_one_that_is_not_ones_own_cancels_none_and_says_nothing_of_it(
    scene: Scene, other: int
) -> None:
    answer = scene.gate.ask(request(MINE, of(1, other)))
    assert status_of(answer) == Status.CLIENT_ERROR_NOT_FOUND
    assert words_of(answer).startswith(f"There is no job {other} here that you could cancel")
    assert scene.left == [1, 2, 3, 4]


def test_job_ids_must_be_numbers(scene: Scene) -> None:
    for wrong in (of(0), Attribute("job-ids", (keyword("all"),))):
        status = scene.gate.ask_status(request(MINE, wrong))
        assert status == Status.CLIENT_ERROR_BAD_REQUEST
    assert scene.left == [1, 2, 3, 4]


def test_somebody_without_jobs_has_canceled_all_of_them(scene: Scene) -> None:
    scene.left.remove(2)
    assert scene.gate.ask_status(request(MINE), user="bob") == Status.SUCCESSFUL_OK
    assert scene.left == [1, 3, 4]


def test_one_that_ended_meanwhile_is_no_failure(scene: Scene) -> None:
    scene.refusing[1] = Status.CLIENT_ERROR_NOT_POSSIBLE
    assert scene.gate.ask_status(request(MINE)) == Status.SUCCESSFUL_OK
    assert scene.recorded(Event.REQUEST_OUTCOME) == [3]


def test_a_printer_that_refuses_is_told_of(scene: Scene) -> None:
    scene.refusing[3] = Status.CLIENT_ERROR_FORBIDDEN
    answer = scene.gate.ask(request(MINE))
    assert status_of(answer) == Status.CLIENT_ERROR_FORBIDDEN
    assert "job 3" in words_of(answer)


def test_all_jobs_where_the_printer_cannot(scene: Scene) -> None:
    assert scene.gate.ask_status(request(ALL), user="bob") == Status.CLIENT_ERROR_NOT_AUTHORIZED
    assert scene.left == [1, 2, 3, 4]
    assert scene.gate.ask_status(request(ALL, of(2, 4)), user="olga") == Status.SUCCESSFUL_OK
    assert scene.left == [1, 3]
    assert scene.gate.ask_status(request(ALL), user="olga") == Status.SUCCESSFUL_OK
    assert scene.left == []
