"""Values that rules write into jobs."""

from __future__ import annotations

import pytest

from ippgate.ipp.enums import Operation, Status, Tag
from ippgate.ipp.message import Attribute, Value
from ippgate.ipp.values import (
    integer,
    keyword,
)
from tests.support.exchange_fakes import (
    ALICE,
    status_of,
    words_of,
)
from tests.support.rules_gate import (
    NOT_SUPPORTED,
    gate_of,
    job,
    keywords,
    printed,
    rule,
)


@pytest.mark.parametrize(
    "operation", [Operation.PRINT_JOB, Operation.CREATE_JOB, Operation.VALIDATE_JOB]
)
def test_enforced_values_replace_what_was_asked_or_stand_where_nothing_was(
    operation: Operation,
) -> None:
    gate = gate_of(rule("enforce: {sides: two-sided-long-edge, print-color-mode: monochrome}"))
    asked = job(keywords("sides", "one-sided"), operation=operation)
    assert gate.ask_status(asked) == 0
    sent = printed(gate, operation)
    assert sent["sides"] == (keyword("two-sided-long-edge"),)
    assert sent["print-color-mode"] == (keyword("monochrome"),)
    decision = gate.trail.records[-1].decision
    assert decision is not None
    assert decision["obligations"] == {
        "enforce": {"sides": ["two-sided-long-edge"], "print-color-mode": ["monochrome"]}
    }


def test_what_a_printer_cannot_do_is_not_enforced_but_refused_in_words() -> None:
    gate = gate_of(rule("enforce: {sides: two-sided-short-edge}"))
    answer = gate.ask(job())
    assert status_of(answer) == NOT_SUPPORTED
    assert "sides two-sided-short-edge only, which printer lab-1 cannot do" in words_of(answer)


def test_defaults_stand_only_where_nothing_was_asked() -> None:
    gate = gate_of(rule("default: {sides: two-sided-long-edge, print-quality: high}"))
    gate.ask(job())
    assert printed(gate)["sides"] == (keyword("two-sided-long-edge"),)
    assert "print-quality" not in printed(gate), "the printer has no such quality"
    gate.ask(job(keywords("sides", "one-sided")))
    assert printed(gate)["sides"] == (keyword("one-sided"),)


def test_hold() -> None:
    gate = gate_of(rule("hold: true"))
    gate.ask(job(keywords("job-hold-until", "no-hold")))
    assert printed(gate)["job-hold-until"] == (keyword("indefinite"),)


def test_what_is_left_out_is_what_the_person_was_shown_as_the_default() -> None:
    gate = gate_of(rule("attributes: {print-color-mode: {not: [color]}, copies: {max: 5}}"))
    assert gate.ask_status(job()) == 0
    sent = printed(gate)
    assert sent["print-color-mode"] == (keyword("monochrome"),), "the printer would use colour"
    assert "copies" not in sent, "what the printer does anyway is permitted"


def test_owners_change_their_job_into_what_they_could_have_printed() -> None:
    gate = gate_of(
        "name: p, who: authenticated, operations: ['@print'], decision: permit, "
        "attributes: {copies: {max: 5}}, enforce: {sides: two-sided-long-edge}",
        "name: j, who: owner, operations: ['@job'], decision: permit",
        "name: o, who: {groups: [operators]}, operations: ['@job'], decision: permit",
    )
    gate.ask(job(operation=Operation.CREATE_JOB))
    set_ = Operation.SET_JOB_ATTRIBUTES
    too_many = job(Attribute("copies", (integer(6),)), operation=set_, job_id=7)
    assert gate.ask_status(too_many) == NOT_SUPPORTED
    assert gate.ask_status(too_many, user="olga") == 0, "a rule says that operators may"
    one_sided = job(keywords("sides", "one-sided"), operation=set_, job_id=7)
    assert gate.ask_status(one_sided) == 0
    assert printed(gate, set_)["sides"] == (keyword("two-sided-long-edge"),)
    gate.ask(job(Attribute("copies", (integer(2),)), operation=set_, job_id=7))
    assert "sides" not in printed(gate, set_)


SET = Operation.SET_JOB_ATTRIBUTES
EITHER_MANY_OR_COLOUR = (
    "name: black, who: authenticated, operations: ['@print'], decision: permit, "
    "attributes: {copies: {max: 50}, print-color-mode: {not: [color]}}",
    "name: colour, who: authenticated, operations: ['@print'], decision: permit, "
    "attributes: {copies: {max: 5}}",
    "name: own, who: owner, operations: ['@job'], decision: permit",
)
MANY = (Attribute("copies", (integer(50),)), keywords("print-color-mode", "monochrome"))


@pytest.mark.parametrize("made_by", [Operation.CREATE_JOB, Operation.PRINT_JOB])
@pytest.mark.parametrize(
    "change",
    [
        keywords("print-color-mode", "color"),
        keywords("print-color-mode", "bogus"),
        Attribute("print-color-mode", (Value(Tag.DELETE_ATTRIBUTE, b""),)),
    ],
)
def test_a_job_is_not_changed_step_by_step_into_what_is_refused_at_once(
    made_by: Operation, change: Attribute
) -> None:
    gate = gate_of(*EITHER_MANY_OR_COLOUR)
    assert gate.ask_status(job(*MANY, operation=made_by)) == 0
    assert gate.ask_status(job(change, operation=SET, job_id=7)) == NOT_SUPPORTED
    few = (Attribute("copies", (integer(5),)), keywords("print-color-mode", "color"))
    assert gate.ask_status(job(*few, operation=SET, job_id=7)) == 0
    assert gate.ask_status(job(MANY[0], operation=SET, job_id=7)) == NOT_SUPPORTED


def test_a_job_that_nobody_remembers_is_changed_by_those_whom_nothing_limits_alone() -> None:
    limited, free = gate_of(*EITHER_MANY_OR_COLOUR), gate_of(rule(""))
    for gate, status in ((limited, Status.CLIENT_ERROR_NOT_POSSIBLE), (free, 0)):
        gate.ledger.give(7, ALICE)
        assert gate.ask_status(job(MANY[0], operation=SET, job_id=7)) == status
