"""Questions of the gateway's own."""

from __future__ import annotations

import pytest

from ippgate.exchange.enquiries import NoSuchJob, booted, describe_job, list_jobs
from ippgate.exchange.ports import PrinterUnavailable
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Group
from ippgate.ipp.values import integer, keyword
from tests.support.exchange_fakes import PRINTER_URI, FakePrinter, ipp_reply, run, texts_of

NOW = 1_800_000_000.0


def started(*attributes: Attribute) -> FakePrinter:
    return FakePrinter(
        script=lambda message, _: ipp_reply(message, Group(GroupTag.PRINTER, attributes))
    )


def refusing(status: Status) -> FakePrinter:
    return FakePrinter(script=lambda message, _: ipp_reply(message, status=status))


def test_they_are_asked_as_the_oldest_printers_understand() -> None:
    printer = FakePrinter()
    run(list_jobs(printer, "alice", ("job-id", "job-state")))
    (message, _) = printer.received[0]
    assert (message.version, message.code) == ((1, 1), Operation.GET_JOBS)
    names = [attribute.name for attribute in message.groups[0].attributes]
    assert names[:4] == [
        "attributes-charset",
        "attributes-natural-language",
        "printer-uri",
        "requesting-user-name",
    ]
    assert texts_of(message, "printer-uri") == [PRINTER_URI]
    assert texts_of(message, "which-jobs") == ["not-completed"]
    assert texts_of(message, "requested-attributes") == ["job-id", "job-state"]


def test_a_list_that_is_refused_is_no_empty_list() -> None:
    with pytest.raises(PrinterUnavailable, match="server-error-busy"):
        run(list_jobs(refusing(Status.SERVER_ERROR_BUSY), "alice", ("job-id",)))


@pytest.mark.parametrize("status", [Status.CLIENT_ERROR_NOT_FOUND, Status.CLIENT_ERROR_GONE])
def test_a_job_that_is_not_there(status: Status) -> None:
    with pytest.raises(NoSuchJob):
        run(describe_job(refusing(status), 9, "alice", ("job-id",)))


def test_when_a_printer_was_started() -> None:
    up = started(Attribute("printer-up-time", (integer(100),)))
    assert run(booted(up, "alice", NOW)) == NOW - 100


@pytest.mark.parametrize(
    "attributes",
    [
        (),
        (Attribute("printer-up-time", (integer(0),)),),
        (Attribute("printer-up-time", (integer(-5),)),),
        (Attribute("printer-up-time", (keyword("long"),)),),
    ],
)
def test_a_printer_that_does_not_say(attributes: tuple[Attribute, ...]) -> None:
    assert run(booted(started(*attributes), "alice", NOW)) is None
