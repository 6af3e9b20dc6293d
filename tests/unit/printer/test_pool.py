"""The connections to one printer, against one on loopback that misbehaves on demand."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from twisted.internet import reactor as global_reactor
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from ippgate.exchange.ports import PrinterUnavailable
from ippgate.printer.address import PrinterAddress
from ippgate.printer.limits import PrinterLimits
from ippgate.printer.pool import PooledPrinter
from tests.support.processes import free_port
from tests.support.rogue_printer import OK, RogueConnection, RoguePrinter

reactor = cast(Any, global_reactor)
LIMITS = PrinterLimits(
    connections=2, waiting=3, turn=5, connect=1, answer=5, answer_to_document=5, idle=5, gap=5
)
PAUSE = 0.1
"""For what is not announced: a connection that closes, a request that must not come."""


async def document(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def pause() -> None:
    await deferLater(reactor, PAUSE)


class PoolTestCase(TestCase):
    timeout = 30

    def setUp(self) -> None:
        self.rogue = RoguePrinter(reactor)
        self.port = self.rogue.start()
        self.addCleanup(self.rogue.stop)

    def printer(self, limits: PrinterLimits = LIMITS, port: int | None = None) -> PooledPrinter:
        address = PrinterAddress.parse(f"ipp://127.0.0.1:{port or self.port}/ipp/print")
        printer = PooledPrinter("lab-1", address, reactor, limits)
        self.addCleanup(pause)
        self.addCleanup(printer.close)
        return printer

    async def query(self, printer: PooledPrinter) -> bytes:
        reply = await printer.send(b"query", None, None, repeatable=True)
        octets = b""
        while piece := await reply.read():
            octets += piece
        return octets

    async def job(self, printer: PooledPrinter) -> bytes:
        reply = await printer.send(b"job", document(b"document"), 8, repeatable=False)
        return await reply.read()


class KeptConnectionTests(PoolTestCase):
    async def test_queries_share_a_connection(self) -> None:
        printer = self.printer()
        for _ in range(3):
            assert await self.query(printer) == b"reply"
        assert [len(c.requests) for c in self.rogue.connections] == [3]

    async def test_what_changes_something_has_a_connection_of_its_own(self) -> None:
        printer = self.printer()
        await self.query(printer)
        await self.job(printer)
        reply = await printer.send(b"cancel", None, None, repeatable=False)
        assert await reply.read() == b"reply"
        assert [len(c.requests) for c in self.rogue.connections] == [1, 1, 1]
        assert self.rogue.most_open <= 2, "the kept one made room"

    async def test_nothing_of_a_client_reaches_the_printer(self) -> None:
        printer = self.printer()
        await self.query(printer)
        await self.job(printer)
        for request in self.rogue.requests:
            head = request.partition(b"\r\n\r\n")[0].lower()
            assert b"\r\nhost: 127.0.0.1:%d" % self.port in head
            assert b"expect" not in head
            assert b"authorization" not in head

    async def test_one_that_died_is_replaced_once_for_a_query(self) -> None:
        def dies(connection: RogueConnection, request: int) -> None:
            if connection.number == 1 and request == 2:
                connection.transport.loseConnection()
            else:
                connection.say(OK)

        self.rogue.behaviour = dies
        printer = self.printer()
        await self.query(printer)
        assert await self.query(printer) == b"reply"
        assert [len(c.requests) for c in self.rogue.connections] == [2, 1]

    async def test_a_query_is_repeated_once_only(self) -> None:
        def dies(connection: RogueConnection, request: int) -> None:
            if connection.number == 1 and request == 1:
                connection.say(OK)
            else:
                connection.transport.loseConnection()

        self.rogue.behaviour = dies
        printer = self.printer()
        await self.query(printer)
        with pytest.raises(PrinterUnavailable, match="it closed the connection"):
            await self.query(printer)
        assert [len(c.requests) for c in self.rogue.connections] == [2, 1]

    async def test_a_job_is_never_sent_again(self) -> None:
        self.rogue.behaviour = lambda connection, _: connection.transport.loseConnection()
        with pytest.raises(PrinterUnavailable) as error:
            await self.job(self.printer())
        assert error.value.sent
        assert len(self.rogue.requests) == 1

    async def test_one_that_the_printer_closed_meanwhile_is_not_used(self) -> None:
        printer = self.printer()
        await self.query(printer)
        self.rogue.connections[0].transport.loseConnection()
        await pause()
        await self.query(printer)
        assert [len(c.requests) for c in self.rogue.connections] == [1, 1]

    async def test_it_is_not_kept_for_ever(self) -> None:
        printer = self.printer(PrinterLimits(idle=PAUSE / 2))
        await self.query(printer)
        await pause()
        await pause()
        assert self.rogue.connections[0].lost

    async def test_a_late_farewell_is_not_the_next_reply(self) -> None:
        printer = self.printer()
        await self.query(printer)
        self.rogue.connections[0].say(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
        await pause()
        assert await self.query(printer) == b"reply"
        assert len(self.rogue.connections) == 2


class PlacesTests(PoolTestCase):
    async def test_no_more_connections_than_allowed(self) -> None:
        printer = self.printer()
        queries = [Deferred.fromCoroutine(self.query(printer)) for _ in range(5)]
        results = await DeferredList(queries, consumeErrors=True)
        assert results == [(True, b"reply")] * 5
        assert self.rogue.most_open <= 2

    async def test_jobs_wait_for_their_turn(self) -> None:
        printer = self.printer()
        jobs = [Deferred.fromCoroutine(self.job(printer)) for _ in range(5)]
        results = await DeferredList(jobs, consumeErrors=True)
        assert results == [(True, b"reply")] * 5
        assert self.rogue.most_open <= 2

    async def test_the_queue_has_an_end(self) -> None:
        self.rogue.behaviour = lambda connection, _: None
        printer = self.printer()
        queries = [Deferred.fromCoroutine(self.query(printer)) for _ in range(5)]
        with pytest.raises(PrinterUnavailable, match="too many requests wait") as error:
            await self.query(printer)
        assert not error.value.sent
        printer.close()
        results = await DeferredList(queries, consumeErrors=True)
        assert [succeeded for succeeded, _ in results] == [False] * 5

    async def test_nobody_waits_for_ever(self) -> None:
        self.rogue.behaviour = lambda connection, _: None
        printer = self.printer(PrinterLimits(connections=1, turn=PAUSE))
        first = Deferred.fromCoroutine(self.query(printer))
        with pytest.raises(PrinterUnavailable, match="busy with other requests"):
            await self.query(printer)
        printer.close()
        await DeferredList([first], consumeErrors=True)

    async def test_a_place_is_free_again_after_every_fault(self) -> None:
        self.rogue.behaviour = lambda connection, _: connection.say(b"garbage\r\n\r\n")
        printer = self.printer(PrinterLimits(connections=1, turn=2))
        for _ in range(3):
            with pytest.raises(PrinterUnavailable, match="not valid HTTP"):
                await self.query(printer)

    async def test_an_abandoned_reply_frees_its_place(self) -> None:
        self.rogue.behaviour = lambda connection, _: connection.say(OK[:-1])
        printer = self.printer(PrinterLimits(connections=1, turn=2))
        for _ in range(2):
            reply = await printer.send(b"query", None, None, repeatable=True)
            reply.abandon()
        assert len(self.rogue.connections) == 2
        assert self.rogue.most_open == 1

    async def test_those_who_wait_hear_at_once_that_it_is_off(self) -> None:
        printer = self.printer(PrinterLimits(connections=1, turn=20), port=free_port())
        queries = [Deferred.fromCoroutine(self.query(printer)) for _ in range(4)]
        for query in queries:
            with pytest.raises(PrinterUnavailable, match="refuses connections"):
                await query

    async def test_closed_it_connects_no_more(self) -> None:
        printer = self.printer()
        await self.query(printer)
        printer.close()
        await pause()
        assert self.rogue.connections[0].lost
        with pytest.raises(PrinterUnavailable, match="the gateway stops"):
            await self.query(printer)


class ReachTests(PoolTestCase):
    async def test_it_is_off(self) -> None:
        with pytest.raises(PrinterUnavailable, match="is it off") as error:
            await self.query(self.printer(port=free_port()))
        assert not error.value.sent

    async def test_a_black_hole(self) -> None:
        with socket.socket() as deaf:
            deaf.bind(("127.0.0.1", 0))
            deaf.listen(0)
            full = [socket.socket() for _ in range(3)]
            for client in full:  # the queue is full: further SYNs are dropped
                client.setblocking(False)
                client.connect_ex(deaf.getsockname())
            printer = self.printer(PrinterLimits(connect=0.3), port=deaf.getsockname()[1])
            with pytest.raises(PrinterUnavailable, match="does not answer connections"):
                await self.query(printer)
            for client in full:
                client.close()

    async def test_closed_it_gives_up_what_it_is_connecting(self) -> None:
        with socket.socket() as deaf:
            deaf.bind(("127.0.0.1", 0))
            deaf.listen(0)
            full = [socket.socket() for _ in range(3)]
            for client in full:
                client.setblocking(False)
                client.connect_ex(deaf.getsockname())
            printer = self.printer(PrinterLimits(connect=60), port=deaf.getsockname()[1])
            query = Deferred.fromCoroutine(self.query(printer))
            await pause()
            assert not query.called
            printer.close()
            with pytest.raises(PrinterUnavailable, match="the gateway stops"):
                await query
            for client in full:
                client.close()

    async def test_a_name_that_is_not_known(self) -> None:
        address = PrinterAddress.parse("ipp://printer.invalid/ipp/print")
        printer = PooledPrinter("lab-1", address, reactor, PrinterLimits(connect=5))
        with pytest.raises(PrinterUnavailable, match=r"name is not known|does not answer"):
            await self.query(printer)

    async def test_a_printer_that_does_not_read_is_no_fault_until_it_took_all(self) -> None:
        """The system's buffers hold the whole document; the printer has not even taken it."""
        self.rogue.behaviour = lambda connection, _: connection.say(OK)
        limits = PrinterLimits(connections=1, answer_to_document=5 * PAUSE)
        printer = self.printer(limits)
        original = RogueConnection.connectionMade

        def deaf(connection: RogueConnection) -> None:
            original(connection)
            connection.transport.pauseProducing()  # type: ignore[attr-defined]

        self.patch(RogueConnection, "connectionMade", deaf)  # type: ignore[no-untyped-call]
        size = 8_000_000
        job = Deferred.fromCoroutine(
            printer.send(b"job", document(*[b"x" * 500_000] * 16), size, repeatable=False)
        )
        for _ in range(10):
            await pause()
        assert not job.called
        self.rogue.connections[0].transport.resumeProducing()  # type: ignore[attr-defined]
        reply = await job
        assert await reply.read() == b"reply"
        assert len(self.rogue.requests[0]) > size
