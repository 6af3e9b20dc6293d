"""``check --online``: a printer and a directory on loopback, asked as they are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from twisted.internet import reactor as global_reactor
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from ippgate import online
from ippgate.config.findings import Finding
from ippgate.demo.capabilities import printer_attributes
from ippgate.ipp import values
from ippgate.ipp.decoder import decode
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.preparing import prepare
from tests.support.exchange_fakes import ipp_reply, texts_of
from tests.support.gate_process import write_site
from tests.support.identities import of_file
from tests.support.processes import free_port
from tests.support.rogue_printer import RogueConnection, RoguePrinter

reactor = cast(Any, global_reactor)


def http(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def question(connection: RogueConnection) -> Message:
    return decode(connection.requests[-1].partition(b"\r\n\r\n")[2])[0]


class OnlineTests(TestCase):
    timeout = 30

    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.rogue = RoguePrinter(reactor)
        self.port = self.rogue.start()
        self.addCleanup(self.rogue.stop)
        self.told: list[str] = []

    def ask(
        self, printers: dict[str, str] | None = None, identity: str | None = None
    ) -> Deferred[list[Finding]]:
        uri = f"ipp://127.0.0.1:{self.port}/ipp/print"
        file, _, _ = write_site(
            self.folder,
            printers or {"lab-1": uri},
            identity=identity or of_file(self.folder, [("alice", "secret", "staff")]),
        )
        prepared = prepare(file, {}, datetime.now(UTC))
        return Deferred.fromCoroutine(online.ask_everybody(prepared, reactor, self.told.append))

    def answers(self, *attributes: Attribute, status: int = Status.SUCCESSFUL_OK) -> None:
        def behaviour(connection: RogueConnection, _: int) -> None:
            group = Group(GroupTag.PRINTER, attributes)
            connection.say(http(ipp_reply(question(connection), group, status=status)))

        self.rogue.behaviour = behaviour

    async def test_who_answers_well_is_told_and_nothing_is_found(self) -> None:
        self.answers(*printer_attributes("ipp://192.0.2.21/ipp/print", 5, 0))
        assert await self.ask() == []
        assert sorted(self.told) == [
            "identity.file: answers",
            "printers.lab-1: ippgate virtual legacy printer, idle",
        ]

    async def test_a_printer_is_asked_for_little_in_the_version_that_all_know(self) -> None:
        self.answers()
        await self.ask()
        (request,) = self.rogue.requests
        assert request.startswith(b"POST /ipp/print HTTP/1.1\r\n")
        asked, rest = decode(request.partition(b"\r\n\r\n")[2])
        assert (asked.version, asked.code, rest) == (
            (1, 1),
            Operation.GET_PRINTER_ATTRIBUTES,
            b"",
        )
        assert texts_of(asked, "printer-uri") == [f"ipp://127.0.0.1:{self.port}/ipp/print"]

    async def test_what_a_person_must_see_to_is_a_warning_at_the_printers_key(self) -> None:
        self.answers(
            Attribute("printer-state", (values.enum(5),)),
            Attribute(
                "printer-state-reasons",
                (values.keyword("media-empty-error"), values.keyword("door-open")),
            ),
        )
        (found,) = await self.ask()
        assert "printers.lab-1: a printer of unknown make, stopped" in self.told
        assert str(found).endswith(
            f"printers.lab-1.uri: warning: ipp://127.0.0.1:{self.port}/ipp/print: "
            "it says media-empty-error, door-open"
        )
        assert found.line == 9

    async def test_a_printer_that_says_nonsense_of_itself_is_there_all_the_same(self) -> None:
        self.answers(
            Attribute("printer-state", (values.keyword("idle"),)),
            Attribute("printer-make-and-model", (values.integer(7),)),
            Attribute("printer-state-reasons", (values.keyword("none"),)),
        )
        assert await self.ask() == []
        assert "printers.lab-1: a printer of unknown make, state unknown" in self.told

    async def test_an_ipp_error_asks_whether_the_path_is_right(self) -> None:
        self.answers(status=Status.CLIENT_ERROR_NOT_FOUND)
        (found,) = await self.ask()
        assert "it answers client-error-not-found: is the path right?" in found.message

    async def test_what_answers_something_else_is_an_error(self) -> None:
        page = http(b"<html>It works!</html>").replace(b"application/ipp", b"text/html")
        self.rogue.behaviour = lambda connection, _: connection.say(page)
        (found,) = await self.ask()
        assert "text/html instead of IPP" in found.message

    async def test_a_printer_that_is_silent_is_waited_for_and_no_longer(self) -> None:
        self.patch(online, "PRINTER_SECONDS", 0.2)  # type: ignore[no-untyped-call]
        self.rogue.behaviour = lambda *_: None
        (found,) = await self.ask()
        assert "it did not answer within 0.2 seconds" in found.message

    async def test_everybody_is_asked_whatever_the_others_say(self) -> None:
        self.answers(*printer_attributes("ipp://192.0.2.21/", 5, 3))
        off = f"ipp://127.0.0.1:{free_port()}/"
        found = await self.ask(
            {
                "dark": off,
                "lab-1": f"ipp://127.0.0.1:{self.port}/ipp/print",
                "also-dark": off,
            }
        )
        assert [finding.path for finding in found] == [
            "printers.dark.uri",
            "printers.also-dark.uri",
        ]
        assert all("refuses connections" in finding.message for finding in found)
        assert "printers.lab-1: ippgate virtual legacy printer, printing" in self.told

    async def test_a_directory_that_does_not_answer_is_an_error_at_its_key(self) -> None:
        self.answers()
        server = f"ldap://127.0.0.1:{free_port()}"
        identity = f"  ldap:\n    servers: [{server}]\n    users: {{base: 'dc=example,dc=org'}}\n"
        (found,) = await self.ask(identity=identity)
        assert found.path == "identity.ldap"
        assert server in found.message
