"""Heads of answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from ippgate.exchange.ports import Answer, Head
from ippgate.listener.answer import chunk, has_body, head_of, in_words

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def asked(method: str = "GET", version: tuple[int, int] = (1, 1)) -> Head:
    return Head(method, "/", version, (), 0)


async def pieces() -> AsyncIterator[bytes]:
    yield b"piece"


def lines(answer: Answer, head: Head, *, close: bool = False) -> list[str]:
    text = head_of(answer, head, close=close, now=NOW).decode()
    assert text.endswith("\r\n\r\n")
    return text.split("\r\n")[:-2]


def test_of_known_length() -> None:
    assert lines(Answer(200, (("Content-Type", "application/ipp"),), b"12345"), asked()) == [
        "HTTP/1.1 200 OK",
        "Content-Type: application/ipp",
        "Date: Mon, 02 Mar 2026 09:00:00 GMT",
        "Content-Length: 5",
    ]


def test_framing() -> None:
    streamed = Answer(200, (), pieces())
    assert "Transfer-Encoding: chunked" in lines(streamed, asked())
    old = lines(streamed, asked(version=(1, 0)), close=True)
    assert "Connection: close" in old
    assert not any(line.startswith(("Transfer-Encoding", "Content-Length")) for line in old)
    assert "Connection: keep-alive" in lines(Answer(200), asked(version=(1, 0)))
    assert not any("Content-Length" in line for line in lines(Answer(204), asked()))


def test_bodies_that_are_not_sent() -> None:
    assert has_body(Answer(200), asked())
    assert not has_body(Answer(200), asked("HEAD"))
    assert not has_body(Answer(204), asked())


def test_unknown_statuses_have_a_reason_too() -> None:
    assert lines(Answer(499), asked())[0] == "HTTP/1.1 499 Status"


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "a\r", "\N{EM DASH}"])
def test_fields_that_cannot_be_said(value: str) -> None:
    with pytest.raises(ValueError, match=r"line break|codec"):
        head_of(Answer(200, (("X", value),)), asked(), close=False, now=NOW)


def test_chunks_and_words() -> None:
    assert chunk(b"x" * 26) == b"1a\r\n" + b"x" * 26 + b"\r\n"
    answer = in_words(400, "No.")
    assert (answer.status, answer.body, answer.close) == (400, b"No.\n", True)
