"""The composition root: opens everything or nothing, and closes in good order."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pytest
from twisted.internet import reactor as global_reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from ippgate import service as service_module
from ippgate.audit.verify import verify
from ippgate.demo.client import Client, Reply
from ippgate.exchange.ports import TrailUnwritable
from ippgate.ipp.decoder import decode
from ippgate.ipp.enums import Operation, Status
from ippgate.ipp.message import Message
from ippgate.listener.port import ListenError
from ippgate.preparing import prepare
from ippgate.service import Service
from tests.support.exchange_fakes import ipp_reply
from tests.support.gate_process import write_site
from tests.support.identities import of_file
from tests.support.rogue_printer import RogueConnection, RoguePrinter

reactor = cast(Any, global_reactor)


def asked(connection: RogueConnection) -> Message:
    """The last request."""
    message, _ = decode(connection.requests[-1].partition(b"\r\n\r\n")[2])
    return message


def answer(connection: RogueConnection) -> None:
    body = ipp_reply(asked(connection))
    connection.say(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n%b"
        % (len(body), body)
    )


class ServiceTests(TestCase):
    timeout = 60

    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.rogue = RoguePrinter(reactor)
        self.rogue.behaviour = lambda connection, _: answer(connection)
        printer = f"ipp://127.0.0.1:{self.rogue.start()}/ipp/print"
        self.addCleanup(self.rogue.stop)
        self.file, self.port, self.monitor_port = write_site(
            self.folder,
            {"lab-1": printer},
            identity=of_file(self.folder, [("alice", "secret", "staff")]),
        )

    def service(self) -> Service:
        made = Service(prepare(self.file, {}, datetime.now(UTC)), reactor)
        self.addCleanup(lambda: Deferred.fromCoroutine(made.stop()))
        return made

    def ask(self, operation: Operation = Operation.GET_JOBS) -> Deferred[Reply]:
        client = Client("localhost", self.port, self.folder / "ca.pem", "alice", "secret")
        return deferToThread(client.ask, operation, "lab-1")

    def held(self) -> Deferred[RogueConnection]:
        """The printer does not answer what ``ask`` asks; here is where it would."""
        waiting: Deferred[RogueConnection] = Deferred()

        def hold(connection: RogueConnection, _: int) -> None:
            if asked(connection).code == Operation.GET_PRINTER_ATTRIBUTES:
                answer(connection)
            else:
                waiting.callback(connection)

        self.rogue.behaviour = hold
        return waiting

    def get(self, path: str) -> Deferred[tuple[int, str]]:
        def got() -> tuple[int, str]:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.monitor_port}{path}") as reply:
                    return reply.status, reply.read().decode()
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode()

        return deferToThread(got)

    def records(self) -> list[dict[str, Any]]:
        lines = (self.folder / "audit.jsonl").read_bytes().splitlines(keepends=True)
        assert verify(lines).proven
        return [json.loads(line) for line in lines]

    def free(self, port: int) -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            return probe.connect_ex(("127.0.0.1", port)) != 0

    async def test_it_serves_printers_and_monitoring_where_the_configuration_says(self) -> None:
        service = self.service()
        await service.start()
        assert service.addresses == [
            ("127.0.0.1", self.port),
            ("127.0.0.1", self.monitor_port),
        ]
        assert (await self.ask()).status == Status.SUCCESSFUL_OK
        assert (await self.get("/readyz"))[0] == 200
        metrics = (await self.get("/metrics"))[1]
        assert (
            'ippgate_requests_total{operation="Get-Jobs",outcome="answered",printer="lab-1"} 1.0'
            in metrics
        )
        assert "ippgate_certificate_expiry_timestamp_seconds{" in metrics

    async def test_the_trail_says_what_was_loaded_before_anybody_is_served(self) -> None:
        service = self.service()
        await service.start()
        await self.ask()
        await service.stop()
        events = [record["event"] for record in self.records()]
        assert events == [
            "stream.opened",
            "configuration.loaded",
            "request.outcome",
            "stream.closed",
        ]
        loaded, outcome = self.records()[1:3]
        assert loaded["detail"]["file"] == str(self.file)
        assert (loaded["detail"]["rules"], loaded["detail"]["printers"]) == (3, 1)
        assert loaded["detail"]["policy"] == outcome["decision"]["revision"]

    async def test_stopped_nothing_is_listened_on_and_a_second_time_does_nothing(self) -> None:
        service = self.service()
        await service.start()
        await service.stop()
        assert self.free(self.port)
        assert self.free(self.monitor_port)
        before = self.records()
        await service.stop()
        assert self.records() == before

    async def test_an_address_in_use_opens_nothing_at_all(self) -> None:
        taken = socket.create_server(("127.0.0.1", self.monitor_port))
        self.addCleanup(taken.close)
        service = self.service()
        with pytest.raises(ListenError, match=f"127.0.0.1 port {self.monitor_port}"):
            await service.start()
        assert self.free(self.port)
        assert self.records()[-1]["event"] == "stream.closed"

    async def test_without_a_trail_nothing_is_served(self) -> None:
        first, second = self.service(), self.service()
        await first.start()
        with pytest.raises(TrailUnwritable, match=r"audit\.jsonl"):
            await second.start()
        assert (await self.ask()).status == Status.SUCCESSFUL_OK

    async def test_a_running_request_ends_before_the_gateway_does(self) -> None:
        waiting = self.held()
        service = self.service()
        await service.start()
        asking = self.ask()
        connection = await waiting
        stopping = Deferred.fromCoroutine(service.stop())
        await deferLater(reactor, 0.05)
        assert not stopping.called
        assert self.free(self.port), "nobody else is taken"
        answer(connection)
        assert (await asking).status == Status.SUCCESSFUL_OK
        await stopping
        assert [record["event"] for record in self.records()][-2:] == [
            "request.outcome",
            "stream.closed",
        ]

    async def test_a_request_that_does_not_end_is_cut_off_answered_and_recorded(self) -> None:
        self.patch(service_module, "DRAIN_SECONDS", 0.1)  # type: ignore[no-untyped-call]
        waiting = self.held()
        service = self.service()
        await service.start()
        asking = self.ask(Operation.CREATE_JOB)
        await waiting
        await service.stop()
        assert (await asking).status == Status.SERVER_ERROR_SERVICE_UNAVAILABLE
        *_, intent, outcome, closed = self.records()
        assert intent["event"] == "request.intent"
        assert outcome["event"] == "request.outcome"
        assert outcome["decision"]["reason"] == "printer-unavailable"
        assert closed["event"] == "stream.closed"
