"""Answers in pieces: framing, and their own end when a client goes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from ippgate.exchange.ports import Answer, Body, Head, Peer, PrinterUnavailable
from tests.support.http_conversation import GET, Conversation, Seen, statuses


class StreamedAnswerTests(SynchronousTestCase):
    def streaming(self, *octets: bytes, ends: BaseException | None = None) -> Seen:
        self.ended = False

        async def pieces() -> AsyncIterator[bytes]:
            try:
                for piece in octets:
                    yield piece
                if ends is not None:
                    raise ends
            finally:
                self.ended = True

        async def stream(head: Head, body: Body, peer: Peer) -> Answer:
            return Answer(200, (), pieces())

        return Seen(stream)

    def test_it_is_chunked(self) -> None:
        client = Conversation(self.streaming(b"a" * 16, b"", b"b"))
        head, _, body = client.send(GET).partition(b"\r\n\r\n")
        assert b"\r\nTransfer-Encoding: chunked" in head
        assert b"Content-Length" not in head
        assert body == b"10\r\n" + b"a" * 16 + b"\r\n1\r\nb\r\n0\r\n\r\n"
        assert not client.over()

    def test_nothing_at_all_is_an_empty_answer(self) -> None:
        client = Conversation(self.streaming())
        assert client.send(GET).endswith(b"\r\n\r\n0\r\n\r\n")

    def test_http_1_0_is_told_the_end_by_closing(self) -> None:
        client = Conversation(self.streaming(b"a", b"b"))
        answer = client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert answer.endswith(b"\r\nConnection: close\r\n\r\nab")
        assert client.over()

    def test_head_has_no_body(self) -> None:
        client = Conversation(self.streaming(b"a"))
        answer = client.send(GET.replace(b"GET", b"HEAD"))
        assert answer.endswith(b"\r\n\r\n")
        assert answer.count(b"\r\n\r\n") == 1
        assert self.ended
        assert statuses(client.send(GET)) == [200]

    def test_one_that_breaks_off_does_not_look_complete(self) -> None:
        client = Conversation(self.streaming(b"a", ends=PrinterUnavailable("gone")))
        assert b"\r\n0\r\n" not in client.send(GET)
        assert client.transport.aborted()

    def test_its_end_runs_when_the_client_goes(self) -> None:
        client = Conversation(self.streaming(b"a", b"b"))
        client.transport.fill()
        client.send(GET)
        client.transport.end()
        assert self.ended

    def test_its_end_runs_when_the_client_went_before(self) -> None:
        go: Deferred[None] = Deferred()
        stream = self.streaming(b"a", b"b")

        async def later(head: Head, body: Body, peer: Peer) -> Answer:
            await go
            return await stream(head, body, peer)

        client = Conversation(later)
        client.send(GET)
        client.transport.end()
        go.callback(None)
        assert self.ended
        assert client.transport.take() == b""
