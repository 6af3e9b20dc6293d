"""A request's body between the connection that brings it and the application that reads it."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from ippgate.exchange.ports import ClientGone, ClientTooSlow, Head
from ippgate.flow import HIGH_WATER, Inflow
from ippgate.listener.body import RequestBody
from ippgate.listener.deadline import Deadline
from ippgate.listener.limits import Deadlines

DEADLINES = Deadlines(attributes=20, window=10, body_rate=100)
LEAST = 1000
"""Octets of one window."""


class BodyTestCase(SynchronousTestCase):
    def make(self, length: int | None = None, *, expects: bool = False) -> None:
        self.clock = Clock()
        self.missed: list[str] = []
        self.continued = 0
        self.transport: list[str] = []
        self.deadline = Deadline(self.clock, self.pass_)
        inflow = Inflow(
            lambda: self.transport.append("pause"), lambda: self.transport.append("resume")
        )
        head = Head("POST", "/printers/lab-1", (1, 1), (), length, expects)
        self.body = RequestBody(head, inflow, self.deadline, DEADLINES, self.send_continue)

    def pass_(self, name: str) -> None:
        """As the connection does."""
        self.missed.append(name)
        if name == "rate":
            self.body.window_passed()

    def send_continue(self) -> None:
        self.continued += 1

    def read(self) -> Deferred[bytes]:
        return Deferred.fromCoroutine(self.body.read())

    def waits(self, reading: Deferred[bytes]) -> None:
        self.assertNoResult(reading)  # type: ignore[no-untyped-call]

    def error(self, reading: Deferred[bytes], kind: type[Exception]) -> Exception:
        failure = self.failureResultOf(reading, kind)  # type: ignore[no-untyped-call]
        value: Exception = failure.value
        return value


class ReadingTests(BodyTestCase):
    def test_octets_come_in_order_and_an_empty_piece_is_the_end(self) -> None:
        self.make(6)
        first = self.read()
        self.waits(first)
        self.body.push(b"abc")
        assert self.successResultOf(first) == b"abc"
        self.body.push(b"def")
        self.body.end()
        assert self.successResultOf(self.read()) == b"def"
        for _ in range(2):
            assert self.successResultOf(self.read()) == b""

    def test_a_body_that_breaks_off_is_not_taken_for_a_whole_one(self) -> None:
        self.make(6)
        self.body.push(b"abc")
        self.body.fail(ClientGone("connection lost"))
        self.error(self.read(), ClientGone)
        assert not self.body.complete

    def test_what_is_missing_is_known_where_the_client_said_how_much_comes(self) -> None:
        self.make(6)
        assert self.body.missing() == 6
        self.body.push(b"abcd")
        assert self.body.missing() == 2
        self.body.push(b"ef")
        self.body.end()
        assert self.body.missing() == 0

    def test_of_a_chunked_body_it_is_known_at_its_end(self) -> None:
        self.make(None)
        self.body.push(b"abcd")
        assert self.body.missing() is None
        self.body.end()
        assert self.body.missing() == 0

    def test_a_client_is_paused_before_more_waits_than_may(self) -> None:
        self.make(None)
        for _ in range(HIGH_WATER // 1000 + 1):
            self.body.push(b"x" * 1000)
        assert self.transport == ["pause"]

    def test_what_nobody_will_read_is_counted_and_not_kept(self) -> None:
        self.make(3 * HIGH_WATER)
        self.body.discard()
        for _ in range(2):
            self.body.push(b"x" * HIGH_WATER)
        assert self.transport == []
        assert self.body.missing() == HIGH_WATER


class ContinueTests(BodyTestCase):
    def test_it_is_sent_once_when_the_application_first_waits_for_octets(self) -> None:
        self.make(3, expects=True)
        assert not self.body.continued
        reading = self.read()
        assert (self.continued, self.body.continued) == (1, True)
        self.body.push(b"a")
        self.successResultOf(reading)
        self.waits(self.read())
        assert self.continued == 1

    def test_a_client_that_did_not_wait_for_it_is_not_sent_it(self) -> None:
        self.make(3, expects=True)
        self.body.push(b"abc")
        self.body.end()
        self.successResultOf(self.read())
        self.successResultOf(self.read())
        assert self.continued == 0

    def test_nothing_is_asked_for_while_something_is_there(self) -> None:
        self.make(3, expects=True)
        self.body.push(b"a")
        self.successResultOf(self.read())
        assert (self.continued, self.deadline.name) == (0, "")
        self.waits(self.read())
        assert (self.continued, self.deadline.name) == (1, "attributes")

    def test_who_did_not_ask_gets_none(self) -> None:
        self.make(3)
        assert self.body.continued
        self.waits(self.read())
        assert self.continued == 0


class AttributesTests(BodyTestCase):
    def test_their_time_begins_when_they_are_waited_for(self) -> None:
        self.make(10)
        self.clock.advance(100)
        self.waits(self.read())
        self.clock.advance(19)
        assert self.missed == []
        self.clock.advance(1)
        assert self.missed == ["attributes"]

    def test_octets_that_trickle_in_do_not_lengthen_it(self) -> None:
        self.make(None)
        for _ in range(19):
            reading = self.read()
            self.body.push(b"x")
            self.successResultOf(reading)
            self.clock.advance(1)
        self.waits(self.read())
        self.clock.advance(1)
        assert self.missed == ["attributes"]

    def test_a_body_that_is_there_already_has_no_deadline(self) -> None:
        self.make(3)
        self.body.push(b"abc")
        self.body.end()
        self.successResultOf(self.read())
        self.body.attributes_complete()
        self.clock.advance(1000)
        assert self.missed == []

    def test_the_bodys_end_ends_its_own_deadlines_and_no_other(self) -> None:
        self.make(3)
        self.waits(self.read())
        self.body.end()
        assert self.deadline.name == ""
        self.make(3)
        self.deadline.set("write", 5)
        self.body.end()
        assert self.deadline.name == "write"

    def test_an_answer_that_does_not_wait_ends_them_too(self) -> None:
        self.make(3)
        self.waits(self.read())
        self.body.discard()
        self.clock.advance(1000)
        assert self.missed == []


class RateTests(BodyTestCase):
    def begin(self) -> None:
        """The attributes are read, the document comes."""
        self.make(None)
        self.body.push(b"attributes")
        self.successResultOf(self.read())
        self.body.attributes_complete()

    def test_too_few_octets_in_a_window_end_it_in_words_with_numbers(self) -> None:
        self.begin()
        reading = self.read()
        self.body.push(b"x" * (LEAST - 1))
        self.successResultOf(reading)
        waiting = self.read()
        self.clock.advance(10)
        error = self.error(waiting, ClientTooSlow)
        assert str(error) == ("999 octets in 10 seconds, and at least 100 a second are expected")

    def test_enough_is_enough_in_every_window_anew(self) -> None:
        self.begin()
        for _ in range(5):
            reading = self.read()
            self.body.push(b"x" * LEAST)
            self.successResultOf(reading)
            waiting = self.read()
            self.clock.advance(10)
            self.waits(waiting)
            self.body.push(b"y")
            self.successResultOf(waiting)
        waiting = self.read()
        self.clock.advance(10)
        self.error(waiting, ClientTooSlow)

    def test_while_the_printer_takes_nothing_the_client_is_not_blamed(self) -> None:
        self.begin()
        self.clock.advance(1000)
        self.body.push(b"x")
        self.clock.advance(1000)
        assert self.successResultOf(self.read()) == b"x"

    def test_the_attributes_deadline_is_over(self) -> None:
        self.begin()
        self.clock.advance(100)
        assert "attributes" not in self.missed

    def test_a_body_that_is_complete_is_not_too_slow(self) -> None:
        self.begin()
        reading = self.read()
        self.body.end()
        assert self.successResultOf(reading) == b""
        self.clock.advance(1000)
        assert self.missed == []
