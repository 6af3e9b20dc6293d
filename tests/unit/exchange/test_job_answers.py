"""What the ledger hears of a printer's answer, before the client does."""

from __future__ import annotations

import pytest

from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import boolean, integer, name
from tests.support.exchange_fakes import (
    ALICE,
    Gate,
    ipp_reply,
    message_of,
    request,
    texts_of,
)
from tests.support.policies import policy_of

RULES = """
version: 1
rules:
  - {name: all, who: authenticated, operations: ["@print", "@query", "@job"], decision: permit}
"""
LAST = Attribute("last-document", (boolean(True),))


@pytest.fixture
def gate() -> Gate:
    made = Gate(policy_of(RULES))
    made.ledger.give(5, ALICE)
    return made


def test_documents_of_a_job_are_remembered(gate: Gate) -> None:
    gate.ask(request(Operation.SEND_DOCUMENT, LAST, job_id=5), b"%PDF-1.7 body")
    ((_, document),) = gate.ledger.documents
    assert (document.octets, document.detected) == (13, "application/pdf")


def test_a_document_that_the_printer_refused_is_not(gate: Gate) -> None:
    gate.printer.script = lambda message, _: ipp_reply(
        message, status=Status.CLIENT_ERROR_NOT_POSSIBLE
    )
    gate.ask(request(Operation.SEND_DOCUMENT, LAST, job_id=5), b"%PDF-1.7 body")
    assert gate.ledger.documents == []


def test_a_job_that_is_printed_once_more_is_followed_once_more(gate: Gate) -> None:
    gate.ask(request(Operation.RESTART_JOB, job_id=5))
    assert gate.ledger.again == [gate.ledger.known["lab-1", 5].key]


def test_one_job_is_masked_as_in_a_list(gate: Gate) -> None:
    def script(message: Message, _: bytes) -> bytes:
        user = Attribute("job-originating-user-name", (name("alice"),))
        of_job = (Attribute("job-id", (integer(5),)), user)
        return ipp_reply(message, Group(GroupTag.JOB, of_job))

    gate.printer.script = script
    asked = request(Operation.GET_JOB_ATTRIBUTES, job_id=5)
    named = {
        user: texts_of(message_of(gate.ask(asked, user=user)), "job-originating-user-name")
        for user in ("alice", "bob")
    }
    assert named == {"alice": ["alice"], "bob": []}
