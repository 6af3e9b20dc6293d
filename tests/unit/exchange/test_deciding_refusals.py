"""Which no a person hears, and when the printer is asked whose a job is."""

from __future__ import annotations

import pytest

from ippgate.exchange.ports import ClientGone, PrinterUnavailable
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import boolean, name
from ippgate.policy.facts import Principal
from tests.support.exchange_fakes import (
    ALICE,
    Gate,
    ipp_reply,
    job_reply,
    print_job,
    request,
    status_of,
    words_of,
)
from tests.support.policies import policy_of

NOT_AUTHORIZED = Status.CLIENT_ERROR_NOT_AUTHORIZED
JOB = 5


def gate(*rules: str) -> Gate:
    return Gate(policy_of("version: 1\nrules:\n" + "".join(f"  - {{{rule}}}\n" for rule in rules)))


def with_alices_job(*rules: str) -> Gate:
    """Alice made the job; what comes next is counted from an empty printer."""
    made = gate(
        *rules,
        "name: c, who: {users: [alice]}, operations: [Create-Job], decision: permit",
        "name: l, who: authenticated, operations: [Get-Jobs], decision: permit",
    )
    made.printer.script = lambda message, _: job_reply(message, JOB)
    assert made.ask_status(request(Operation.CREATE_JOB)) == Status.SUCCESSFUL_OK
    made.printer.received.clear()
    return made


def codes(of: Gate) -> list[int]:
    """What the printer was asked."""
    return [message.code for message, _ in of.printer.received]


OWN = 'name: own, who: owner, operations: ["@job"], decision: permit'
ALL_JOBS = 'name: all, who: authenticated, operations: ["@job"], decision: permit'


# --- the words of a no ----------------------------------------------------------------------------


def test_a_rule_without_words_says_what_may_not_be_done_and_where() -> None:
    refusing = gate(
        "name: p, who: authenticated, operations: [Validate-Job], decision: permit",
        "name: none, who: authenticated, operations: [Print-Job], decision: refuse",
    )
    answer = refusing.ask(print_job())
    assert status_of(answer) == NOT_AUTHORIZED
    assert words_of(answer) == "You may not use Print-Job at printer lab-1. [r1]"


def test_what_no_rule_says_is_refused_in_the_same_words() -> None:
    silent = gate(
        "name: s, who: {groups: [students]}, operations: [Print-Job], decision: permit",
        "name: v, who: authenticated, operations: [Validate-Job], decision: permit",
    )
    answer = silent.ask(print_job())
    assert status_of(answer) == NOT_AUTHORIZED
    assert words_of(answer) == "You may not use Print-Job at printer lab-1. [r1]"
    (record,) = silent.trail.records
    assert record.decision is not None
    assert (record.decision["reason"], record.decision.get("rule")) == ("no-rule", None)


def test_an_operation_that_nobody_may_use_is_not_served_rather_than_not_authorized() -> None:
    """A client asks for other credentials on the one, and does something else on the other."""
    answer = gate(OWN, ALL_JOBS).ask(request(Operation.PAUSE_PRINTER))
    assert status_of(answer) == Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED
    assert words_of(answer) == "Pause-Printer is not served at printer lab-1. [r1]"


def test_a_printer_that_somebody_may_not_see_is_not_there_and_says_nothing_of_rules() -> None:
    hidden = gate(
        "name: staff only, who: {groups: [operators]}, operations: ['@all'], decision: permit",
        "name: others, who: authenticated, operations: ['@all'], decision: refuse, message: secret",
    )
    answer = hidden.ask(request(Operation.GET_PRINTER_ATTRIBUTES), user="bob")
    assert status_of(answer) == Status.CLIENT_ERROR_NOT_FOUND
    assert "secret" not in words_of(answer)
    assert hidden.printer.received == []


# --- whose job ------------------------------------------------------------------------------------


def test_the_owner_and_nobody_else() -> None:
    theirs = with_alices_job(OWN)
    cancel = request(Operation.CANCEL_JOB, job_id=JOB)
    answer = theirs.ask(cancel, user="bob")
    assert status_of(answer) == NOT_AUTHORIZED
    assert words_of(answer) == "Job 5 is not yours: Cancel-Job is for its owner. [r2]"
    assert Operation.CANCEL_JOB not in codes(theirs)
    assert theirs.ask_status(cancel, user="alice") == Status.SUCCESSFUL_OK


def test_who_may_not_list_others_jobs_does_not_hear_that_there_is_one() -> None:
    secret = gate(OWN)
    secret.ledger.give(JOB, ALICE)
    answer = secret.ask(request(Operation.CANCEL_JOB, job_id=JOB), user="bob")
    assert status_of(answer) == Status.CLIENT_ERROR_NOT_FOUND
    assert words_of(answer) == "Printer lab-1 has no job 5 for you. [r1]"


def test_a_rule_for_all_jobs_does_not_reach_one_that_is_not_the_gateways() -> None:
    anybody = gate(ALL_JOBS)
    cancel = request(Operation.CANCEL_JOB, job_id=JOB)
    assert anybody.ask_status(cancel) == Status.CLIENT_ERROR_NOT_FOUND
    assert Operation.CANCEL_JOB not in codes(anybody)
    anybody.ledger.give(JOB, ALICE)
    assert anybody.ask_status(cancel, user="bob") == Status.SUCCESSFUL_OK


@pytest.mark.parametrize(
    "operation", [Operation.SEND_DOCUMENT, Operation.CLOSE_JOB, Operation.ADD_DOCUMENT_IMAGES]
)
def test_nobody_adds_to_another_persons_job_whatever_a_rule_permits(operation: Operation) -> None:
    everything = (
        "name: everything, who: authenticated, decision: permit, "
        f"operations: ['@job', '@query', {operation.keyword}]"
    )
    open_to_all = with_alices_job(everything)
    add = request(operation, Attribute("last-document", (boolean(True),)), job_id=JOB)
    document = b"" if operation is Operation.CLOSE_JOB else b"x" * 50_000
    answer = open_to_all.ask(add, document, user="bob")
    assert status_of(answer) == NOT_AUTHORIZED
    assert "not yours" in words_of(answer)
    assert open_to_all.printer.received == []
    assert open_to_all.body.read_octets < 5000


def test_where_nobody_is_asked_who_they_are_adding_to_a_job_asks() -> None:
    for_all = with_alices_job("name: a, who: anyone, operations: [Send-Document], decision: permit")
    send = request(Operation.SEND_DOCUMENT, job_id=JOB)
    assert for_all.ask(send, b"x", user=None).status == 401
    assert for_all.printer.received == []


def test_a_job_that_is_not_there_is_not_found_rather_than_not_yours() -> None:
    owned = gate(OWN)
    owned.printer.script = lambda message, _: ipp_reply(
        message, status=Status.CLIENT_ERROR_NOT_FOUND
    )
    answer = owned.ask(request(Operation.HOLD_JOB, job_id=404))
    assert status_of(answer) == Status.CLIENT_ERROR_NOT_FOUND
    assert words_of(answer) == "Printer lab-1 has no job 404 for you. [r1]"


def test_while_the_printer_cannot_say_whose_a_job_is_nothing_is_done_to_it() -> None:
    owned = gate(OWN)
    owned.printer.error = PrinterUnavailable("connection refused")
    answer = owned.ask(request(Operation.CANCEL_JOB, job_id=JOB))
    assert status_of(answer) == Status.SERVER_ERROR_SERVICE_UNAVAILABLE
    (record,) = owned.trail.records
    assert record.decision is not None
    assert "effect" not in record.decision


def test_jobs_that_the_request_itself_calls_own_need_no_question() -> None:
    mine = gate('name: own, who: owner, operations: ["@job", Cancel-My-Jobs], decision: permit')
    assert mine.ask_status(request(Operation.CANCEL_MY_JOBS)) == Status.SUCCESSFUL_OK
    assert codes(mine) == [Operation.GET_JOBS]


def test_a_printer_that_names_another_owner_after_an_identity_was_reused() -> None:
    """The ledger knows alice by her id: somebody who has her name now is not the owner."""
    theirs = with_alices_job(OWN)
    theirs.ledger.give(JOB, Principal("alice", "id-of-an-alice-who-left", "ldap"))

    def script(message: Message, document: bytes) -> bytes:
        owner = Attribute("job-originating-user-name", (name("alice"),))
        return ipp_reply(message, Group(GroupTag.JOB, (owner,)))

    theirs.printer.script = script
    assert theirs.ask_status(request(Operation.CANCEL_JOB, job_id=JOB)) == NOT_AUTHORIZED


def test_a_client_that_goes_before_anything_was_decided_was_not_permitted() -> None:
    asked = gate(OWN)
    octets = encode(print_job())[:-10]
    assert asked.ask(octets, error=ClientGone("connection lost")).close
    (record,) = asked.trail.records
    assert record.decision is not None
    assert record.decision["reason"] == "client-gone"
    assert "effect" not in record.decision
