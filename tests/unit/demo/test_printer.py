"""The virtual printer does what one of its age does, so that the demo proves something."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ippgate.demo.capabilities import OPERATIONS
from ippgate.demo.printer import JOBS, VirtualPrinter
from ippgate.exchange.ports import Answer, ClientGone, Head, Peer
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation, Status, Tag
from ippgate.ipp.message import Attribute, Group, Message, Value
from ippgate.ipp.values import as_integer, boolean, integer, keyword, name
from tests.support.exchange_fakes import (
    PRINTER_URI,
    FakeBody,
    FakeClock,
    message_of,
    request,
    run,
    texts_of,
)

PEER = Peer("127.0.0.1", 50000, 8000)
HELD, PROCESSING, CANCELED, ABORTED, COMPLETED = 4, 5, 7, 8, 9


class Desk:
    """Somebody who stands in front of the printer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.printer = VirtualPrinter(folder, FakeClock())

    def send(self, octets: bytes, error: Exception | None = None, method: str = "POST") -> Answer:
        body = FakeBody(octets)
        body.error = error
        head = Head(method, "/ipp/print", (1, 1), (), len(octets))
        return run(self.printer(head, body, PEER))

    def ask(
        self,
        operation: int,
        *more: Attribute,
        document: bytes = b"",
        error: Exception | None = None,
        version: tuple[int, int] = (1, 1),
        **how: Any,
    ) -> Message:
        asked = request(operation, *more, target=PRINTER_URI, version=version, **how)
        return message_of(self.send(encode(asked) + document, error))

    def printed(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def state(self, job_id: int) -> int:
        return numbers(self.ask(Operation.GET_JOB_ATTRIBUTES, job_id=job_id), "job-state")[0]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def numbers(message: Message, attribute_name: str) -> list[int]:
    return [
        as_integer(value)
        for group in message.groups
        for attribute in group.attributes
        if attribute.name == attribute_name
        for value in attribute.values
        if isinstance(value, Value)
    ]


def attribute_names(message: Message) -> set[str]:
    group = message.group(GroupTag.PRINTER)
    assert group is not None
    return {attribute.name for attribute in group.attributes}


# --- printing -------------------------------------------------------------------------------------


def test_a_document_is_on_paper_octet_for_octet_and_the_job_is_done(desk: Desk) -> None:
    document = b"%PDF-1.7 " + bytes(range(256)) * 50
    reply = desk.ask(Operation.PRINT_JOB, document=document, user_name="alice")
    assert (reply.code, reply.request_id, reply.version) == (0, 77, (1, 1))
    assert numbers(reply, "job-id") == [1]
    assert texts_of(reply, "job-uri") == ["ipp://127.0.0.1:8000/ipp/print/1"]
    assert texts_of(reply, "job-originating-user-name") == ["alice"]
    assert desk.printed() == {"job-1.pdf": document}
    assert desk.state(1) == COMPLETED


@pytest.mark.parametrize(
    ("document", "file"),
    [
        (b"\xff\xd8\xff\xe0", "job-1.jpg"),
        (b"RaS2", "job-1.pwg"),
        (b"%!PS", "job-1.prn"),
        (b"", "job-1.prn"),
    ],
)
def test_paper_is_named_for_what_came_not_for_what_was_said(
    document: bytes, file: str, desk: Desk
) -> None:
    desk.ask(Operation.PRINT_JOB, document=document, document_format="application/pdf")
    assert desk.printed() == {file: document}


def test_it_believes_whatever_name_it_is_told(desk: Desk) -> None:
    assert texts_of(
        desk.ask(Operation.CREATE_JOB, user_name="root"), "job-originating-user-name"
    ) == ["root"]
    assert texts_of(
        desk.ask(Operation.CREATE_JOB, user_name=None), "job-originating-user-name"
    ) == ["anonymous"]


def test_a_job_waits_for_its_document_and_takes_one(desk: Desk) -> None:
    desk.ask(Operation.CREATE_JOB, Attribute("job-name", (name("minutes"),)))
    assert desk.state(1) == HELD
    last = Attribute("last-document", (boolean(True),))
    assert desk.ask(Operation.SEND_DOCUMENT, last, job_id=1, document=b"%PDF-").code == 0
    assert desk.printed() == {"job-1.pdf": b"%PDF-"}
    again = desk.ask(Operation.SEND_DOCUMENT, last, job_id=1, document=b"more")
    assert again.code == Status.CLIENT_ERROR_NOT_POSSIBLE
    assert desk.printed() == {"job-1.pdf": b"%PDF-"}


def test_half_a_document_is_no_paper_and_its_job_is_over(desk: Desk) -> None:
    with pytest.raises(ClientGone):
        desk.ask(Operation.PRINT_JOB, document=b"%PDF-1.7", error=ClientGone("lost"))
    assert desk.printed() == {}
    assert desk.state(1) == ABORTED
    assert numbers(desk.ask(Operation.GET_PRINTER_ATTRIBUTES), "queued-job-count") == [0]


# --- jobs -----------------------------------------------------------------------------------------


def test_a_job_is_canceled_once_and_not_when_it_is_done(desk: Desk) -> None:
    desk.ask(Operation.CREATE_JOB)
    desk.ask(Operation.PRINT_JOB, document=b"x")
    assert desk.ask(Operation.CANCEL_JOB, job_id=1).code == 0
    assert desk.state(1) == CANCELED
    for job_id in (1, 2):
        again = desk.ask(Operation.CANCEL_JOB, job_id=job_id)
        assert again.code == Status.CLIENT_ERROR_NOT_POSSIBLE
    assert desk.state(2) == COMPLETED


@pytest.mark.parametrize(
    "operation", [Operation.CANCEL_JOB, Operation.GET_JOB_ATTRIBUTES, Operation.SEND_DOCUMENT]
)
def test_a_job_that_it_does_not_know_is_not_found(operation: Operation, desk: Desk) -> None:
    assert desk.ask(operation, job_id=1).code == Status.CLIENT_ERROR_NOT_FOUND
    assert desk.ask(operation).code == Status.CLIENT_ERROR_NOT_FOUND


def test_jobs_are_listed_newest_first_by_state_by_name_and_as_many_as_asked(desk: Desk) -> None:
    for user in ("alice", "bob", "alice"):
        desk.ask(Operation.CREATE_JOB, user_name=user)
    desk.ask(Operation.PRINT_JOB, document=b"x", user_name="alice")

    def listed(*more: Attribute) -> list[int]:
        return numbers(desk.ask(Operation.GET_JOBS, *more, user_name="alice"), "job-id")

    assert listed() == [3, 2, 1]
    assert listed(Attribute("which-jobs", (keyword("completed"),))) == [4]
    assert listed(Attribute("my-jobs", (boolean(True),))) == [3, 1]
    assert listed(Attribute("limit", (integer(2),))) == [3, 2]


def test_it_forgets_the_oldest_jobs(desk: Desk) -> None:
    for _ in range(JOBS + 1):
        desk.ask(Operation.CREATE_JOB)
    assert desk.ask(Operation.GET_JOB_ATTRIBUTES, job_id=1).code == Status.CLIENT_ERROR_NOT_FOUND
    assert desk.state(2) == desk.state(JOBS + 1) == HELD


# --- what it says of itself -----------------------------------------------------------------------


def test_it_is_idle_until_a_job_waits(desk: Desk) -> None:
    def state() -> list[int]:
        return numbers(desk.ask(Operation.GET_PRINTER_ATTRIBUTES), "printer-state")

    assert state() == [3]
    desk.ask(Operation.CREATE_JOB)
    assert state() == [4]
    desk.ask(Operation.CANCEL_JOB, job_id=1)
    assert state() == [3]


def test_requested_attributes_are_those_that_come(desk: Desk) -> None:
    def asked(*names: str) -> set[str]:
        wanted = Attribute("requested-attributes", tuple(keyword(each) for each in names))
        return attribute_names(desk.ask(Operation.GET_PRINTER_ATTRIBUTES, wanted))

    everything = attribute_names(desk.ask(Operation.GET_PRINTER_ATTRIBUTES))
    assert "media-col-database" not in everything
    assert asked("printer-name", "printer-state") == {"printer-name", "printer-state"}
    assert asked("all") == everything
    assert asked("all", "media-col-database") == everything | {"media-col-database"}
    assert asked("no-such-attribute") == set()


def test_names_that_are_no_text_are_names_that_it_does_not_know(desk: Desk) -> None:
    wanted = Attribute("requested-attributes", (Value(Tag.KEYWORD, b"\xff"), keyword("all")))
    assert desk.ask(Operation.GET_PRINTER_ATTRIBUTES, wanted).code == 0


def test_it_does_what_it_says_it_does_and_nothing_else(desk: Desk) -> None:
    supported = numbers(desk.ask(Operation.GET_PRINTER_ATTRIBUTES), "operations-supported")
    assert supported == [int(operation) for operation in OPERATIONS]
    not_supported = Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED
    for code in range(0x0001, 0x0070):
        served = desk.ask(code, job_id=404).code != not_supported
        assert served == (code in supported), Operation(code).keyword


def test_it_knows_no_ipp_newer_than_itself(desk: Desk) -> None:
    for version, status in (
        ((1, 0), 0),
        ((1, 1), 0),
        ((2, 0), Status.SERVER_ERROR_VERSION_NOT_SUPPORTED),
    ):
        reply = desk.ask(Operation.VALIDATE_JOB, version=version)
        assert (reply.code, reply.version) == (status, (1, 1))


def test_what_is_not_ipp_is_a_bad_request(desk: Desk) -> None:
    assert desk.send(b"GET / HTTP/1.1\r\n").status == 400
    assert desk.send(b"").status == 400
    assert desk.send(b"", method="GET").status == 405


def test_a_group_that_is_missing_is_read_as_empty(desk: Desk) -> None:
    reply = message_of(desk.send(encode(Message((1, 1), Operation.GET_JOBS, 7, ()))))
    assert (reply.code, reply.request_id) == (0, 7)
    assert Group(GroupTag.JOB, ()) not in reply.groups
