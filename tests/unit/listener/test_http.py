"""One client's connection: requests in turn, framing of answers, refusals, corpora."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from ippgate.exchange.ports import Answer, Body, Head, Peer
from ippgate.listener.limits import HEAD_OCTETS, PIPELINED
from tests.support.http_conversation import (
    GET,
    Conversation,
    Seen,
    bodies,
    post,
    post_head,
    statuses,
)
from tests.support.peers import corpora


async def pieces(*octets: bytes) -> AsyncIterator[bytes]:
    for piece in octets:
        yield piece


class RequestTests(SynchronousTestCase):
    def test_a_request_is_answered_and_the_connection_kept(self) -> None:
        seen = Seen()
        client = Conversation(seen)
        answer = client.send(post(b"body"))
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT" in head
        assert b"\r\nContent-Length: 8" in head
        assert b"Connection:" not in head
        assert (body, seen.bodies) == (b"served 1", [b"body"])
        assert not client.over()
        assert statuses(client.send(post(b"more"))) == [200]

    def test_who_asks_is_told(self) -> None:
        seen = Seen()
        Conversation(seen).send(GET)
        assert seen.peers == [Peer("192.0.2.1", 50000, 631)]

    def test_octet_by_octet_is_the_same(self) -> None:
        seen = Seen()
        client = Conversation(seen)
        chunked = post_head("Transfer-Encoding: chunked") + b"4\r\nfive\r\n0\r\n\r\n"
        assert statuses(client.send_each(post(b"four") + chunked)) == [200, 200]
        assert seen.bodies == [b"four", b"five"]

    def test_close_is_honoured_and_said(self) -> None:
        client = Conversation(Seen())
        answer = client.send(post(b"body", "Connection: close"))
        assert b"\r\nConnection: close\r\n" in answer
        assert client.over()
        assert not client.transport.aborted()

    def test_http_1_0_closes_unless_asked(self) -> None:
        client = Conversation(Seen())
        assert b"Connection: close" in client.send(b"GET / HTTP/1.0\r\n\r\n")
        assert client.over()
        kept = Conversation(Seen())
        answer = kept.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert b"Connection: keep-alive" in answer
        assert not kept.over()

    def test_the_application_may_close(self) -> None:
        async def closing(head: Head, body: Body, peer: Peer) -> Answer:
            return Answer(200, (), b"", close=True)

        client = Conversation(closing)
        assert b"Connection: close" in client.send(GET)
        assert client.over()

    def test_a_failing_application_is_500_and_logged(self) -> None:
        async def broken(head: Head, body: Body, peer: Peer) -> Answer:
            raise ZeroDivisionError

        client = Conversation(broken)
        answer = client.send(GET)
        assert statuses(answer) == [500]
        assert b"ZeroDivision" not in answer
        assert len(self.flushLoggedErrors(ZeroDivisionError)) == 1  # type: ignore[no-untyped-call]

    def test_an_answer_that_cannot_be_said_ends_the_connection(self) -> None:
        for header in ("a\r\nX-Injected: b", "a\nb", "a\rb", "\N{EM DASH}"):

            async def split(head: Head, body: Body, peer: Peer, value: str = header) -> Answer:
                return Answer(401, (("WWW-Authenticate", value),), b"")

            client = Conversation(split)
            assert client.send(GET) == b""
            assert client.transport.aborted()
            assert len(self.flushLoggedErrors(ValueError)) == 1  # type: ignore[no-untyped-call]

    def test_the_line_break_of_old_clients_after_a_body(self) -> None:
        seen = Seen()
        client = Conversation(seen)
        client.send(post(b"body") + b"\r\n")
        assert statuses(client.send(post(b"more"))) == [200]
        assert seen.bodies == [b"body", b"more"]


class PipeliningTests(SynchronousTestCase):
    def waiting(self) -> tuple[Conversation, Seen, list[Deferred[Answer]]]:
        turns: list[Deferred[Answer]] = []

        async def later(head: Head, body: Body, peer: Peer) -> Answer:
            while await body.read():
                pass
            turns.append(Deferred())
            return await turns[-1]

        seen = Seen(later)
        return Conversation(seen), seen, turns

    def test_requests_in_one_piece_are_answered_in_turn(self) -> None:
        client, seen, turns = self.waiting()
        client.send(post(b"a") + post(b"b") + GET)
        assert len(seen.heads) == 1
        turns[0].callback(Answer(200, (), b"first"))
        assert len(seen.heads) == 2
        turns[1].callback(Answer(200, (), b"second"))
        turns[2].callback(Answer(200, (), b"third"))
        said = client.transport.take()
        assert list(bodies(said)) == [b"first", b"second", b"third"]

    def test_later_octets_are_held_and_the_transport_paused(self) -> None:
        client, seen, turns = self.waiting()
        client.send(GET)
        client.send(post(b"b"))
        assert client.transport.paused()
        assert len(seen.heads) == 1
        turns[0].callback(Answer(200, (), b"first"))
        assert not client.transport.paused()
        assert [head.method for head in seen.heads] == ["GET", "POST"]

    def test_nothing_follows_a_close(self) -> None:
        client, seen, turns = self.waiting()
        client.send(post(b"a", "Connection: close"))
        client.send(GET)
        turns[0].callback(Answer(200, (), b"first"))
        assert statuses(client.transport.take()) == [200]
        assert len(seen.heads) == 1
        assert client.over()

    def test_too_many_at_once_are_refused_after_those_before(self) -> None:
        seen = Seen()
        client = Conversation(seen)
        said = statuses(client.send(GET * (PIPELINED + 3)))
        assert said == [200] * PIPELINED + [400]
        assert client.over()

    def test_nonsense_after_a_request_is_400_in_its_turn(self) -> None:
        client, _, turns = self.waiting()
        client.send(post(b"a") + b"nonsense\r\n\r\n")
        turns[0].callback(Answer(200, (), b"first"))
        assert statuses(client.transport.take()) == [200, 400]
        assert client.over()


class RefusalTests(SynchronousTestCase):
    def refused(self, octets: bytes, status: int = 400) -> None:
        for way in ("whole", "each"):
            seen = Seen()
            client = Conversation(seen)
            said = client.send(octets) if way == "whole" else client.send_each(octets)
            assert statuses(said) == [status], f"{way}: {octets[:200]!r}"
            assert b"\r\nConnection: close\r\n" in said
            assert client.over()
            assert seen.bodies == []
            if way == "whole":
                assert seen.heads == []

    def test_framings_that_smuggle(self) -> None:
        self.refused(post(b"0\r\n\r\n", "Transfer-Encoding: chunked"))
        self.refused(post_head("Transfer-Encoding: chunked", "Content-Length: 5") + b"0\r\n\r\n")
        self.refused(post(b"abc", "Content-Length: 3"))
        self.refused(post_head("Content-Length: 3, 3") + b"abc")
        self.refused(post_head("Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n")
        self.refused(post(b"", "Host: other"))
        self.refused(post(b"", "Authorization: a", "Authorization: b"))
        self.refused(b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")

    def test_a_body_that_turns_out_malformed(self) -> None:
        chunked = post_head("Transfer-Encoding: chunked")
        self.refused(chunked + b"3\r\nabc\r\nnonsense\r\n\r\n")
        self.refused(chunked + b"3\r\nabc\r\n0\r\nTrailer: field\r\n\r\n")
        self.refused(chunked + b"3\nabc\n0\n\n")

    def test_what_is_no_target(self) -> None:
        for line in (b"GET http://gate/ HTTP/1.1", b"CONNECT gate:1 HTTP/1.1", b"TRACE / HTTP/1.1"):
            self.refused(line + b"\r\nHost: gate\r\n\r\n")

    def test_no_upgrade_is_made_here(self) -> None:
        self.refused(GET[:-2] + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        self.refused(post(b"body", "Connection: Upgrade", "Upgrade: TLS/1.2"))

    def test_large_heads(self) -> None:
        self.refused(GET[:-2] + b"X: " + b"a" * HEAD_OCTETS + b"\r\n\r\n", 431)

    def test_other_versions(self) -> None:
        self.refused(b"GET / HTTP/2.0\r\nHost: gate\r\n\r\n", 505)
        self.refused(b"GET /\r\n\r\n", 505)


def _strict_cases() -> list[tuple[str, bytes, int]]:
    folder = corpora()
    cases = json.loads((folder / "http" / "llhttp" / "manifest.json").read_text())
    return [
        (case["title"], (folder / case["file"]).read_bytes(), case["messages"])
        for case in cases
        if case["strict"] and case["llhttp_error"]
    ]


@pytest.mark.parametrize("way", ["whole", "octet by octet"])
def test_what_strict_llhttp_refuses_is_answered_400_and_closed(way: str) -> None:
    for title, octets, messages in _strict_cases():
        seen = Seen()
        client = Conversation(seen)
        said = client.send(octets) if way == "whole" else client.send_each(octets)
        if not client.over():
            said += client.send(b"\r\n")  # some cases end within their head
        assert client.over(), title
        assert messages or statuses(said) in ([400], [505]), (title, said)
        assert len(seen.bodies) <= messages, f"{title}: served {seen.bodies!r}"


@pytest.mark.parametrize("way", ["whole", "octet by octet"])
def test_with_a_host_they_are_refused_for_what_they_are(way: str) -> None:
    """Most cases have no Host, which is a refusal of its own."""
    for title, octets, messages in _strict_cases():
        if b"\r\n" not in octets or b"ost:" in octets:
            continue
        line, _, rest = octets.partition(b"\r\n")
        seen = Seen()
        client = Conversation(seen)
        whole = line + b"\r\nHost: gate\r\n" + rest
        said = client.send(whole) if way == "whole" else client.send_each(whole)
        if not client.over():
            said += client.send(b"\r\n")
        assert client.over(), title
        assert len(seen.bodies) <= messages, f"{title}: served {seen.bodies!r}"
        assert messages or statuses(said) in ([400], [505]), (title, said)
