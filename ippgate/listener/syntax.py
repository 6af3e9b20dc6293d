"""HTTP/1.1 syntax of requests (RFC 9112): llhttp, and what llhttp leaves open.

llhttp refuses bare CR or LF, folded lines, both framings at once, bad chunk sizes and more. Refused
here besides: no Host or two, versions other than 1.0 and 1.1, Transfer-Encoding in HTTP/1.0 or
other than chunked, CONNECT and TRACE, trailers, long chunk extensions, targets that are not a path,
fields given twice that must not be.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Protocol

import httptools

from ippgate.exchange.ports import Head
from ippgate.listener.limits import CHUNK_OVERHEAD, HEAD_OCTETS, HEADERS, OVERHEAD_ALLOWANCE

_SINGLE = frozenset(
    {
        "authorization",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "origin",
        "transfer-encoding",
    }
)
_HOST = re.compile(
    r"(?:[A-Za-z0-9._~-]{1,253}|\[(?P<six>[0-9A-Fa-f:.]{2,45})\])(?::(?P<port>[0-9]{1,5}))?"
)
_TARGET = re.compile(r"/[!-~]*")
_NEVER_SERVED = frozenset({"CONNECT", "TRACE"})
"""They ask a proxy for a tunnel, and a server to show what it was sent: credentials, too."""
_MAX_LENGTH_DIGITS = 15
_VERSIONS = {"1.0": (1, 0), "1.1": (1, 1)}


class BadRequest(Exception):
    """The octets are not a request that is served: answer ``status`` and close."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


class Events(Protocol):
    """What a parser tells. Any of them may raise BadRequest."""

    def head_parsed(self, head: Head, keep_alive: bool, upgrade: bool) -> None: ...
    def body_parsed(self, octets: bytes) -> None: ...
    def message_parsed(self) -> None: ...


class RequestParser:
    """Parses the requests of one connection; tells ``events`` as it goes."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._parser = httptools.HttpRequestParser(self)
        self._headers: list[tuple[str, str]] = []
        self._target = b""
        self._head_octets = 0
        self._in_head = self._between = True
        self._head_fed = 0
        self._overhead = 0
        self._allowed = 0

    def feed(self, octets: bytes) -> bytes:
        """Parses; returns what follows a request that asked for an upgrade, else nothing.

        Raises BadRequest; the parser is of no further use then.
        """
        self._overhead += len(octets)
        if self._in_head:
            self._head_fed += len(octets)
        try:
            self._parser.feed_data(octets)
        except httptools.HttpParserUpgrade as upgrade:
            return octets[upgrade.args[0] :]
        except httptools.HttpParserCallbackError as error:
            if isinstance(error.__context__, BadRequest):
                raise error.__context__ from None
            raise
        except httptools.HttpParserError as error:
            raise BadRequest(400, f"Not valid HTTP/1.1: {error}") from None
        if self._in_head and self._head_fed > HEAD_OCTETS:
            raise BadRequest(431, f"The head is larger than {HEAD_OCTETS} octets")
        if self._allowed and self._overhead > self._allowed:
            raise BadRequest(400, "Chunk extensions are too long")
        if self._between:
            self._overhead = self._allowed = 0
        return b""

    # --- httptools' callbacks -------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._headers = []
        self._target = b""
        self._head_octets = 0
        self._between = False
        self._allowed += OVERHEAD_ALLOWANCE

    def on_url(self, url: bytes) -> None:
        self._target += url
        self._grow(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:
            raise BadRequest(400, "Trailer fields are not accepted")
        if len(self._headers) >= HEADERS:
            raise BadRequest(431, f"More than {HEADERS} header fields")
        self._grow(len(name) + len(value) + 4)
        text = value.decode("latin-1").strip(" \t")
        self._headers.append((name.decode("latin-1").lower(), text))

    def on_headers_complete(self) -> None:
        version = _VERSIONS.get(self._parser.get_http_version())
        if version is None:
            raise BadRequest(505, "Only HTTP/1.1 and HTTP/1.0 are served")
        method = self._parser.get_method().decode("ascii")
        if method in _NEVER_SERVED:
            raise BadRequest(400, f"{method} is not accepted")
        fields = self._fields(version)
        head = Head(
            method=method,
            target=self._checked_target(),
            version=version,
            headers=tuple(self._headers),
            content_length=_content_length(fields),
            expects_continue=_expects_continue(fields, version),
        )
        upgrade = self._parser.should_upgrade()
        if upgrade and head.content_length != 0:
            raise BadRequest(400, "An upgrade with a body is not accepted")
        self._in_head = False
        self._head_fed = 0
        self._events.head_parsed(head, _keep_alive(fields, version), upgrade)

    def on_chunk_header(self) -> None:
        self._allowed += CHUNK_OVERHEAD

    def on_body(self, octets: bytes) -> None:
        self._overhead -= len(octets)
        self._events.body_parsed(octets)

    def on_message_complete(self) -> None:
        self._in_head = self._between = True
        self._events.message_parsed()

    # --- what llhttp leaves open ----------------------------------------------------------------

    def _grow(self, octets: int) -> None:
        self._head_octets += octets
        if self._head_octets > HEAD_OCTETS:
            raise BadRequest(431, f"The head is larger than {HEAD_OCTETS} octets")

    def _checked_target(self) -> str:
        target = self._target.decode("latin-1")
        if target == "*" and self._parser.get_method() == b"OPTIONS":
            return target
        if not _TARGET.fullmatch(target):
            raise BadRequest(400, "The request target must be a path")
        return target

    def _fields(self, version: tuple[int, int]) -> dict[str, str]:
        fields: dict[str, str] = {}
        for name, value in self._headers:
            if name not in fields:
                fields[name] = value
            elif name in _SINGLE:
                raise BadRequest(400, f"{name} is given twice")
            else:
                fields[name] += f", {value}"
        host = fields.get("host")
        if host is None and version == (1, 1):
            raise BadRequest(400, "Host is missing")
        if host and not _is_host(host):
            raise BadRequest(400, "Host is not a host")
        encoding = fields.get("transfer-encoding")
        if encoding is not None:
            if version == (1, 0):
                raise BadRequest(400, "Transfer-Encoding is not of HTTP/1.0")
            if encoding.lower() != "chunked":
                raise BadRequest(400, "The only transfer coding is chunked")
            if "content-length" in fields:
                raise BadRequest(400, "Content-Length and Transfer-Encoding exclude each other")
        return fields


def _is_host(host: str) -> bool:
    """A name or an address, and perhaps a port: what addresses can be made of later."""
    match = _HOST.fullmatch(host)
    if match is None or int(match["port"] or 0) > 65535:
        return False
    if match["six"] is None:
        return True
    try:
        ipaddress.IPv6Address(match["six"])
    except ValueError:
        return False
    return True


def _content_length(fields: dict[str, str]) -> int | None:
    if "transfer-encoding" in fields:
        return None
    text = fields.get("content-length", "0")
    if not text.isascii() or not text.isdigit() or len(text) > _MAX_LENGTH_DIGITS:
        raise BadRequest(400, "Content-Length is not a number")
    return int(text)


def _expects_continue(fields: dict[str, str], version: tuple[int, int]) -> bool:
    expect = fields.get("expect")
    if expect is None or version == (1, 0):
        return False
    if expect.lower() != "100-continue":
        raise BadRequest(417, "The only expectation is 100-continue")
    return True


def _keep_alive(fields: dict[str, str], version: tuple[int, int]) -> bool:
    """RFC 9112 section 9.3."""
    options = {option.strip().lower() for option in fields.get("connection", "").split(",")}
    if "close" in options:
        return False
    return version == (1, 1) or "keep-alive" in options
