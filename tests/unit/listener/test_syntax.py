"""Heads and framing: what is a request, and what is refused with which status."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.exchange.ports import Head
from ippgate.listener.limits import HEAD_OCTETS, HEADERS
from ippgate.listener.syntax import BadRequest, RequestParser
from tests.support.http_conversation import post, post_head
from tests.support.peers import corpora


@dataclass
class Events:
    heads: list[tuple[Head, bool, bool]] = field(default_factory=list)
    body: bytes = b""
    messages: int = 0

    def head_parsed(self, head: Head, keep_alive: bool, upgrade: bool) -> None:
        self.heads.append((head, keep_alive, upgrade))

    def body_parsed(self, octets: bytes) -> None:
        self.body += octets

    def message_parsed(self) -> None:
        self.messages += 1


def parse(octets: bytes) -> Events:
    events = Events()
    RequestParser(events).feed(octets)
    return events


def refusal(octets: bytes) -> int:
    """The status, the same whole and octet by octet."""
    with pytest.raises(BadRequest) as whole:
        parse(octets)
    parser = RequestParser(Events())

    def by_octets() -> None:
        for number in range(len(octets)):
            parser.feed(octets[number : number + 1])

    with pytest.raises(BadRequest) as single:
        by_octets()
    assert single.value.status == whole.value.status
    return whole.value.status


def get(*fields: str, line: str = "GET / HTTP/1.1") -> bytes:
    return "\r\n".join([line, *fields]).encode("latin-1") + b"\r\n\r\n"


HOST = "Host: gate"


def test_a_request_is_parsed() -> None:
    events = parse(post(b"body", "Content-Type:  application/ipp ", "X-A: 1", "x-a: 2"))
    head, keep_alive, upgrade = events.heads[0]
    assert (head.method, head.target, head.version) == ("POST", "/printers/lab-1", (1, 1))
    assert head.content_length == 4
    assert head.values("content-type") == ["application/ipp"]
    assert head.values("x-a") == ["1", "2"]
    assert keep_alive
    assert not upgrade
    assert not head.expects_continue
    assert (events.body, events.messages) == (b"body", 1)


def test_chunks_are_parsed() -> None:
    events = parse(
        post_head("Transfer-Encoding: chunked") + b"3\r\nabc\r\n2;n=v\r\nde\r\n0\r\n\r\n"
    )
    assert events.heads[0][0].content_length is None
    assert (events.body, events.messages) == (b"abcde", 1)


@given(st.lists(st.integers(1, 30), max_size=12))
def test_any_cutting_gives_the_same(cuts: list[int]) -> None:
    octets = post(b"four") + post_head("Transfer-Encoding: chunked") + b"4\r\nfive\r\n0\r\n\r\n"
    events = Events()
    parser = RequestParser(events)
    for cut in cuts:
        parser.feed(octets[:cut])
        octets = octets[cut:]
    parser.feed(octets)
    assert (events.body, events.messages, len(events.heads)) == (b"fourfive", 2, 2)


@pytest.mark.parametrize(
    "octets",
    [
        get(),
        get(HOST, HOST),
        get("Host: a b"),
        get("Host: gate/path"),
        get("Host: gate,other"),
        get("Host: user@gate"),
        get(HOST, "Content-Length: 1", "Transfer-Encoding: chunked"),
        get(HOST, "Transfer-Encoding: chunked", "Content-Length: 1"),
        get(HOST, "Content-Length: 1", "Content-Length: 1"),
        get(HOST, "Content-Length: 1, 1"),
        get(HOST, "Content-Length: +1"),
        get(HOST, "Content-Length: -1"),
        get(HOST, "Content-Length: 0x1"),
        get(HOST, "Content-Length: 1_0"),
        get(HOST, "Content-Length:"),
        get(HOST, "Content-Length: 1000000000000000"),
        get(HOST, "Content-Length: 99999999999999999999"),
        get(HOST, "Transfer-Encoding: gzip, chunked"),
        get(HOST, "Transfer-Encoding: chunked, chunked"),
        get(HOST, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        get(HOST, "Transfer-Encoding: identity"),
        get(HOST, "Transfer-Encoding: xchunked"),
        get(HOST, "Transfer-Encoding: chunked", line="POST / HTTP/1.0"),
        get(HOST, "Authorization: Basic YTpi", "Authorization: Basic YTpj"),
        get(HOST, "Content-Type: application/ipp", "Content-Type: text/plain"),
        get(HOST, "Expect: 100-continue", "Expect: 100-continue"),
        get(HOST, "X: a\rb"),
        get(HOST, "X: a\nb: c"),
        get(HOST, "X: a\x00b"),
        get(HOST, "X : a"),
        get(HOST, "X: a", " folded"),
        get(HOST, "X: a", "\tfolded"),
        get(HOST, "no colon"),
        get(HOST, "X\x00: a"),
        b"GET / HTTP/1.1\nHost: gate\n\n",
        get(HOST, line="GET http://gate/ HTTP/1.1"),
        get(HOST, line="GET gate HTTP/1.1"),
        get(HOST, line="GET * HTTP/1.1"),
        get(HOST, line="GET /a b HTTP/1.1"),
        get(HOST, line="GET /\xfc HTTP/1.1"),
        get(HOST, line="CONNECT gate:631 HTTP/1.1"),
        get(HOST, line="CONNECT / HTTP/1.1"),
        get(HOST, line="TRACE / HTTP/1.1"),
        get(HOST, line="FETCH / HTTP/1.1"),
        get(HOST, line="GET / HTTP/1.2"),
        get(HOST, "Upgrade: h2c", "Connection: upgrade", "Content-Length: 1"),
        get(HOST, "Upgrade: h2c", "Connection: upgrade", "Transfer-Encoding: chunked"),
        b"\x16\x03\x01",
    ],
)
def test_refused_with_400(octets: bytes) -> None:
    assert refusal(octets) == 400


@pytest.mark.parametrize(
    ("status", "octets"),
    [
        (505, b"GET /\r\n\r\n"),
        (505, get(HOST, line="GET / HTTP/0.9")),
        (505, get(HOST, line="GET / HTTP/2.0")),
        (417, get(HOST, "Expect: a-miracle")),
    ],
)
def test_refused_otherwise(status: int, octets: bytes) -> None:
    assert refusal(octets) == status


CHUNKED = post_head("Transfer-Encoding: chunked")


@pytest.mark.parametrize(
    "rest",
    [
        b"x\r\n",
        b"-1\r\n",
        b"0x1\r\n",
        b"1 \r\na",
        b"1\na\r\n",
        b"1\r\na\n0\r\n",
        b"1\r\nab\r\n",
        b"11111111111111111\r\n",
        b"1;\r\na",
        b"1;a=\x00\r\na",
        b"0\r\nTrailer: x\r\n\r\n",
        b"1;" + b"e" * 40_000 + b"\r\na\r\n0\r\n\r\n",
        b"0" * 40_000 + b"1\r\na\r\n",
        (b"1;" + b"e" * 200 + b"\r\na\r\n") * 400,
    ],
)
def test_chunks_refused(rest: bytes) -> None:
    assert refusal(CHUNKED + rest) == 400


def test_long_chunk_extensions_are_seen_among_pipelined_requests_too() -> None:
    long = CHUNKED + b"1;" + b"e" * 150_000 + b"\r\na\r\n0\r\n\r\n"
    assert refusal(post(b"body") + long + post(b"body")) == 400


def test_a_large_body_and_the_next_head_in_one_delivery() -> None:
    parser = RequestParser(events := Events())
    parser.feed(post(b"b" * 200_000) + post(b"c" * 10)[:-20])
    parser.feed(post(b"c" * 10)[-20:])
    assert events.messages == 2


def test_many_small_chunks_are_no_attack() -> None:
    events = parse(CHUNKED + b"1\r\na\r\n" * 50_000 + b"0\r\n\r\n")
    assert events.body == b"a" * 50_000


@pytest.mark.parametrize(
    "octets",
    [
        get(HOST, "X: " + "a" * HEAD_OCTETS),
        get(HOST, *[f"X-{n}: {'a' * 1000}" for n in range(40)]),
        get(HOST, *[f"X-{n}: a" for n in range(HEADERS)]),
        get(HOST, line=f"GET /{'a' * HEAD_OCTETS} HTTP/1.1"),
        b"GET / HTTP/1.1\r\nX: " + b"a" * (HEAD_OCTETS + 10),
        b"\r\n" * HEAD_OCTETS,
    ],
)
def test_large_heads_are_431(octets: bytes) -> None:
    assert refusal(octets) == 431


def test_line_breaks_between_requests_have_an_end_too() -> None:
    parser = RequestParser(Events())
    parser.feed(post(b"body"))
    for _ in range(HEAD_OCTETS // 2):
        parser.feed(b"\r\n")
    with pytest.raises(BadRequest) as refused:
        parser.feed(b"\r\n")
    assert refused.value.status == 431


def test_a_head_of_16_kib_of_credentials_is_served() -> None:
    assert parse(get(HOST, "Authorization: Negotiate " + "A" * 16384)).messages == 1


@pytest.mark.parametrize(
    ("kept", "octets"),
    [
        (True, get(HOST)),
        (False, get(HOST, "Connection: close")),
        (False, get(HOST, "Connection: Keep-Alive, Close")),
        (False, get(line="GET / HTTP/1.0")),
        (True, get("Connection: Keep-Alive", line="GET / HTTP/1.0")),
    ],
)
def test_keep_alive(kept: bool, octets: bytes) -> None:
    assert parse(octets).heads[0][1] is kept


def test_expect_is_of_1_1() -> None:
    assert parse(post(b"", "Expect: 100-Continue")).heads[0][0].expects_continue
    old = parse(get("Expect: 100-continue", line="GET / HTTP/1.0"))
    assert not old.heads[0][0].expects_continue


@pytest.mark.parametrize("host", ["gate", "gate:631", "192.0.2.1:631", "[2001:db8::1]:631", ""])
def test_hosts(host: str) -> None:
    assert parse(get(f"Host: {host}")).messages == 1


@pytest.mark.parametrize("host", ["[::::]", "[1.2.3.4]", "gate:65536", "[::1", "gate/", "a@gate"])
def test_hosts_that_no_address_can_be_made_of(host: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse(get(f"Host: {host}"))
    assert refused.value.status == 400
    assert "Host" in refused.value.words


def test_what_follows_an_upgrade_is_handed_back() -> None:
    events = Events()
    rest = RequestParser(events).feed(
        get(HOST, "Upgrade: TLS/1.2", "Connection: Upgrade", line="OPTIONS * HTTP/1.1") + b"\x16TLS"
    )
    assert rest == b"\x16TLS"
    head, _, upgrade = events.heads[0]
    assert (head.target, upgrade) == ("*", True)


def test_every_case_that_strict_llhttp_refuses_is_refused() -> None:
    folder = corpora()
    cases = json.loads((folder / "http" / "llhttp" / "manifest.json").read_text())
    strict = [case for case in cases if case["strict"] and case["llhttp_error"]]
    assert len(strict) > 50
    passed = []
    for case in strict:
        parser = RequestParser(Events())
        try:
            rest = parser.feed((folder / case["file"]).read_bytes())
            parser.feed(b"\r\n")  # some end within their head
        except BadRequest:
            continue
        if not (rest or "Upgrade" in case["llhttp_error"]):
            passed.append((case["file"], case["title"]))
    assert not passed
