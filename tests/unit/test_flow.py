"""Back-pressure: nothing is lost, nothing waits without bound, and nobody waits for ever."""

# mypy: allow-untyped-calls

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from ippgate.flow import Inflow, Outflow


class Gone(Exception):
    """What a connection's end looks like."""


def start(coroutine: Coroutine[Deferred[Any], Any, Any]) -> Deferred[Any]:
    return Deferred.fromCoroutine(coroutine)


class Source:
    """A transport that notes whether it is asked to pause."""

    def __init__(self, high_water: int = 10) -> None:
        self.calls: list[str] = []
        self.inflow = Inflow(self.pause, self.resume, high_water)
        self.held: list[bytes] = []

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")
        while self.held:
            self.inflow.push(self.held.pop(0))


class InflowTest(SynchronousTestCase):
    def setUp(self) -> None:
        self.source = Source()
        self.inflow = self.source.inflow

    def read(self) -> bytes:
        octets: bytes = self.successResultOf(start(self.inflow.read()))
        return octets

    def test_pieces_come_as_they_were_pushed(self) -> None:
        for piece in (b"ab", b"c", b""):
            self.inflow.push(piece)
        self.inflow.end()
        assert [self.read() for _ in range(4)] == [b"ab", b"c", b"", b""]

    def test_a_reader_waits_for_octets(self) -> None:
        reading = start(self.inflow.read())
        self.assertNoResult(reading)
        self.inflow.push(b"late")
        assert self.successResultOf(reading) == b"late"

    def test_a_reader_waits_for_the_end(self) -> None:
        reading = start(self.inflow.read())
        self.inflow.end()
        assert self.successResultOf(reading) == b""
        assert self.inflow.complete

    def test_a_waiting_reader_hears_of_a_failure(self) -> None:
        reading = start(self.inflow.read())
        self.inflow.fail(Gone())
        self.failureResultOf(reading, Gone)

    def test_after_a_failure_there_is_nothing_else(self) -> None:
        self.inflow.push(b"half")
        self.inflow.fail(Gone("first"))
        self.inflow.fail(Gone("second"))
        self.inflow.push(b"more")
        assert self.inflow.size == 0
        for _ in range(2):
            failure = self.failureResultOf(start(self.inflow.read()), Gone)
            assert str(failure.value) == "first"

    def test_what_is_complete_cannot_break_off(self) -> None:
        self.inflow.push(b"all")
        self.inflow.end()
        self.inflow.fail(Gone())
        assert [self.read(), self.read()] == [b"all", b""]

    def test_pauses_at_the_mark_and_resumes_below_half_of_it(self) -> None:
        self.inflow.push(b"123456789")
        assert self.source.calls == []
        self.inflow.push(b"0")
        self.inflow.push(b"1234")
        assert self.source.calls == ["pause"]
        assert self.inflow.size == 14
        self.read()
        assert self.source.calls == ["pause"]
        self.read()
        assert self.source.calls == ["pause", "resume"]

    def test_an_empty_inflow_never_waits_on_a_paused_transport(self) -> None:
        source = Source(high_water=1)
        source.inflow.push(b"x")
        self.successResultOf(start(source.inflow.read()))
        self.assertNoResult(start(source.inflow.read()))
        assert source.calls == ["pause", "resume"]

    def test_octets_that_resuming_sets_free_wake_the_reader(self) -> None:
        source = Source(high_water=1)
        source.inflow.push(b"x")
        source.held = [b"held back"]
        self.successResultOf(start(source.inflow.read()))
        reading = start(source.inflow.read())
        assert self.successResultOf(reading) == b"held back"

    def test_a_reader_that_gives_up_leaves_the_octets_to_the_next(self) -> None:
        reading = start(self.inflow.read())
        reading.cancel()
        self.failureResultOf(reading, CancelledError)
        self.inflow.push(b"still here")
        assert self.read() == b"still here"


@given(st.lists(st.one_of(st.binary(min_size=1, max_size=8), st.none()), max_size=40))
def test_any_order_of_pushing_and_reading_loses_nothing(steps: list[bytes | None]) -> None:
    source = Source()
    received: list[bytes] = []

    async def drain() -> None:
        while octets := await source.inflow.read():
            received.append(octets)

    async def read_one() -> None:
        if source.inflow.size:
            received.append(await source.inflow.read())

    for step in steps:
        if step is None:
            assert start(read_one()).called
        else:
            source.inflow.push(step)
        assert (source.calls[-1:] == ["pause"]) >= (source.inflow.size >= 10)
    draining = start(drain())
    source.inflow.end()
    assert draining.called
    assert b"".join(received) == b"".join(step for step in steps if step)


class OutflowTest(SynchronousTestCase):
    def setUp(self) -> None:
        self.transport = StringTransport()
        self.outflow = Outflow(self.transport)

    def write(self, octets: bytes) -> Deferred[Any]:
        return start(self.outflow.write(octets))

    def test_writes_at_once_while_there_is_room(self) -> None:
        self.successResultOf(self.write(b"a"))
        self.successResultOf(self.write(b"b"))
        assert self.transport.value() == b"ab"

    def test_waits_while_the_transport_is_full(self) -> None:
        self.outflow.pauseProducing()
        writing = self.write(b"a")
        self.assertNoResult(writing)
        assert self.transport.value() == b"a"
        self.outflow.resumeProducing()
        self.successResultOf(writing)
        self.successResultOf(self.write(b"b"))

    def test_a_waiting_writer_hears_of_the_end(self) -> None:
        self.outflow.pauseProducing()
        writing = self.write(b"a")
        self.outflow.stopProducing()
        self.outflow.fail(Gone())
        self.failureResultOf(writing, Gone)

    def test_writes_nothing_after_the_end(self) -> None:
        self.outflow.fail(Gone("first"))
        self.outflow.fail(Gone("second"))
        failure = self.failureResultOf(self.write(b"a"), Gone)
        assert str(failure.value) == "first"
        assert self.transport.value() == b""

    def test_a_writer_that_gives_up_makes_way_for_the_next(self) -> None:
        self.outflow.pauseProducing()
        writing = self.write(b"a")
        writing.cancel()
        self.failureResultOf(writing, CancelledError)
        second = self.write(b"b")
        self.outflow.resumeProducing()
        self.successResultOf(second)

    def test_is_the_transport_s_producer_until_released(self) -> None:
        assert self.transport.producer is self.outflow
        assert self.transport.streaming
        self.outflow.release()
        assert self.transport.producer is None
