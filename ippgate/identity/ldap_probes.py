"""Asks each server of a directory in the background: the half-open state of its breaker.

A server that failed is asked every PROBE_SECONDS until it answers; one that answers, now and then,
so that a stand-by that died is seen before it is needed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from ippgate.identity.availability import Availability
from ippgate.identity.ldap_server import LdapServer
from ippgate.reactor import Reactor
from ippgate.spawn import Tasks

PROBE_SECONDS = 1.0
"""Between two probes of a server that failed: it is back within this time and one answer."""
IDLE_SECONDS = 30.0
"""Between two probes of a server that answers."""

_log = Logger()

Probe = Callable[[LdapServer], Awaitable[str | None]]
"""Asks a server; None when it answers, otherwise why not. Ends within its own deadline."""
Report = Callable[[LdapServer, str | None], None]
"""Hears what a probe brought."""


class Probes:
    """One probe at a time for each server."""

    def __init__(
        self,
        servers: Sequence[LdapServer],
        availability: Availability,
        probe: Probe,
        report: Report,
        reactor: Reactor,
    ) -> None:
        self._servers = {server.label: server for server in servers}
        self._availability = availability
        self._probe = probe
        self._report = report
        self._reactor = reactor
        self._timers: dict[str, IDelayedCall] = {}
        self._running: set[str] = set()
        self._stopped = False
        self._tasks = Tasks()

    def start(self) -> None:
        """Asks all servers at once, and goes on."""
        for label in self._servers:
            self._schedule(label, 0.0)

    def failed(self, label: str) -> None:
        """A question found that a server does not answer: it is asked again soon."""
        timer = self._timers.get(label)
        if timer is not None and timer.getTime() - self._reactor.seconds() <= PROBE_SECONDS:
            return
        self._schedule(label, PROBE_SECONDS)

    def stop(self) -> None:
        """No more probes begin."""
        self._stopped = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _schedule(self, label: str, seconds: float) -> None:
        if self._stopped or label in self._running:
            return
        timer = self._timers.pop(label, None)
        if timer is not None:
            timer.cancel()
        self._timers[label] = self._reactor.callLater(seconds, self._begin, label)

    def _begin(self, label: str) -> None:
        del self._timers[label]
        self._running.add(label)
        self._tasks.spawn(self._ask(label), f"a probe of {label}")

    async def _ask(self, label: str) -> None:
        server = self._servers[label]
        was_up = self._availability.is_up(label)
        try:
            why = await self._probe(server)
        finally:
            self._running.discard(label)
        if self._stopped:
            return
        if why is None:
            self._availability.answered(label)
            if not was_up:
                _log.info("{server} answers again", server=server)
        else:
            self._availability.failed(label, why)
            if was_up:
                _log.warn("The directory does not answer: {why}", why=why)
        self._report(server, why)
        self._schedule(label, IDLE_SECONDS if why is None else PROBE_SECONDS)
