"""A document on its way through: the same octets, digested, never ahead of the printer."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.exchange.forwarding import DocumentStream, empty
from ippgate.exchange.ports import ClientGone
from tests.support.exchange_fakes import FakeBody, collect, run


@given(st.binary(max_size=20), st.binary(max_size=5000), st.integers(1, 2000))
def test_the_printer_gets_what_the_client_sent_and_the_facts_are_of_exactly_that(
    first: bytes, rest: bytes, piece: int
) -> None:
    document = DocumentStream(first, FakeBody(rest, piece), "application/pdf")
    assert run(collect(document.__aiter__())) == first + rest
    facts = document.facts()
    assert facts.octets == len(first + rest)
    assert facts.sha256 == hashlib.sha256(first + rest).hexdigest()
    assert facts.declared == "application/pdf"


def test_a_format_is_detected_though_it_began_with_the_attributes() -> None:
    document = DocumentStream(b"%P", FakeBody(b"DF-1.7"), "image/jpeg")
    run(collect(document.__aiter__()))
    assert document.facts().detected == "application/pdf"


def test_nothing_is_read_before_the_printer_asks_for_it() -> None:
    body = FakeBody(b"x" * 3000)
    pieces = DocumentStream(b"first", body, None).__aiter__()
    assert body.read_octets == 0
    assert run(pieces.__anext__()) == b"first"
    assert body.read_octets == 0
    run(pieces.__anext__())
    assert body.read_octets == 1000


def test_of_a_document_that_broke_off_is_known_what_passed() -> None:
    body = FakeBody(b"%PDF-1.7 half")
    body.error = ClientGone("connection lost")
    document = DocumentStream(b"", body, None)
    with pytest.raises(ClientGone):
        run(collect(document.__aiter__()))
    assert document.facts().octets == 13
    assert document.facts().sha256 == hashlib.sha256(b"%PDF-1.7 half").hexdigest()


def test_where_no_document_belongs_one_octet_is_too_many_wherever_it_comes() -> None:
    assert run(empty(b"", FakeBody(b"")))
    assert not run(empty(b"x", FakeBody(b"")))
    assert not run(empty(b"", FakeBody(b"x")))
