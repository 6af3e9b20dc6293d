"""Prometheus metrics: what product and operators agreed on, and nothing that names a person.

Implements the ports Meter, KnowledgeMeter, ConnectionMeter, DirectoryMeter, TrailMeter, LedgerMeter
and JobMeter. Labels come from the configuration and from the registry of IPP, so the number of
series has a bound: codes that nobody registered are all ``other``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of :meth:`Metrics.exposition`: Prometheus' text format."""

OTHER = "other"

_REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
_CALL_SECONDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """All metrics of one process, in a registry of their own."""

    def __init__(self, version: str) -> None:
        registry = self.registry = CollectorRegistry()
        self.audit_writable = False
        self._states: dict[str, str | None] = {}
        self._markers: dict[str, frozenset[str]] = {}
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self._count_requests(registry)
        self._count_peers(registry)
        self._count_process(registry, version)

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)

    # --- Meter ----------------------------------------------------------------------------------

    def answered(self, *, printer: str, operation: str, outcome: str, seconds: float) -> None:
        name = _registered(operation)
        self._requests.labels(printer, name, outcome).inc()
        self._request_seconds.labels(name).observe(seconds)

    def refused(self, *, printer: str, rule: str, reason: str) -> None:
        self._refusals.labels(printer, rule, reason).inc()

    def authenticated(self, *, method: str, outcome: str) -> None:
        self._authentications.labels(method, outcome).inc()

    def printer_answered(self, *, printer: str, up: bool, seconds: float) -> None:
        self._printer_up.labels(printer).set(up)
        if up:
            self._printer_seconds.labels(printer).observe(seconds)

    def printer_health(
        self,
        *,
        printer: str,
        state: str | None,
        queued_jobs: int | None,
        markers: Mapping[str, int],
    ) -> None:
        before = self._states.get(printer)
        if before is not None and before != state:
            self._printer_state.labels(printer, before).set(0)
        if state is not None:
            self._printer_state.labels(printer, state).set(1)
        self._states[printer] = state
        if queued_jobs is not None:
            self._printer_queued_jobs.labels(printer).set(queued_jobs)
        # Supplies that are there no more leave: their names are the printer's, and must not add up.
        for marker in self._markers.get(printer, frozenset()) - markers.keys():
            self._printer_markers.remove(printer, marker)
        self._markers[printer] = frozenset(markers)
        for marker, level in markers.items():
            self._printer_markers.labels(printer, marker).set(level)

    def capabilities_asked(self, *, printer: str, result: str) -> None:
        self._capability_cache.labels(printer, result).inc()

    def document_octets(self, *, printer: str, direction: str, octets: int) -> None:
        self._document_octets.labels(printer, direction).inc(octets)

    def shadow_matched(self, *, rule: str) -> None:
        self._shadow_matches.labels(rule).inc()

    # --- ConnectionMeter ------------------------------------------------------------------------

    def connections(self, *, state: str, count: int) -> None:
        self._connections.labels(state).set(count)

    # --- DirectoryMeter -------------------------------------------------------------------------

    def directory_called(self, *, server: str, call: str, seconds: float) -> None:
        self._directory_seconds.labels(server, call).observe(seconds)

    def directory_up(self, *, server: str, up: bool) -> None:
        self._directory_up.labels(server).set(up)

    # --- TrailMeter -----------------------------------------------------------------------------

    def recorded(self, *, event: str) -> None:
        self._audit_records.labels(event).inc()

    def writable(self, *, writable: bool) -> None:
        self.audit_writable = writable
        self._audit_writable.set(writable)

    # --- LedgerMeter ----------------------------------------------------------------------------

    def ledger_writable(self, *, writable: bool) -> None:
        self._ledger_writable.set(writable)

    # --- JobMeter -------------------------------------------------------------------------------

    def pages_printed(self, *, printer: str, pages: int) -> None:
        self._pages.labels(printer).inc(pages)

    # --- at the start ---------------------------------------------------------------------------

    def certificate(self, *, name: str, not_after: datetime) -> None:
        """A listener serves with this certificate."""
        self._certificate_expiry.labels(name).set(not_after.timestamp())

    # --- what is counted ------------------------------------------------------------------------

    def _count_requests(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "ippgate_requests",
            "Requests by how they ended: answered, refused, challenged, failed.",
            ["printer", "operation", "outcome"],
            registry=registry,
        )
        self._request_seconds = Histogram(
            "ippgate_request_seconds",
            "From a request's head to its answer.",
            ["operation"],
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        self._refusals = Counter(
            "ippgate_refusals",
            "Requests refused by the gateway, by rule and reason.",
            ["printer", "rule", "reason"],
            registry=registry,
        )
        self._shadow_matches = Counter(
            "ippgate_shadow_matches",
            "Requests that a rule on trial matched.",
            ["rule"],
            registry=registry,
        )
        self._authentications = Counter(
            "ippgate_authentications",
            "Who asked, by method and outcome: accepted, stale, refused, locked, unavailable.",
            ["method", "outcome"],
            registry=registry,
        )

    def _count_peers(self, registry: CollectorRegistry) -> None:
        self._directory_seconds = Histogram(
            "ippgate_directory_seconds",
            "Calls to a directory server.",
            ["server", "call"],
            buckets=_CALL_SECONDS,
            registry=registry,
        )
        self._directory_up = Gauge(
            "ippgate_directory_up",
            "Whether a directory server answered when it was last asked.",
            ["server"],
            registry=registry,
        )
        self._printer_up = Gauge(
            "ippgate_printer_up",
            "Whether a printer answered when it was last asked.",
            ["printer"],
            registry=registry,
        )
        self._printer_seconds = Histogram(
            "ippgate_printer_seconds",
            "From sending a request to the printer's reply, documents included.",
            ["printer"],
            buckets=_CALL_SECONDS,
            registry=registry,
        )
        self._printer_state = Gauge(
            "ippgate_printer_state",
            "1 for the state that a printer says it is in; 0 for all while it does not answer.",
            ["printer", "state"],
            registry=registry,
        )
        self._printer_queued_jobs = Gauge(
            "ippgate_printer_queued_jobs",
            "Jobs that a printer says it has.",
            ["printer"],
            registry=registry,
        )
        self._printer_markers = Gauge(
            "ippgate_printer_marker_level_percent",
            "What is left of a printer's supplies.",
            ["printer", "marker"],
            registry=registry,
        )
        self._capability_cache = Counter(
            "ippgate_capability_cache",
            "Questions about a printer: hit, stale, joined, miss, down.",
            ["printer", "result"],
            registry=registry,
        )
        self._pages = Counter(
            "ippgate_pages",
            "Impressions that printers counted of jobs that ended.",
            ["printer"],
            registry=registry,
        )
        self._document_octets = Counter(
            "ippgate_document_bytes",
            "Octets of documents.",
            ["printer", "direction"],
            registry=registry,
        )

    def _count_process(self, registry: CollectorRegistry, version: str) -> None:
        self._connections = Gauge(
            "ippgate_connections",
            "Clients' connections: open ones, and refused ones since the start.",
            ["state"],
            registry=registry,
        )
        self._certificate_expiry = Gauge(
            "ippgate_certificate_expiry_timestamp_seconds",
            "When a listener's certificate ends.",
            ["name"],
            registry=registry,
        )
        self._audit_records = Counter(
            "ippgate_audit_records", "Lines written to the trail.", ["event"], registry=registry
        )
        self._audit_writable = Gauge(
            "ippgate_audit_writable",
            "1 when the trail can be written; nothing is printed otherwise.",
            registry=registry,
        )
        self._ledger_writable = Gauge(
            "ippgate_ledger_writable",
            "1 when the ledger of jobs can be written; no jobs are taken otherwise.",
            registry=registry,
        )
        build = Gauge("ippgate_build_info", "The version.", ["version"], registry=registry)
        build.labels(version).set(1)


def _registered(operation: str) -> str:
    """Codes without a name (``0x7777``) are one series: a client could send all of them."""
    return OTHER if operation.startswith("0x") else operation
