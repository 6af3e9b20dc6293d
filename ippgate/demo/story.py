"""The demo's story: a document that is printed, one that is refused, and the trail of both."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from contextlib import closing
from http.client import HTTPException
from pathlib import Path

from twisted.internet.defer import maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from ippgate.clock import SystemClock
from ippgate.demo import pdf, site
from ippgate.demo.client import Client, Reply
from ippgate.demo.printer import PATH, VirtualPrinter
from ippgate.demo.slapd_files import Account
from ippgate.identity.settings import LdapSettings
from ippgate.ipp.enums import Status
from ippgate.listener.limits import Caps, Census, Deadlines
from ippgate.listener.port import ListenAddress, Listener, listen, where
from ippgate.preparing import prepare
from ippgate.reactor import Reactor
from ippgate.service import Service
from ippgate.spawn import Tasks

PREFERRED_PORT = 8631
HOST = "localhost"
LOOPBACK = "127.0.0.1"
DOCUMENT = "hello.pdf"
_PRINTER_CAPS = Caps(connections=100, per_address=100)
_LINES = (
    "This page went through ippgate.",
    "",
    "It came over TLS, from somebody with a name and a password;",
    "a rule permitted it; its digest stands in the trail;",
    "and the printer never learned anything of TLS or passwords.",
)


class DemoFailed(Exception):
    """The demo did not go as it must: what was expected, and what came."""


class Demo:
    """Everything that the demo runs, in one folder. ``say`` prints a line.

    ``port`` None: 8631, or one that is free. ``directory`` None: accounts are in a file.
    """

    def __init__(
        self,
        reactor: Reactor,
        folder: Path,
        say: Callable[[str], None],
        *,
        environment: Mapping[str, str],
        port: int | None = None,
        directory: LdapSettings | None = None,
    ) -> None:
        self._reactor = reactor
        self._folder = folder
        self._say = say
        self._environment = environment
        self._clock = SystemClock()
        self._threads = ThreadPool(0, 2, "demo-client")
        self._printer_port = self._open_printer()
        self.site = site.write(
            folder,
            port=free_port() if port is None else port,
            printer_uri=self.printer_uri,
            now=self._clock.now(),
            directory=directory,
        )
        self._service: Service | None = None

    @property
    def printer_uri(self) -> str:
        """The virtual printer's own address."""
        return f"ipp://{LOOPBACK}:{where(self._printer_port)[1]}{PATH}"

    @property
    def gate_port(self) -> int:
        """Where clients reach the gateway."""
        assert self._service is not None, "it is open"
        return self._service.addresses[0][1]

    @property
    def monitor_port(self) -> int:
        """Where metrics are."""
        assert self._service is not None, "it is open"
        return self._service.addresses[-1][1]

    async def open(self) -> None:
        """Starts the gateway. Raises ConfigurationError, ListenError, TrailUnwritable."""
        prepared = prepare(self.site.configuration, self._environment, self._clock.now())
        self._service = Service(prepared, self._reactor)
        self._threads.start()
        await self._service.start()
        self._say("A virtual printer of 2009 - IPP/1.1 in the clear, no users:")
        self._say(f"    {self.printer_uri}")
        self._say("The gateway in front of it - TLS, accounts, rules, a trail:")
        self._say(f"    ipps://{HOST}:{self.gate_port}/printers/{site.PRINTER}")
        self._say("")

    async def tell(self) -> None:
        """Prints, is refused, and compares. Raises DemoFailed."""
        document = pdf.page(_LINES)
        (self._folder / DOCUMENT).write_bytes(document)
        await self._print_as_staff(document)
        await self._refuse_a_visitor(document)

    async def close(self) -> None:
        """Closes the gateway first, then the printer; a second time does nothing."""
        service, self._service = self._service, None
        if service is not None:
            await service.stop()
        if self._threads.started:
            self._threads.stop()
        await maybeDeferred(self._printer_port.stopListening)

    # --- chapters ---------------------------------------------------------------------------------

    async def _print_as_staff(self, document: bytes) -> None:
        name = site.ALICE.name
        self._say(f"{name} ({site.STAFF}) prints {DOCUMENT}, {len(document):,} octets:")
        reply = await self._print(site.ALICE, document)
        self._tell_answer(reply)
        if reply.status != Status.SUCCESSFUL_OK:
            raise DemoFailed(f"{name} must be able to print, and the answer was {_said(reply)}")
        paper = sorted(self.site.printed.glob("job-*"))[-1]
        received = paper.read_bytes()
        if received != document:
            raise DemoFailed(f"{paper} differs from what was printed")
        self._say(f"    printer  {paper}")
        self._say(f"             {len(received):,} octets, the same, octet for octet")
        self._say("")

    async def _refuse_a_visitor(self, document: bytes) -> None:
        name = site.BOB.name
        self._say(f"{name} ({site.VISITORS}) prints the same:")
        reply = await self._print(site.BOB, document)
        self._tell_answer(reply)
        if reply.status != Status.CLIENT_ERROR_NOT_AUTHORIZED or site.REFUSAL not in reply.words:
            raise DemoFailed(f"{name} must be refused in the rule's words, not {_said(reply)}")
        if len(list(self.site.printed.iterdir())) != 1:
            raise DemoFailed("the printer received something that was refused")
        self._say("    printer  received nothing")
        self._say("")

    def _tell_answer(self, reply: Reply) -> None:
        self._say(f"    answer   {reply.summary}")
        if reply.words:
            self._say(f"    words    {reply.words}")

    # --- what it stands on ------------------------------------------------------------------------

    async def _print(self, person: Account, document: bytes) -> Reply:
        client = Client(HOST, self.gate_port, self.site.ca, person.name, person.password)
        try:
            return await deferToThreadPool(
                self._reactor,
                self._threads,
                client.print,
                site.PRINTER,
                document,
                "application/pdf",
                DOCUMENT,
            )
        except (OSError, HTTPException) as error:
            raise DemoFailed(f"the gateway did not answer: {error!r}") from error

    def _open_printer(self) -> IListeningPort:
        listener = Listener(
            VirtualPrinter(self._folder / "printed", self._clock),
            self._reactor,
            tls=None,
            deadlines=Deadlines(),
            census=Census(_PRINTER_CAPS),
            tasks=Tasks(),
        )
        return listen(self._reactor, ListenAddress(LOOPBACK, 0), listener)


def _said(reply: Reply) -> str:
    return f"{reply.summary}: {reply.words}" if reply.words else reply.summary


def free_port() -> int:
    """The preferred port; 0, for any, when something else has it."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, PREFERRED_PORT))
        except OSError:
            return 0
    return PREFERRED_PORT
