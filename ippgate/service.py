"""The composition root: opens what was prepared, and closes it again in good order.

The only place that knows concrete classes; everything else takes ports or plain arguments.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.logger import Logger

from ippgate.audit.events import Event, Record
from ippgate.audit.trail import FileTrail
from ippgate.clock import SystemClock
from ippgate.config.model import Limits
from ippgate.decisionpoint.http import HttpDecisionPoint
from ippgate.exchange.exchange import Exchange
from ippgate.exchange.following import Look, look
from ippgate.exchange.ports import Application, Edges
from ippgate.exchange.site import PrinterText, Site
from ippgate.identifying import make_identity
from ippgate.ledger.follower import Follower
from ippgate.ledger.ledger import SqlLedger
from ippgate.ledger.retention import Retention
from ippgate.listener.limits import Caps, Census, Deadlines
from ippgate.listener.port import ListenAddress, Listener, listen, where
from ippgate.listener.tls import ServerTls
from ippgate.monitor.application import MonitorApplication
from ippgate.monitor.metrics import Metrics
from ippgate.preparing import Prepared, caps
from ippgate.printer.known import KnownPrinter
from ippgate.printer.pool import PooledPrinter
from ippgate.printer.probe import Probe
from ippgate.reactor import Reactor
from ippgate.spawn import Tasks

_log = Logger()

DRAIN_SECONDS = 30.0
"""How long running requests may take to end when the gateway stops."""
CUT_SECONDS = 2.0
"""How long those may take to be recorded that did not end by themselves."""
MONITOR_CAPS = Caps(connections=50, per_address=50)
"""Prometheus and probes need a few connections."""
ID_OCTETS = 6
"""A request's id: short enough to be read out on the telephone, and unique among billions."""


class Service:
    """A gateway, from prepared parts."""

    def __init__(self, prepared: Prepared, reactor: Reactor) -> None:
        self._prepared = prepared
        self._reactor = reactor
        self._configuration = prepared.loaded.configuration
        self._clock = SystemClock()
        self._tasks = Tasks()
        self.metrics = Metrics(version("ippgate"))
        self._trail = FileTrail(
            prepared.loaded.path(self._configuration.audit.file),
            reactor,
            self._clock,
            self.metrics,
        )
        self._identity = make_identity(prepared, reactor, self.metrics, self._clock)
        self._ledger = SqlLedger(prepared.ledger, reactor, self._clock, self.metrics)
        self._pools = make_printers(prepared, reactor)
        self._printers = {
            name: KnownPrinter(pool, reactor, self.metrics) for name, pool in self._pools.items()
        }
        self._probe = Probe(self._printers.values(), reactor)
        self._decision_point = HttpDecisionPoint(reactor)
        self._edges = self._make_edges()
        self._follower = Follower(
            self._pools, self._look_at_jobs, self._ledger.busy_printers, reactor
        )
        self._ledger.changed = self._follower.wake
        self._retention = Retention(self._ledger, self._configuration.ledger.keep, reactor)
        self._listeners: list[Listener] = []
        self._ports: list[IListeningPort] = []

    async def start(self) -> None:
        """Opens the trail, then listens. Raises TrailUnwritable or ListenError; nothing stays
        open then."""
        try:
            await self._trail.start(self._description())
            await self._record_configuration()
            self._identity.start()
            await self._ledger.start()
            self._listen_to_clients()
            self._listen_to_monitoring()
            self._probe.start()
            self._follower.start()
            self._retention.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Takes no further requests, lets running ones end, closes everything; a second time does
        nothing."""
        for port in self._ports:
            await maybeDeferred(port.stopListening)
        self._ports.clear()
        for listener in self._listeners:
            listener.stop_connections()
        await self._drained(DRAIN_SECONDS)
        self._probe.stop()
        await self._decision_point.close()
        for pool in self._pools.values():
            pool.close()
        await self._follower.stop()
        await self._retention.stop()
        # What was cut off has its outcome in the trail before that is closed.
        await self._drained(CUT_SECONDS)
        self._identity.stop()
        await self._ledger.stop()
        await self._trail.stop()

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of every listening socket, in the order of the configuration; the
        monitoring address is the last."""
        return [where(port) for port in self._ports]

    # --- parts ------------------------------------------------------------------------------------

    def _make_edges(self) -> Edges:
        return Edges(
            identifier=self._identity.identifier,
            printers=dict(self._printers),
            ledger=self._ledger,
            quotas=self._ledger,
            trail=self._trail,
            meter=self.metrics,
            clock=self._clock,
            new_id=lambda: secrets.token_hex(ID_OCTETS),
            decision_point=self._decision_point,
        )

    def _exchange(self) -> Exchange:
        configuration = self._configuration
        site = Site(
            configuration.public_name,
            {
                name: PrinterText(printer.title or name, printer.location)
                for name, printer in configuration.printers.items()
            },
            record_queries=configuration.audit.queries == "all",
            icon=files("ippgate.exchange").joinpath("printer.png").read_bytes(),
        )
        return Exchange(self._prepared.policy, self._edges, site)

    async def _look_at_jobs(self, name: str, seconds: float) -> Look:
        printer = self._edges.printers[name]
        return await look(printer, self._ledger, self.metrics, self._edges, seconds)

    def _listen_to_clients(self) -> None:
        exchange = self._exchange()
        census = Census(caps(self._configuration.limits))
        for section, tls in zip(self._configuration.listen, self._prepared.tls, strict=True):
            self.metrics.certificate(name=section.tls.certificate, not_after=tls.facts.not_after)
            self._open(section.address, exchange, tls, census, counted=True)

    def _listen_to_monitoring(self) -> None:
        if self._configuration.monitor is not None:
            application = MonitorApplication(self.metrics.exposition, self._checks)
            census = Census(MONITOR_CAPS)
            self._open(self._configuration.monitor, application, None, census, counted=False)

    def _open(
        self,
        address: str,
        application: Application,
        tls: ServerTls | None,
        census: Census,
        *,
        counted: bool,
    ) -> None:
        listener = Listener(
            application,
            self._reactor,
            tls=tls,
            deadlines=deadlines(self._configuration.limits),
            census=census,
            tasks=self._tasks,
            meter=self.metrics if counted else None,
        )
        port = listen(self._reactor, ListenAddress.parse(address), listener)
        self._listeners.append(listener)
        self._ports.append(port)
        host, number = where(port)
        what = "printers over IPPS" if tls is not None else "metrics and health"
        _log.info("Serving {what} on {host} port {port}", what=what, host=host, port=number)

    # --- what is told -----------------------------------------------------------------------------

    def _checks(self) -> Mapping[str, str | None]:
        """For /readyz."""
        writable = self.metrics.audit_writable
        return {
            "listening": None if self._ports else "no address is listened on",
            "trail": None if writable else "the trail cannot be written: nothing is printed",
            "ledger": self._ledger.trouble,
        }

    def _description(self) -> dict[str, object]:
        return {"software": f"ippgate {version('ippgate')}"}

    async def _record_configuration(self) -> None:
        configuration = self._configuration
        await self._trail.record(
            Record(
                time=self._clock.now(),
                event=Event.CONFIGURATION_LOADED,
                id=secrets.token_hex(ID_OCTETS),
                detail={
                    "file": self._prepared.loaded.source.file,
                    "policy": self._prepared.policy.revision,
                    "rules": len(self._prepared.policy.rules),
                    "printers": len(configuration.printers),
                },
            ),
            durable=True,
        )

    async def _drained(self, seconds: float) -> None:
        """Waits for running requests to end, and no longer than that."""
        if not self._tasks:
            return
        waiting = Deferred.fromCoroutine(self._tasks.wait())
        _log.info("Waiting for {count} requests to end", count=len(self._tasks))
        await waiting.addTimeout(seconds, self._reactor, lambda *_: None)


def make_printers(prepared: Prepared, reactor: Reactor) -> dict[str, PooledPrinter]:
    """The printers, by name."""
    return {
        name: PooledPrinter(name, address, reactor) for name, address in prepared.printers.items()
    }


def deadlines(limits: Limits) -> Deadlines:
    """The listener's deadlines from the configuration."""
    return Deadlines(
        handshake=limits.handshake,
        head=limits.head,
        idle=limits.idle,
        attributes=limits.attributes,
        body_rate=limits.body_rate,
    )
