"""Answers as octets (RFC 9112 sections 4 and 6)."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus

from ippgate.exchange.ports import Answer, Head

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
_BODILESS = frozenset({204, 304})


def head_of(answer: Answer, head: Head, *, close: bool, now: datetime) -> bytes:
    """The answer's head. A body of known length gets Content-Length; another one is chunked, or
    delimited by closing for HTTP/1.0 clients.

    Raises ValueError for fields that cannot be sent."""
    lines = [f"HTTP/1.1 {answer.status} {_reason(answer.status)}"]
    lines += (f"{name}: {value}" for name, value in answer.headers)
    lines.append(f"Date: {format_datetime(now, usegmt=True)}")
    if isinstance(answer.body, bytes):
        if answer.status not in _BODILESS:
            lines.append(f"Content-Length: {len(answer.body)}")
    elif head.version == (1, 1):
        lines.append("Transfer-Encoding: chunked")
    if close:
        lines.append("Connection: close")
    elif head.version == (1, 0):
        lines.append("Connection: keep-alive")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
        raise ValueError("a header field of an answer holds a line break")
    return f"{text}\r\n\r\n".encode("latin-1")


def has_body(answer: Answer, head: Head) -> bool:
    """Whether the body is sent."""
    return head.method != "HEAD" and answer.status not in _BODILESS


def chunk(octets: bytes) -> bytes:
    """One chunk (RFC 9112 section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(octets), octets)


def in_words(status: int, words: str) -> Answer:
    """An answer of plain text that ends the connection."""
    headers = (("Content-Type", "text/plain; charset=utf-8"),)
    return Answer(status, headers, f"{words}\n".encode(), close=True)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Status"
