"""Documents that turn out to be something else than was declared."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import (
    boolean,
    integer,
    keyword,
    name,
)
from tests.support.exchange_fakes import (
    ALICE,
    ipp_reply,
    request,
    status_of,
    words_of,
)
from tests.support.rules_gate import (
    NOT_SUPPORTED,
    WRONG_FORMAT,
    gate_of,
    job,
    printed,
    printer,
    reached,
    rule,
)


def test_a_format_that_is_not_permitted_is_refused_by_what_is_declared() -> None:
    gate = gate_of(rule("document: {formats: [application/pdf, 'image/*']}"))
    answer = gate.ask(job(document_format="application/postscript"), b"%!PS")
    assert status_of(answer) == WRONG_FORMAT
    assert reached(gate) == []
    assert gate.ask_status(job(document_format="image/urf"), b"UNIRAST\0") == 0


@pytest.mark.parametrize("declared", ["application/pdf", "application/octet-stream", None])
@pytest.mark.parametrize("chunked", [True, False])
def test_a_document_that_is_something_else_is_refused_before_an_octet_goes_on(
    declared: str | None, chunked: bool
) -> None:
    gate = gate_of(rule("document: {formats: [application/pdf]}"))
    asked = job(document_format=declared)
    answer = gate.ask(asked, b"\x1b%-12345X@PJL FSDELETE" * 900, chunked=chunked)
    assert status_of(answer) == WRONG_FORMAT
    assert reached(gate) == []
    record = gate.trail.records[-1]
    assert record.document is not None
    assert record.document["detected"] == "application/vnd.hp-pjl"
    assert gate.ask_status(asked, b"%PDF-1.7" + b"x" * 9000, chunked=chunked) == 0
    assert gate.printer.received[-1][1] == b"%PDF-1.7" + b"x" * 9000


def test_a_compressed_document_is_what_it_inflates_to() -> None:
    gate = gate_of(rule("document: {formats: [application/pdf]}"))
    compressed = Attribute("compression", (keyword("gzip"),))
    asked = request(Operation.PRINT_JOB, compressed, document_format="application/pdf")
    assert gate.ask_status(asked, gzip.compress(b"%PDF-1.7" + bytes(5000))) == 0
    assert gate.ask_status(asked, gzip.compress(b"@PJL")) == WRONG_FORMAT
    assert gate.ask_status(asked, b"%PDF-1.7, and not compressed") == WRONG_FORMAT


def test_a_document_that_is_too_large_is_refused_by_its_length() -> None:
    gate = gate_of(rule("document: {max_size: 10KB}"))
    answer = gate.ask(job(), b"x" * 10_001)
    assert status_of(answer) == Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE
    assert reached(gate) == []
    assert gate.ask_status(job(), b"x" * 10_000) == 0


def test_a_document_that_turns_out_too_large_is_broken_off_and_its_job_cancelled() -> None:
    gate = gate_of(rule("document: {max_size: 10KB}"))

    def script(message: Message, document: bytes) -> bytes:
        if message.code == Operation.GET_JOBS:
            return ipp_reply(message, *(_job(8, "alice", "Report"), _job(9, "alice", "Other")))
        return printer(message, document)

    gate.printer.script = script
    asked = request(
        Operation.PRINT_JOB,
        Attribute("job-name", (name("Report"),)),
        document_format="application/pdf",
    )
    answer = gate.ask(asked, b"x" * 20_000, chunked=True)
    assert status_of(answer) == Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE
    assert reached(gate) == [Operation.GET_JOBS, Operation.CANCEL_JOB]
    assert printed(gate, Operation.CANCEL_JOB)["job-id"] == (integer(8),)
    assert gate.trail.records[-1].job == {"id": 8, "name": "Report"}
    assert gate.ask_status(asked, b"x" * 10_000, chunked=True) == 0


def test_a_job_that_cannot_be_told_from_others_is_not_cancelled() -> None:
    gate = gate_of(rule("document: {max_size: 10KB}"))
    gate.printer.script = lambda message, _: ipp_reply(
        message, _job(8, "alice", "Report"), _job(9, "alice", "Report")
    )
    asked = request(Operation.PRINT_JOB, Attribute("job-name", (name("Report"),)))
    gate.ask(asked, b"x" * 20_000, chunked=True)
    assert reached(gate) == [Operation.GET_JOBS]


def _job(job_id: int, user: str, name_: str) -> Group:
    return Group(
        GroupTag.JOB,
        (
            Attribute("job-id", (integer(job_id),)),
            Attribute("job-originating-user-name", (name(user),)),
            Attribute("job-name", (name(name_),)),
        ),
    )


TWO_KINDS = (
    "name: pdf, who: authenticated, operations: ['@print'], decision: permit, "
    "document: {formats: [application/pdf]}, attributes: {copies: {max: 50}}",
    "name: others, who: authenticated, operations: ['@print'], decision: permit, "
    "attributes: {copies: {max: 1}}",
)


def send(**how: Any) -> Message:
    last = Attribute("last-document", (boolean(True),))
    return request(Operation.SEND_DOCUMENT, last, job_id=7, **how)


def test_a_document_is_judged_by_what_its_job_asked_for() -> None:
    gate = gate_of(*TWO_KINDS)
    created = job(
        Attribute("copies", (integer(50),)), operation=Operation.CREATE_JOB, document_format=None
    )
    assert gate.ask_status(created) == 0
    assert gate.ask_status(send(), b"\x1bE PCL") == WRONG_FORMAT
    assert gate.ask_status(send(), b"%PDF-1.7") == 0


def test_a_document_into_a_job_that_nobody_remembers_cannot_be_judged() -> None:
    gate = gate_of(*TWO_KINDS)
    gate.ledger.give(7, ALICE)
    assert gate.ask_status(send(), b"%PDF-1.7") == NOT_SUPPORTED


def test_a_document_that_falls_under_other_terms_than_its_job() -> None:
    gate = gate_of(
        "name: pdf, who: authenticated, operations: ['@print'], decision: permit, "
        "document: {formats: [application/pdf]}",
        "name: others, who: authenticated, operations: ['@print'], decision: permit, "
        "enforce: {sides: two-sided-long-edge}",
    )
    gate.ask(job(operation=Operation.CREATE_JOB, document_format=None))
    answer = gate.ask(send(), b"\x1bE PCL")
    assert status_of(answer) == WRONG_FORMAT
    assert "not what its job" in words_of(answer)
