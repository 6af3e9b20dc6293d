"""Composes who is asking: sources, caches, counters and methods, from what was prepared.

Beside the composition root, since commands that look into a directory or a state file need the same
parts without a gateway around them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from twisted.internet.task import deferLater

from ippgate.exchange.ports import Clock, DirectoryUnavailable
from ippgate.identity.cache import CredentialCache
from ippgate.identity.certificates import CertificateIdentifier
from ippgate.identity.identifier import BasicIdentifier
from ippgate.identity.ldap_directory import LdapDirectory
from ippgate.identity.lockout import Aside, Lockout, at_once
from ippgate.identity.methods import Methods
from ippgate.identity.negotiate import NegotiateIdentifier
from ippgate.identity.people import People
from ippgate.identity.shared_tallies import SharedTallies
from ippgate.identity.source import AccountAttempts, DirectoryMeter, Source
from ippgate.identity.state_file import StateFile
from ippgate.identity.tallies import MemoryTallies, Tallies, Window
from ippgate.identity.tokens import TokenIdentifier, TokenStore
from ippgate.identity.user_file import UserSource
from ippgate.monitor.metrics import Metrics
from ippgate.preparing import Prepared
from ippgate.reactor import Reactor
from ippgate.threads import BoundedThreads, Overloaded, TooLate

T = TypeVar("T")

STATE_SECONDS = 0.4
"""For one look into the state file, which takes a millisecond: a client hears within 3 s, whatever
the directory takes of them."""
TICKET_SECONDS = 1.0
"""For one ticket, which takes less than a millisecond, and a file of those that were shown."""
WAITING = 500
"""Calls that wait for those before them."""


@dataclass(slots=True)
class Identity:
    """All parts, and what must be stopped."""

    identifier: Methods
    sources: Sequence[Source]
    state: StateFile | None
    asides: Sequence[ThreadAside]
    stopped: bool = False

    def start(self) -> None:
        """Needs no source to answer."""
        for source in self.sources:
            source.start()

    def stop(self) -> None:
        """Once; asked again, nothing happens."""
        if self.stopped:
            return
        self.stopped = True
        for source in self.sources:
            source.stop()
        for aside in self.asides:
            aside.stop()
        if self.state is not None:
            self.state.close()


def make_identity(prepared: Prepared, reactor: Reactor, metrics: Metrics, clock: Clock) -> Identity:
    """Raises StateUnusable."""
    section = prepared.loaded.configuration.identity
    state = open_state(prepared)
    tickets = ThreadAside(reactor, "tickets", TICKET_SECONDS)
    asides = [tickets]
    aside: Aside = at_once
    if state is not None:
        asides.append(ThreadAside(reactor, "state file", STATE_SECONDS))
        aside = asides[-1]
    lockout = None
    if section.lockout.failures:
        lockout = Lockout(section.lockout.failures, make_tallies(prepared, state), clock, aside)
    sources = make_sources(
        prepared, reactor, metrics, None if lockout is None else lockout.accounts
    )
    times = section.cache
    cache = CredentialCache(times.ttl, times.negative_ttl, clock, stale_ttl=times.stale_ttl)
    people = People(sources, cache, clock, partial(deferLater, reactor))
    methods = Methods(
        BasicIdentifier(section.realm, people, cache, metrics, lockout, prepared.names),
        people,
        prepared.names,
        metrics,
        tokens=None if state is None else TokenIdentifier(TokenStore(state), people, clock, aside),
        certificates=CertificateIdentifier(
            people, prepared.names, section.certificate.name, section.certificate.filter
        ),
        negotiate=None
        if prepared.accept is None
        else NegotiateIdentifier(prepared.accept, people, prepared.names, tickets),
        networks={
            name: printer.trusted_networks
            for name, printer in prepared.loaded.configuration.printers.items()
        },
    )
    return Identity(methods, sources, state, asides)


def open_state(prepared: Prepared) -> StateFile | None:
    """None when no folder is configured. Raises StateUnusable."""
    folder = prepared.loaded.configuration.state
    return None if folder is None else StateFile(prepared.loaded.path(folder))


def make_tallies(prepared: Prepared, state: StateFile | None) -> Tallies:
    """Where questions about names are counted."""
    lockout = prepared.loaded.configuration.identity.lockout
    window = Window(lockout.within, lockout.for_)
    return MemoryTallies(window) if state is None else SharedTallies(window, state)


def make_sources(
    prepared: Prepared,
    reactor: Reactor,
    meter: DirectoryMeter,
    attempts: AccountAttempts | None = None,
) -> list[Source]:
    """Who knows people: the directory is asked first."""
    sources: list[Source] = []
    if prepared.ldap is not None:
        sources.append(LdapDirectory(prepared.ldap, reactor, meter, attempts))
    if prepared.users is not None:
        sources.append(UserSource(prepared.users, reactor))
    return sources


class ThreadAside:
    """Implements Aside by a thread of its own; ``name``: what it is for."""

    def __init__(self, reactor: Reactor, name: str, seconds: float) -> None:
        self._name = name
        self._seconds = seconds
        self._threads = BoundedThreads(reactor, name, 1, WAITING)

    async def __call__(self, work: Callable[[], T]) -> T:
        try:
            return await self._threads.call(work, seconds=self._seconds)
        except (TooLate, Overloaded):
            raise DirectoryUnavailable(
                f"{self._name}: no answer within {self._seconds:g} s"
            ) from None

    def stop(self) -> None:
        """Ends every call, joins the thread."""
        self._threads.stop()
