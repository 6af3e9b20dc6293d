"""One client's connection as time passes: back-pressure, 100 Continue, early answers, deadlines."""

from __future__ import annotations

from collections.abc import AsyncIterator

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from ippgate.exchange.ports import (
    Answer,
    Body,
    ClientGone,
    ClientTooSlow,
    Head,
    Peer,
)
from ippgate.flow import HIGH_WATER
from ippgate.listener.answer import CONTINUE
from ippgate.listener.limits import DRAIN_OCTETS, KEEP_OCTETS, Deadlines
from tests.support.http_conversation import GET, Conversation, Seen, post, post_head, statuses

CHUNKED = post_head("Transfer-Encoding: chunked")
LIMITS = Deadlines(
    head=10, idle=60, attributes=20, window=10, body_rate=100, write=30, drain=5, handshake=10
)


class Paused:
    """An application that stands still until the test lets it go on."""

    def __init__(self) -> None:
        self.go: Deferred[None] = Deferred()
        self.read = 0
        self.error: Exception | None = None

    async def __call__(self, head: Head, body: Body, peer: Peer) -> Answer:
        body.attributes_complete()
        await self.go
        try:
            while octets := await body.read():
                self.read += len(octets)
        except (ClientGone, ClientTooSlow) as error:
            self.error = error
        return Answer(200, (), b"read")


async def unread(head: Head, body: Body, peer: Peer) -> Answer:
    """Answers from the head alone."""
    return Answer(401, (), b"who?")


class BackPressureTests(SynchronousTestCase):
    def test_a_client_is_paused_while_the_application_does_not_read(self) -> None:
        application = Paused()
        client = Conversation(application)
        client.send(post_head("Content-Length: 1000000"))
        sent = 0
        while not client.transport.paused():
            client.send(b"x" * 50_000)
            sent += 50_000
        assert sent <= HIGH_WATER + 50000
        application.go.callback(None)
        assert not client.transport.paused()
        assert application.read == sent
        client.send(b"x" * (1_000_000 - sent))
        assert application.read == 1000000

    def test_an_answer_waits_for_the_client(self) -> None:
        given: list[bytes] = []

        async def pieces() -> AsyncIterator[bytes]:
            for piece in (b"one", b"two", b"three"):
                given.append(piece)
                yield piece

        async def stream(head: Head, body: Body, peer: Peer) -> Answer:
            return Answer(200, (), pieces())

        client = Conversation(stream)
        client.transport.fill()
        client.send(GET)
        assert given == [b"one"]
        client.transport.empty()
        assert given == [b"one", b"two", b"three"]

    def test_a_client_that_takes_nothing_is_dropped(self) -> None:
        client = Conversation(Seen(), LIMITS)
        client.transport.fill()
        client.send(GET)
        client.wait(29)
        assert not client.over()
        client.wait(1)
        assert client.transport.aborted()

    def test_the_next_request_does_not_lift_the_deadline_of_the_answer(self) -> None:
        client = Conversation(Seen(), LIMITS)
        client.transport.fill()
        first, second = GET, post_head("Content-Length: 9")
        client.send(first + second)
        client.send(b"body body")
        client.wait(30)
        assert client.transport.aborted()


class ContinueTests(SynchronousTestCase):
    HEAD = post_head("Content-Length: 4", "Expect: 100-continue")

    def test_it_is_said_at_the_first_read(self) -> None:
        application = Paused()
        client = Conversation(application)
        assert client.send(self.HEAD) == b""
        application.go.callback(None)
        assert client.transport.take() == CONTINUE
        assert statuses(client.send(b"body")) == [200]

    def test_it_is_never_said_when_the_head_was_enough(self) -> None:
        client = Conversation(unread)
        answer = client.send(self.HEAD)
        assert statuses(answer) == [401]
        assert b"\r\nConnection: close\r\n" in answer
        client.wait(LIMITS.drain)
        assert client.over()

    def test_it_is_not_said_to_those_who_did_not_wait(self) -> None:
        client = Conversation(Seen())
        assert statuses(client.send(self.HEAD + b"body")) == [200]

    def test_it_is_not_said_without_a_body_or_to_http_1_0(self) -> None:
        client = Conversation(Seen())
        assert statuses(client.send(post(b"", "Expect: 100-continue"))) == [200]
        old = b"POST / HTTP/1.0\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
        assert client.send(old) == b""


class EarlyAnswerTests(SynchronousTestCase):
    def test_a_little_that_is_missing_is_read_and_the_connection_kept(self) -> None:
        client = Conversation(unread)
        answer = client.send(post_head(f"Content-Length: {KEEP_OCTETS}"))
        assert b"Connection: close" not in answer
        client.send(b"x" * (KEEP_OCTETS - 1))
        assert statuses(client.send(b"x" + GET)) == [401]
        assert not client.over()

    def test_what_never_comes_ends_the_connection(self) -> None:
        client = Conversation(unread, LIMITS)
        client.send(post_head("Content-Length: 10"))
        client.wait(4)
        assert not client.over()
        client.wait(1)
        assert client.over()

    def test_a_large_body_is_drained_within_bounds(self) -> None:
        client = Conversation(unread, LIMITS)
        answer = client.send(post_head("Content-Length: 10000000000"))
        assert statuses(answer) == [401]
        assert b"Connection: close" in answer
        sent = 0
        while not client.over():
            assert client.send(b"x" * 65536) == b""
            sent += 65536
        assert sent <= DRAIN_OCTETS + 65536

    def test_a_drained_body_ends_the_connection_where_it_ends(self) -> None:
        for head, rest in (
            (post_head("Content-Length: 100000"), b"x" * 100_000),
            (CHUNKED, b"4\r\nbody\r\n0\r\n\r\n"),
        ):
            client = Conversation(unread, LIMITS)
            client.send(head)
            client.send(rest[:-1])
            assert not client.over()
            client.send(rest[-1:])
            assert client.over()
            assert not client.transport.aborted()

    def test_an_answer_in_the_middle_of_the_last_piece(self) -> None:
        async def one_piece(head: Head, body: Body, peer: Peer) -> Answer:
            await body.read()
            return Answer(200, (), b"enough")

        client = Conversation(one_piece, LIMITS)
        client.send(CHUNKED)
        assert statuses(client.send(b"4\r\nbody\r\n0\r\n\r\n")) == [200]
        client.wait(LIMITS.drain)
        assert client.over()

    def test_nothing_is_served_while_draining(self) -> None:
        seen = Seen(unread)
        client = Conversation(seen, LIMITS)
        client.send(CHUNKED)
        assert client.send(b"4\r\nbody\r\n0\r\n\r\n" + GET) == b""
        assert len(seen.heads) == 1


class DeadlineTests(SynchronousTestCase):
    def test_silence_ends_the_connection(self) -> None:
        client = Conversation(Seen(), LIMITS)
        assert client.wait(59) == b""
        assert not client.over()
        assert client.wait(1) == b""
        assert client.over()

    def test_a_head_that_drips_is_408(self) -> None:
        client = Conversation(Seen(), LIMITS)
        said = b""
        for number in range(10):
            said += client.send(GET[number : number + 1])
            said += client.wait(1)
        assert statuses(said) == [408]
        assert client.over()

    def test_a_second_head_that_drips_is_408(self) -> None:
        client = Conversation(Seen(), LIMITS)
        client.send(GET)
        client.wait(50)
        client.send(GET[:10])
        client.wait(9)
        client.send(GET[10:11])
        assert statuses(client.wait(1)) == [408]

    def test_keep_alive_waits_from_the_last_answer(self) -> None:
        client = Conversation(Seen(), LIMITS)
        client.wait(50)
        client.send(GET)
        client.wait(59)
        assert not client.over()
        client.wait(1)
        assert client.over()

    def test_attributes_that_do_not_come(self) -> None:
        seen = Seen()
        client = Conversation(seen, LIMITS)
        client.send(post_head("Content-Length: 100"))
        for _ in range(20):
            client.send(b"x")
            client.wait(1)
        assert isinstance(seen.errors[0], ClientTooSlow)
        assert self.flushLoggedErrors(ClientTooSlow)  # type: ignore[no-untyped-call]

    def test_a_long_upload_whose_attributes_came_with_its_head(self) -> None:
        async def reader(head: Head, body: Body, peer: Peer) -> Answer:
            await body.read()
            body.attributes_complete()
            while await body.read():
                pass
            return Answer(200, (), b"")

        client = Conversation(reader, LIMITS)
        client.send(post_head("Content-Length: 40001") + b"a")
        for _ in range(39):
            client.wait(1)
            client.send(b"x" * 1000)
        assert statuses(client.send(b"x" * 1000)) == [200]

    def uploading(self) -> tuple[Conversation, Paused]:
        application = Paused()
        application.go.callback(None)
        client = Conversation(application, LIMITS)
        client.send(post_head("Content-Length: 1000000"))
        return client, application

    def test_a_body_below_the_least_rate(self) -> None:
        client, application = self.uploading()
        for _ in range(10):
            client.send(b"x" * 99)
            client.wait(1)
        assert isinstance(application.error, ClientTooSlow)

    def test_a_body_of_the_least_rate(self) -> None:
        client, application = self.uploading()
        for _ in range(100):
            client.send(b"x" * 100)
            client.wait(1)
        assert application.error is None

    def test_the_client_does_not_answer_for_a_printer_that_stalls(self) -> None:
        application = Paused()
        client = Conversation(application, LIMITS)
        client.send(post_head("Content-Length: 1000000"))
        client.send(b"x" * HIGH_WATER)
        client.wait(999)
        application.go.callback(None)
        client.wait(1)  # the window's end, when nothing new could come yet
        assert application.error is None

    def test_a_client_that_goes(self) -> None:
        client, application = self.uploading()
        client.transport.end()
        assert isinstance(application.error, ClientGone)
        assert client.lost == [client.connection]
        assert client.transport.take() == b""

    def test_no_timer_outlives_a_connection(self) -> None:
        application = Paused()
        client = Conversation(application, LIMITS)
        client.send(post_head("Content-Length: 1000000"))
        client.transport.end()
        application.go.callback(None)
        assert client.clock.getDelayedCalls() == []


class StopTests(SynchronousTestCase):
    def test_an_idle_connection_ends(self) -> None:
        client = Conversation(Seen())
        client.connection.stop()
        assert client.over()

    def test_a_running_request_is_answered_first(self) -> None:
        application = Paused()
        client = Conversation(application)
        client.send(post(b"body"))
        client.connection.stop()
        assert not client.over()
        application.go.callback(None)
        assert b"Connection: close" in client.transport.take()
        assert client.over()

    def test_one_that_is_being_answered_ends_after_it(self) -> None:
        client = Conversation(Seen())
        client.transport.fill()
        client.send(GET)
        client.connection.stop()
        client.transport.empty()
        assert client.over()

    def test_one_that_still_reads_an_answered_body_ends_after_it(self) -> None:
        client = Conversation(unread)
        client.send(post_head("Content-Length: 4"))
        client.connection.stop()
        client.send(b"body")
        assert client.over()
