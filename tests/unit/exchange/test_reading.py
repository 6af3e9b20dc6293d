"""Attributes off a stream of octets, from clients and from printers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.exchange.ports import ClientGone, PrinterUnavailable
from ippgate.exchange.reading import read_reply, read_request
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation
from ippgate.ipp.errors import DecodeError
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import keyword
from tests.support.exchange_fakes import FakeBody, FakeReply, ipp_reply, request, run
from tests.support.messages import chunked, messages

ASKED = request(Operation.GET_PRINTER_ATTRIBUTES, request_id=7)


@given(messages(), st.binary(max_size=30), st.lists(st.integers(1, 40), max_size=4))
def test_however_it_comes_the_message_is_whole_and_no_document_octet_is_lost(
    message: Message, document: bytes, sizes: list[int]
) -> None:
    attributes = encode(message)
    stream = FakeReply(chunked(attributes + document, sizes))
    section = run(read_request(stream))
    rest = section.rest
    while octets := run(stream.read()):
        rest += octets
    assert section.message == message
    assert section.octets == len(attributes)
    assert rest == document


def test_the_document_is_not_read_ahead() -> None:
    body = FakeBody(encode(ASKED) + b"x" * 10_000, piece=100)
    section = run(read_request(body))
    assert body.read_octets == section.octets + len(section.rest)
    assert len(section.rest) < 100


@pytest.mark.parametrize("octets", [b"", b"\x02\x00", encode(ASKED)[:-1], b"GET / HTTP/1.1\r\n"])
def test_a_request_that_ends_too_soon_or_is_none_is_no_message(octets: bytes) -> None:
    with pytest.raises(DecodeError):
        run(read_request(FakeBody(octets)))


def test_a_client_that_goes_away_is_no_bad_request() -> None:
    body = FakeBody(encode(ASKED)[:-1])
    body.error = ClientGone("connection lost")
    with pytest.raises(ClientGone):
        run(read_request(body))


def test_a_reply_is_read_and_its_connection_kept() -> None:
    reply = FakeReply([ipp_reply(ASKED), b"document"])
    section = run(read_reply(reply, 7))
    assert section.message.request_id == 7
    assert not reply.abandoned


@pytest.mark.parametrize(
    "octets",
    [b"", b"<html>It works!</html>", ipp_reply(ASKED)[:-1]],
    ids=["nothing", "a web page", "cut off"],
)
def test_what_a_printer_answers_instead_is_said_and_its_connection_dropped(octets: bytes) -> None:
    reply = FakeReply([octets] if octets else [])
    with pytest.raises(PrinterUnavailable, match="not valid IPP") as caught:
        run(read_reply(reply, 7))
    assert caught.value.sent
    assert reply.abandoned


def test_a_reply_to_somebody_elses_request_is_nobodys() -> None:
    reply = FakeReply([ipp_reply(ASKED, request_id=8)])
    with pytest.raises(PrinterUnavailable, match="another request") as caught:
        run(read_reply(reply, 7))
    assert caught.value.sent
    assert reply.abandoned


def test_printers_may_say_more_than_clients_and_not_without_end() -> None:
    def endless(count: int) -> FakeReply:
        values = tuple(keyword(f"{'x' * 200}-{number}") for number in range(count))
        group = Group(GroupTag.PRINTER, (Attribute("media-supported", values),))
        octets = encode(Message((1, 1), 0, 7, (*ASKED.groups, group)))
        return FakeReply(chunked(octets, [65536]))

    assert run(read_reply(endless(2_000), 7)).octets > 400_000
    with pytest.raises(DecodeError):
        run(read_request(endless(2_000)))
    with pytest.raises(PrinterUnavailable):
        run(read_reply(endless(40_000), 7))
