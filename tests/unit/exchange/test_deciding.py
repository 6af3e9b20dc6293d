"""What rules make of requests: refused values, rules on trial, somebody else who decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ippgate.exchange.ports import NoOpinion, Opinion
from ippgate.ipp.enums import GroupTag, Operation, Status, Tag
from ippgate.ipp.message import Attribute, Group, Value
from ippgate.ipp.values import boolean, integer, keyword, name
from tests.support.exchange_fakes import (
    ALICE,
    message_of,
    request,
    status_of,
    words_of,
)
from tests.support.rules_gate import (
    NOT_SUPPORTED,
    gate_of,
    job,
    keywords,
    printed,
    reached,
    rule,
)


@pytest.mark.parametrize("operation", [Operation.PRINT_JOB, Operation.VALIDATE_JOB])
def test_a_value_that_is_not_permitted_is_0x040b_and_named_in_the_unsupported_group(
    operation: Operation,
) -> None:
    gate = gate_of(rule("attributes: {print-color-mode: {not: [color]}, copies: {max: 5}}"))
    asked = job(
        keywords("print-color-mode", "color"),
        Attribute("copies", (integer(9),)),
        operation=operation,
    )
    answer = gate.ask(asked)
    assert status_of(answer) == NOT_SUPPORTED
    unsupported = message_of(answer).group(GroupTag.UNSUPPORTED)
    assert unsupported is not None
    assert unsupported.attributes == (
        keywords("print-color-mode", "color"),
        Attribute("copies", (integer(9),)),
    )
    assert words_of(answer).startswith(
        "You may not print with print-color-mode color and copies 9 at printer lab-1."
    )
    assert operation not in reached(gate)


def test_the_message_of_a_rule_is_said_where_only_the_job_does_not_fit() -> None:
    gate = gate_of(rule("attributes: {copies: {max: 5}}, message: Five copies at most."))
    answer = gate.ask(job(Attribute("copies", (integer(6),))))
    assert words_of(answer).startswith("Five copies at most.")
    record = gate.trail.records[-1]
    assert record.decision is not None
    assert record.decision["nearest"] == "r"
    assert record.attributes == {"document-format": "application/pdf", "copies": [6]}


def test_what_must_be_given() -> None:
    gate = gate_of(rule("attributes: {job-account-id: {present: true}}"))
    assert gate.ask_status(job()) == NOT_SUPPORTED
    assert gate.ask_status(job(Attribute("job-account-id", (name("4711"),)))) == 0


def test_a_rule_on_trial_is_counted_and_recorded_and_not_applied() -> None:
    gate = gate_of(
        "name: trial, who: {groups: [staff]}, operations: ['@print'], decision: refuse, "
        "shadow: true",
        rule(""),
    )
    assert gate.ask_status(job()) == 0
    assert gate.meter.shadows == ["trial"]
    decision = gate.trail.records[-1].decision
    assert decision is not None
    assert decision["shadows"] == {"trial": "refuse"}


class Oracle:
    def __init__(self, opinion: Opinion | Exception) -> None:
        self.opinion = opinion
        self.asked: list[Mapping[str, Any]] = []

    async def ask(self, url: str, question: Mapping[str, object], timeout: float) -> Opinion:
        assert (url, timeout) == ("http://192.0.2.5/v1/data/print", 0.5)
        self.asked.append(question)
        if isinstance(self.opinion, Exception):
            raise self.opinion
        return self.opinion


@pytest.mark.parametrize(
    ("opinion", "status"),
    [
        (Opinion(True), Status.SUCCESSFUL_OK),
        (Opinion(False, "Not on Fridays."), Status.CLIENT_ERROR_NOT_AUTHORIZED),
        (NoOpinion("timed out"), Status.SERVER_ERROR_SERVICE_UNAVAILABLE),
        (None, Status.SERVER_ERROR_SERVICE_UNAVAILABLE),
    ],
)
def test_somebody_else_decides(opinion: Opinion | Exception | None, status: Status) -> None:
    gate = gate_of(
        "name: r, who: authenticated, operations: ['@print'], "
        "decide: {http: 'http://192.0.2.5/v1/data/print', timeout: 500ms}"
    )
    oracle = Oracle(opinion) if opinion is not None else None
    edges = replace(gate.exchange._edges, decision_point=oracle)
    gate.exchange._edges = gate.exchange._deciding._edges = edges
    answer = gate.ask(job(keywords("sides", "one-sided")), b"%PDF-")
    assert status_of(answer) == status
    if oracle is not None:
        (question,) = oracle.asked
        assert question["user"]["name"] == "alice"
        assert question["attributes"] == {"sides": ["one-sided"]}
    if isinstance(opinion, Opinion) and not opinion.permits:
        assert words_of(answer).startswith("Not on Fridays.")


NO_COLOUR = rule("attributes: {print-color-mode: {not: [color]}}")


@pytest.mark.parametrize(
    "odd",
    [
        keywords("print-color-mode", "bogus"),
        keywords("print-color-mode", "Color"),
        keywords("print-color-mode", "monochrome", "bogus"),
        Attribute("print-color-mode", (integer(5),)),
        Attribute("print-color-mode", (Value(Tag.NO_VALUE, b""),)),
    ],
)
def test_what_is_no_value_of_the_printer_is_what_it_does_in_its_place(odd: Attribute) -> None:
    gate = gate_of(NO_COLOUR)
    assert gate.ask_status(job(odd)) == NOT_SUPPORTED
    assert gate.ask_status(job(odd, operation=Operation.CREATE_JOB)) == NOT_SUPPORTED
    assert gate.ask_status(job(keywords("print-color-mode", "monochrome"))) == 0


def test_who_is_not_limited_may_say_what_they_like() -> None:
    everybody = "name: e, who: {groups: [staff]}, operations: ['@print'], decision: permit"
    gate = gate_of(everybody, NO_COLOUR)
    assert gate.ask_status(job(keywords("print-color-mode", "bogus"))) == 0


def test_a_document_does_not_undo_what_its_job_was_made_with() -> None:
    gate = gate_of(rule("enforce: {sides: two-sided-long-edge, print-color-mode: monochrome}"))
    gate.ask(job(operation=Operation.CREATE_JOB, document_format=None))
    gate.ledger.give(7, ALICE)
    document = Group(GroupTag.DOCUMENT, (keywords("print-color-mode", "color"),))
    last = Attribute("last-document", (boolean(True),))
    asked = request(
        Operation.SEND_DOCUMENT, keywords("sides", "one-sided"), last, job_id=7, groups=(document,)
    )
    assert gate.ask_status(asked, b"%PDF-1.7") == 0
    sent = printed(gate, Operation.SEND_DOCUMENT)
    assert sent["sides"] == (keyword("two-sided-long-edge"),)
    assert sent["print-color-mode"] == (keyword("monochrome"),)
