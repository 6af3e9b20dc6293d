"""Whose job it is, by the ledger or by the printer's memory."""

from __future__ import annotations

import pytest

from ippgate.exchange.addresses import Target
from ippgate.exchange.ownership import NoSuchJob, owns
from ippgate.exchange.ports import PrinterUnavailable
from ippgate.exchange.request import understand
from ippgate.ipp.enums import GroupTag, Operation, Status, Tag
from ippgate.ipp.message import Attribute, Collection, Group, Message, Value
from ippgate.ipp.values import integer, name
from tests.support.exchange_fakes import (
    ALICE,
    BOB,
    PRINTER_URI,
    FakeLedger,
    FakePrinter,
    ipp_reply,
    request,
    run,
    texts_of,
)

OWNER = "job-originating-user-name"
CANCEL = understand(request(Operation.CANCEL_JOB, job_id=9), Target("lab-1"))


def printer_that_names(*values: Value | Collection, group: int = GroupTag.JOB) -> FakePrinter:
    def script(message: Message, document: bytes) -> bytes:
        return ipp_reply(message, Group(group, (Attribute(OWNER, values),) if values else ()))

    return FakePrinter(script=script)


def test_what_the_ledger_knows_counts_and_the_printer_is_not_asked() -> None:
    ledger, printer = FakeLedger(), printer_that_names(name("bob"))
    run(ledger.remember("lab-1", 9, ALICE))
    assert run(owns(ALICE, CANCEL, printer, ledger))
    assert not run(owns(BOB, CANCEL, printer, ledger))
    assert printer.received == []


def test_a_job_of_that_number_at_another_printer_is_another_job() -> None:
    ledger = FakeLedger()
    run(ledger.remember("lab-2", 9, BOB))
    assert not run(owns(BOB, CANCEL, printer_that_names(name("alice")), ledger))


def test_what_the_ledger_forgot_the_printer_is_asked_in_its_own_address() -> None:
    printer = printer_that_names(name("alice"))
    assert run(owns(ALICE, CANCEL, printer, FakeLedger()))
    assert not run(owns(BOB, CANCEL, printer, FakeLedger()))
    asked, document = printer.received[0]
    assert asked.code == Operation.GET_JOB_ATTRIBUTES
    assert texts_of(asked, "printer-uri") == [PRINTER_URI]
    assert texts_of(asked, "requested-attributes") == [OWNER]
    assert document == b""
    group = asked.group(GroupTag.OPERATION)
    assert group is not None
    job_id = group.get("job-id")
    assert job_id is not None
    assert job_id.values == (integer(9),)


def test_the_name_counts_in_whatever_syntax_a_printer_says_it() -> None:
    for value in (
        Value(Tag.NAME_WITH_LANGUAGE, b"\0\x02en\0\x05alice"),
        Value(Tag.TEXT_WITHOUT_LANGUAGE, b"alice"),
    ):
        assert run(owns(ALICE, CANCEL, printer_that_names(value), FakeLedger()))


@pytest.mark.parametrize(
    "values",
    [
        (),
        (name("Alice"),),
        (name("alice "),),
        (name(""),),
        (Value(Tag.NAME_WITHOUT_LANGUAGE, b"\xff"),),
        (Value(Tag.NO_VALUE, b""),),
        (integer(1),),
        (Collection((Attribute("name", (name("alice"),)),)),),
    ],
    ids=["none", "case", "space", "empty", "no text", "no-value", "integer", "collection"],
)
def test_on_doubt_a_job_is_nobodys(values: tuple[Value | Collection, ...]) -> None:
    assert not run(owns(ALICE, CANCEL, printer_that_names(*values), FakeLedger()))


def test_a_name_in_another_group_is_no_answer() -> None:
    printer = printer_that_names(name("alice"), group=GroupTag.PRINTER)
    assert not run(owns(ALICE, CANCEL, printer, FakeLedger()))


@pytest.mark.parametrize("status", [Status.CLIENT_ERROR_NOT_FOUND, Status.CLIENT_ERROR_GONE])
def test_a_job_that_is_gone(status: Status) -> None:
    printer = FakePrinter(script=lambda message, _: ipp_reply(message, status=status))
    with pytest.raises(NoSuchJob):
        run(owns(ALICE, CANCEL, printer, FakeLedger()))


def test_a_printer_that_refuses_the_question_makes_nobody_an_owner() -> None:
    printer = FakePrinter(
        script=lambda message, _: ipp_reply(message, status=Status.CLIENT_ERROR_FORBIDDEN)
    )
    assert not run(owns(ALICE, CANCEL, printer, FakeLedger()))


def test_a_printer_that_does_not_answer_leaves_it_open() -> None:
    printer = FakePrinter(error=PrinterUnavailable("timed out"))
    with pytest.raises(PrinterUnavailable):
        run(owns(ALICE, CANCEL, printer, FakeLedger()))
