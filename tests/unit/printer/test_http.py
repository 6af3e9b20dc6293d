"""One connection to a printer: what goes out, and what replies of all kinds become."""

from __future__ import annotations

from collections.abc import AsyncIterator

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from ippgate.exchange.ports import ClientGone, PrinterUnavailable
from ippgate.flow import HIGH_WATER
from ippgate.printer.address import PrinterAddress
from ippgate.printer.http import PrinterConnection
from ippgate.printer.limits import (
    ABANDONED_SECONDS,
    CLOSING_SECONDS,
    DISCARDED_OCTETS,
    HEAD_OCTETS,
    HEADERS,
    PrinterLimits,
)
from ippgate.printer.reply import Reply
from tests.support.transports import MemoryTransport

LIMITS = PrinterLimits(answer=60, answer_to_document=300, gap=30, stall=3600)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\n"
OK = HEAD + b"Content-Length: 5\r\n\r\nreply"


async def document(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


class PrinterTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.idle: list[PrinterConnection] = []
        self.lost: list[PrinterConnection] = []
        address = PrinterAddress.parse("ipp://printer.test/ipp/print")
        self.connection = PrinterConnection(
            address, self.clock, LIMITS, self.idle.append, self.lost.append
        )
        self.transport = MemoryTransport(self.connection)
        self.connection.makeConnection(self.transport)  # type: ignore[no-untyped-call]

    def ask(
        self,
        attributes: bytes = b"attributes",
        pieces: AsyncIterator[bytes] | None = None,
        length: int | None = None,
    ) -> Deferred[Reply]:
        return Deferred.fromCoroutine(self.connection.request(attributes, pieces, length))

    def replied(self, asked: Deferred[Reply]) -> Reply:
        reply: Reply = self.successResultOf(asked)
        return reply

    def read(self, reply: Reply) -> bytes:
        """All of it, when it is there."""

        async def whole() -> bytes:
            octets = b""
            while piece := await reply.read():
                octets += piece
            return octets

        result: bytes = self.successResultOf(Deferred.fromCoroutine(whole()))
        return result

    def failed(self, asked: Deferred[Reply]) -> str:
        failure = self.failureResultOf(asked, PrinterUnavailable)  # type: ignore[no-untyped-call]
        return str(failure.value)


class RequestTests(PrinterTestCase):
    def test_a_query_is_built_from_nothing(self) -> None:
        self.assertNoResult(self.ask())  # type: ignore[no-untyped-call]
        assert self.transport.take() == (
            b"POST /ipp/print HTTP/1.1\r\nHost: printer.test:631\r\n"
            b"Content-Type: application/ipp\r\nContent-Length: 10\r\n\r\nattributes"
        )

    def test_a_document_of_known_length(self) -> None:
        self.assertNoResult(self.ask(pieces=document(b"docu", b"", b"ment"), length=8))  # type: ignore[no-untyped-call]
        head, _, body = self.transport.take().partition(b"\r\n\r\n")
        assert b"\r\nContent-Length: 18" in head
        assert body == b"attributesdocument"

    def test_a_document_of_unknown_length_is_chunked(self) -> None:
        self.assertNoResult(self.ask(pieces=document(b"docu", b"", b"ment")))  # type: ignore[no-untyped-call]
        head, _, body = self.transport.take().partition(b"\r\n\r\n")
        assert head.endswith(b"Transfer-Encoding: chunked")
        assert b"Content-Length" not in head
        assert body == b"a\r\nattributes\r\n4\r\ndocu\r\n4\r\nment\r\n0\r\n\r\n"

    def test_a_document_that_is_shorter_than_was_said(self) -> None:
        why = self.failed(self.ask(pieces=document(b"docu"), length=8))
        assert why == "4 octets of the document never came"
        assert self.transport.aborted()

    def test_a_document_that_is_longer_than_was_said_is_cut_before_it_is_sent(self) -> None:
        why = self.failed(self.ask(pieces=document(b"docu", b"ment POST"), length=8))
        assert "longer" in why
        assert self.transport.take().endswith(b"attributesdocu")
        assert self.transport.aborted()

    def test_what_the_document_raises_is_raised_and_ends_the_connection(self) -> None:
        async def broken() -> AsyncIterator[bytes]:
            yield b"docu"
            raise ClientGone("away")

        self.failureResultOf(self.ask(pieces=broken()), ClientGone)  # type: ignore[no-untyped-call]
        assert self.transport.aborted()
        assert not self.transport.take().endswith(b"0\r\n\r\n")

    def test_a_printer_that_stops_reading_is_waited_for(self) -> None:
        given: list[bytes] = []

        async def pieces() -> AsyncIterator[bytes]:
            for piece in (b"one", b"two"):
                given.append(piece)
                yield piece

        self.full_from_the_beginning()
        asked = self.ask(pieces=pieces(), length=6)
        assert given == []
        self.clock.advance(3599)
        self.assertNoResult(asked)  # type: ignore[no-untyped-call]
        self.transport.empty()
        assert given == [b"one", b"two"]
        self.transport.deliver(OK)
        assert self.read(self.replied(asked)) == b"reply"

    def test_one_that_is_dead_is_not_waited_for_for_ever(self) -> None:
        self.full_from_the_beginning()
        asked = self.ask(pieces=document(b"document"), length=8)
        self.clock.advance(3600)
        assert self.failed(asked) == "it stopped reading the document"
        assert self.transport.aborted()

    def test_a_reply_to_what_the_system_still_holds_does_not_reset_the_connection(self) -> None:
        self.full_from_the_beginning()
        asked = self.ask(pieces=document(b"document"), length=8)
        self.transport.deliver(OK)
        assert self.read(self.replied(asked)) == b"reply"
        assert self.transport.closing()
        assert not self.transport.aborted()
        # It may take what was written, but not for ever.
        self.clock.advance(CLOSING_SECONDS)
        assert self.transport.aborted()

    def full_from_the_beginning(self) -> None:
        """The transport takes nothing."""
        register = self.transport.registerProducer

        def registered(producer: IPushProducer, streaming: bool) -> None:
            register(producer, streaming)  # type: ignore[no-untyped-call]
            producer.pauseProducing()

        self.patch(self.transport, "registerProducer", registered)  # type: ignore[no-untyped-call]


class ReplyTests(PrinterTestCase):
    def test_a_reply_is_read_and_the_connection_kept(self) -> None:
        asked = self.ask()
        self.transport.deliver(OK)
        assert self.read(self.replied(asked)) == b"reply"
        assert self.idle == [self.connection]
        assert not self.transport.closing()
        assert self.clock.getDelayedCalls() == []

    def test_octet_by_octet(self) -> None:
        asked = self.ask()
        for number in range(len(OK)):
            self.transport.deliver(OK[number : number + 1])
        assert self.read(self.replied(asked)) == b"reply"

    def test_chunked_replies_and_trailers(self) -> None:
        asked = self.ask()
        self.transport.deliver(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nreply\r\n0\r\n")
        reply = self.replied(asked)
        assert self.idle == []
        self.transport.deliver(b"X-Trailer: a\r\n\r\n")
        assert self.read(reply) == b"reply"
        assert self.idle == [self.connection]

    def test_replies_that_end_by_closing(self) -> None:
        for head in (HEAD, HEAD.replace(b"1.1", b"1.0")):
            self.setUp()
            asked = self.ask()
            self.transport.deliver(head + b"\r\nreply")
            reply = self.replied(asked)
            self.transport.end()
            assert self.read(reply) == b"reply"
            assert self.idle == []
            assert self.lost == [self.connection]

    def test_a_reply_that_ends_by_a_reset_is_not_whole(self) -> None:
        asked = self.ask()
        self.transport.deliver(HEAD + b"\r\nrep")
        reply = self.replied(asked)
        self.transport.end(clean=False)
        failing = Deferred.fromCoroutine(reply.read())
        assert self.failed(failing) == "it broke the connection"  # type: ignore[arg-type]

    def test_close_is_honoured(self) -> None:
        asked = self.ask()
        self.transport.deliver(HEAD + b"Connection: close\r\nContent-Length: 5\r\n\r\nreply")
        assert self.read(self.replied(asked)) == b"reply"
        assert self.idle == []
        assert self.transport.closing()

    def test_interim_replies_are_ignored(self) -> None:
        asked = self.ask()
        self.transport.deliver(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + OK)
        assert self.read(self.replied(asked)) == b"reply"
        assert self.idle == [self.connection]

    def test_endless_interim_replies(self) -> None:
        asked = self.ask()
        for _ in range(HEAD_OCTETS // 25 + 2):
            if not self.transport.closing():
                self.transport.deliver(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert self.failed(asked) == "the head of its reply does not end"

    def test_a_reply_before_the_document_is_complete(self) -> None:
        more: Deferred[None] = Deferred()
        given: list[bytes] = []

        async def pieces() -> AsyncIterator[bytes]:
            given.append(b"docu")
            yield b"docu"
            await more
            given.append(b"ment")
            yield b"ment"
            given.append(b"never")
            yield b"never"

        asked = self.ask(pieces=pieces())
        self.transport.deliver(OK)
        more.callback(None)
        assert self.read(self.replied(asked)) == b"reply"
        assert given == [b"docu", b"ment"], "the document is not read further"
        assert b"ment" not in self.transport.take().rpartition(b"docu")[2]
        assert self.idle == [], "half a request went out: nothing else may follow on this one"
        assert self.transport.closing()

    def test_more_after_a_reply_does_not_become_the_next_one(self) -> None:
        for rest in (OK, b"garbage", b"HTTP/1.1 "):
            self.setUp()
            asked = self.ask()
            self.transport.deliver(OK + rest)
            assert self.read(self.replied(asked)) == b"reply"
            assert self.idle == []
            assert self.transport.closing()

    def test_octets_that_answer_nothing_end_the_connection(self) -> None:
        asked = self.ask()
        self.transport.deliver(OK)
        self.replied(asked)
        self.transport.deliver(OK)
        assert self.transport.aborted()

    def test_a_printer_is_paused_while_nobody_reads(self) -> None:
        asked = self.ask()
        self.transport.deliver(HEAD + b"Content-Length: 10000000\r\n\r\n")
        reply = self.replied(asked)
        sent = 0
        while not self.transport.paused():
            self.transport.deliver(b"x" * 65536)
            sent += 65536
        assert sent <= HIGH_WATER + 65536
        read = 0
        while read < sent:
            octets: bytes = self.successResultOf(Deferred.fromCoroutine(reply.read()))
            read += len(octets)
        assert not self.transport.paused()

    def abandoned(self, head: bytes) -> None:
        self.setUp()
        asked = self.ask()
        self.transport.deliver(head)
        self.replied(asked).abandon()

    def test_a_complete_reply_is_abandoned_without_harm(self) -> None:
        self.abandoned(OK)
        assert not self.transport.closing()
        assert self.clock.getDelayedCalls() == []

    def test_an_abandoned_reply_that_ends_within_a_moment_lets_the_connection_be_kept(self) -> None:
        self.abandoned(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nreply\r\n")
        self.clock.advance(ABANDONED_SECONDS / 2)
        self.transport.deliver(b"0\r\n\r\n")
        assert self.idle == [self.connection]
        assert self.clock.getDelayedCalls() == []
        asked = self.ask()
        self.transport.deliver(OK)
        assert self.read(self.replied(asked)) == b"reply"

    def test_one_that_does_not_end_ends_the_connection(self) -> None:
        self.abandoned(OK[:-1])
        assert not self.transport.closing()
        self.clock.advance(ABANDONED_SECONDS)
        assert self.transport.aborted()

    def test_one_that_brings_much_ends_it_at_once(self) -> None:
        self.abandoned(HEAD + b"Content-Length: 10000000\r\n\r\n")
        self.transport.deliver(b"x" * DISCARDED_OCTETS)
        assert not self.transport.closing()
        self.transport.deliver(b"x")
        assert self.transport.aborted()

    def test_an_abandoned_reply_that_was_paused_goes_on(self) -> None:
        self.setUp()
        asked = self.ask()
        self.transport.deliver(HEAD + b"Content-Length: %d\r\n\r\n" % (HIGH_WATER + 5))
        reply = self.replied(asked)
        self.transport.deliver(b"x" * HIGH_WATER)
        assert self.transport.paused()
        reply.abandon()
        assert not self.transport.paused()
        self.transport.deliver(b"reply")
        assert self.idle == [self.connection]


class FaultTests(PrinterTestCase):
    def refused(self, reply: bytes) -> str:
        self.setUp()
        asked = self.ask()
        self.transport.deliver(reply)
        assert self.transport.aborted()
        assert self.idle == []
        return self.failed(asked)

    def test_other_statuses(self) -> None:
        for status, words in (
            (401, "a user and a password"),
            (403, "refuses"),
            (404, "is its address complete?"),
            (426, "demands TLS"),
            (500, "does not answer with IPP"),
            (503, "does not answer with IPP"),
            (302, "is not followed"),
            (101, "does not answer with IPP"),
        ):
            head = f"HTTP/1.1 {status} X\r\nLocation: http://a/\r\nContent-Length: 0\r\n\r\n"
            why = self.refused(head.encode())
            assert words in why, status
            assert f"(HTTP status {status})" in why

    def test_other_types(self) -> None:
        html = OK.replace(b"application/ipp", b"text/html; charset=utf-8")
        assert self.refused(html) == "it answers with text/html instead of IPP"
        nothing = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        assert self.refused(nothing) == "it answers with no Content-Type instead of IPP"

    def test_types_with_parameters_and_capitals(self) -> None:
        asked = self.ask()
        self.transport.deliver(OK.replace(b"application/ipp", b"Application/IPP; x=y"))
        assert self.read(self.replied(asked)) == b"reply"

    def test_garbage(self) -> None:
        for garbage in (
            b"\x00" * 100,
            b"220 ftp ready\r\n",
            b"HTTP/1.1 200 OK\n\n",
            HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
            HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            HEAD + b"Content-Length: x\r\n\r\n",
            HEAD + b" folded\r\n\r\n",
        ):
            assert "its reply is not valid HTTP/1.1" in self.refused(garbage)

    def test_a_body_that_is_malformed(self) -> None:
        asked = self.ask()
        self.transport.deliver(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        reply = self.replied(asked)
        self.transport.deliver(b"garbage\r\n")
        failing = Deferred.fromCoroutine(reply.read())
        assert "not valid HTTP" in self.failed(failing)  # type: ignore[arg-type]
        assert self.transport.aborted()

    def test_large_heads(self) -> None:
        large = HEAD + b"X: " + b"x" * HEAD_OCTETS + b"\r\n\r\n"
        assert "too large" in self.refused(large)
        many = HEAD + b"".join(b"X-%d: x\r\n" % n for n in range(HEADERS)) + b"\r\n"
        assert "too large" in self.refused(many)

    def test_a_head_without_end(self) -> None:
        asked = self.ask()
        sent = 0
        while not self.transport.closing():
            self.transport.deliver(b"x" * 1000 if sent else HEAD + b"X: ")
            sent += 1000
        assert sent < HEAD_OCTETS + 5000
        assert self.failed(asked) == "the head of its reply does not end"

    def test_silence(self) -> None:
        asked = self.ask()
        self.clock.advance(59)
        self.assertNoResult(asked)  # type: ignore[no-untyped-call]
        self.clock.advance(1)
        assert self.failed(asked) == "it did not answer in time"
        assert self.transport.aborted()

    def test_a_head_that_drips(self) -> None:
        asked = self.ask()
        for number in range(60):
            self.transport.deliver(OK[number : number + 1])
            self.clock.advance(1)
        assert self.failed(asked) == "it did not answer in time"

    def test_after_a_document_there_is_more_time(self) -> None:
        asked = self.ask(pieces=document(b"document"), length=8)
        self.clock.advance(299)
        self.assertNoResult(asked)  # type: ignore[no-untyped-call]
        self.clock.advance(1)
        assert self.failed(asked) == "it did not answer in time"

    def test_it_hangs_up(self) -> None:
        for clean, words in ((True, "it closed the connection"), (False, "it broke the")):
            self.setUp()
            asked = self.ask()
            self.transport.deliver(HEAD)
            self.transport.end(clean=clean)
            failure = self.failureResultOf(asked, PrinterUnavailable)  # type: ignore[no-untyped-call]
            assert words in str(failure.value)
            assert failure.value.sent
            assert not self.connection.alive
            assert self.clock.getDelayedCalls() == []

    def test_it_hangs_up_while_the_document_waits(self) -> None:
        more: Deferred[None] = Deferred()

        async def pieces() -> AsyncIterator[bytes]:
            yield b"docu"
            await more
            yield b"ment"

        asked = self.ask(pieces=pieces(), length=8)
        self.transport.end()
        more.callback(None)
        assert self.failed(asked) == "it closed the connection"
