"""A directory as a source of people: its questions run in threads, within a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable

from ippgate.exchange.ports import DirectoryUnavailable
from ippgate.identity.availability import Availability
from ippgate.identity.kept_connections import KeptConnections
from ippgate.identity.ldap_connection import Journal
from ippgate.identity.ldap_probes import Probes
from ippgate.identity.ldap_question import Question
from ippgate.identity.ldap_server import LdapServer
from ippgate.identity.ldap_tls import client_context
from ippgate.identity.settings import LdapSettings
from ippgate.identity.source import AccountAttempts, DirectoryMeter
from ippgate.policy.facts import Principal
from ippgate.reactor import Reactor
from ippgate.threads import BoundedThreads, Overloaded, TooLate


class LdapDirectory:
    """Implements Source by LDAP (RFC 4511)."""

    name = "ldap"

    def __init__(
        self,
        settings: LdapSettings,
        reactor: Reactor,
        meter: DirectoryMeter,
        attempts: AccountAttempts | None = None,
    ) -> None:
        """``settings`` without mistakes; their file of certificate authorities is read here.

        Raises OSError when that cannot be read any more.
        """
        self._settings = settings
        self._meter = meter
        self._attempts = attempts
        self._context = client_context(settings.ca_file)
        servers = [LdapServer.parse(uri) for uri in settings.servers]
        self._availability = Availability(servers, reactor.seconds)
        self._probes = Probes(servers, self._availability, self._probe, self._probed, reactor)
        self._probe_threads = BoundedThreads(reactor, "ldap-probes", len(servers), 0)
        self._kept = KeptConnections(settings.threads)
        self._threads = BoundedThreads(reactor, "ldap", settings.threads, settings.waiting)

    async def verify(self, username: str, password: str) -> Principal | None:
        """See Source.verify."""
        return await self._ask(lambda question: question.prove(username, password))

    async def look_up(self, username: str, filter_: str | None = None) -> Principal | None:
        """See Source.look_up."""
        return await self._ask(lambda question: question.look_up(username, filter_))

    async def _ask(self, ask: Callable[[Question], Principal | None]) -> Principal | None:
        servers = self._availability.to_ask()
        whole = self._settings.whole_seconds
        journal = Journal(time.monotonic() + whole, self._settings.step_seconds)
        question = Question(
            self._settings, servers, self._context, self._kept, journal, self._attempts
        )
        try:
            return await self._threads.call(lambda: ask(question), seconds=whole, late=journal.cut)
        except TooLate:
            late = question.asking or servers[0]
            reason = f"{late} did not answer within {whole:g} s"
            if question.asking is not None and not question.answered:
                question.failed[late.label] = reason
            raise DirectoryUnavailable(reason, unreachable=True) from None
        except Overloaded:
            most = self._settings.threads + self._settings.waiting
            raise DirectoryUnavailable(f"{most} questions to {servers[0]} wait already") from None
        finally:
            self._report(question)

    def start(self) -> None:
        """See Source.start."""
        self._probes.start()

    def stop(self) -> None:
        """Ends every question, joins the threads, closes the connections."""
        self._probes.stop()
        self._kept.close()
        self._threads.stop()
        self._probe_threads.stop()

    async def _probe(self, server: LdapServer) -> str | None:
        settings = self._settings
        journal = Journal(time.monotonic() + settings.whole_seconds, settings.step_seconds)
        question = Question(settings, [server], self._context, self._kept, journal)
        try:
            why = await self._probe_threads.call(
                question.probe, seconds=settings.whole_seconds, late=journal.cut
            )
        except (TooLate, Overloaded):
            why = f"{server} did not answer within {settings.whole_seconds:g} s"
        self._measure(journal)
        return why

    def _probed(self, server: LdapServer, why: str | None) -> None:
        self._meter.directory_up(server=server.label, up=why is None)

    def _report(self, question: Question) -> None:
        self._measure(question.journal)
        for label, why in dict(question.failed).items():
            self._availability.failed(label, why)
            self._meter.directory_up(server=label, up=False)
            self._probes.failed(label)
        if question.answered and question.asking is not None:
            self._availability.answered(question.asking.label)
            self._meter.directory_up(server=question.asking.label, up=True)

    def _measure(self, journal: Journal) -> None:
        for server, call, seconds in list(journal.calls):
            self._meter.directory_called(server=server, call=call, seconds=seconds)
