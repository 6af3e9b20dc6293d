"""RECORD: what is known of one exchange, from its first octet to its line in the trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ippgate.audit.events import Event, JsonObject, Record
from ippgate.document.digest import DocumentFacts
from ippgate.exchange.deciding import Permission
from ippgate.exchange.jobs import RememberedJob
from ippgate.exchange.new_job import NewJob
from ippgate.exchange.ports import Meter, Peer, Submission
from ippgate.exchange.question import attributes as in_json
from ippgate.exchange.request import Request
from ippgate.ipp.enums import Operation, Status
from ippgate.policy.decision import Decision, Effect
from ippgate.policy.facts import Facts, Principal

UNKNOWN = "unknown"
"""Label of a printer or operation that was not, or not yet, understood."""


@dataclass(slots=True)
class Account:
    """Filled in as the exchange goes on. ``started``: seconds on the monotonic clock.

    ``job``: the one that the request names, as the ledger remembers it; ``new_job``: one that is
    being made; ``job_ids``: those that are canceled together.
    ``outcome`` is a word of ippgate_requests_total{outcome}: answered, refused, challenged, failed.
    ``reason`` and ``rule`` say why a request was refused; ``error`` says it in words for the trail.
    ``decision`` and the ``facts`` it was made from are policy's last word; ``looked_at``:
    attributes that its rules look at. ``listing``: an operation that lists printers.
    """

    id: str
    at: datetime
    started: float
    peer: Peer
    revision: str
    printer: str = UNKNOWN
    request: Request | None = None
    header: tuple[tuple[int, int], int] | None = None
    principal: Principal | None = None
    claimed: str | None = None
    decision: Decision | None = None
    facts: Facts | None = None
    looked_at: frozenset[str] = frozenset()
    listing: Operation | None = None
    permission: Permission | None = None
    reservation: str | None = None
    job_id: int | None = None
    job_uuid: str | None = None
    job_ids: list[int] | None = None
    job: RememberedJob | None = None
    new_job: NewJob | None = None
    document: DocumentFacts | None = None
    outcome: str = "answered"
    rule: str | None = None
    reason: str | None = None
    error: str | None = None
    message: str | None = None
    http_status: int = 200
    ipp_status: Status | None = None
    printer_status: Status | None = None
    octets_in: int = 0
    octets_out: int = 0
    directory_seconds: float | None = None
    printer_seconds: float | None = None

    @property
    def operation(self) -> str:
        """The operation's name, or ``unknown``."""
        if self.listing is not None:
            return self.listing.keyword
        return self.request.operation.keyword if self.request is not None else UNKNOWN

    def submission(self) -> Submission:
        """What the ledger is told before a job is made."""
        assert self.request is not None, "jobs are made by requests"
        return Submission(
            printer=self.printer,
            owner=self.principal,
            claimed=self.claimed,
            request=self.id,
            rule=self.rule,
            name=self.request.job_name,
            at=self.at.timestamp(),
        )

    def decided(self, decision: Decision, facts: Facts) -> None:
        """Policy's word, the last one so far, and what it was made from."""
        self.decision, self.facts = decision, facts

    def intent(self) -> Record:
        """The record that must be on disk before the first octet goes to the printer."""
        return self._record(Event.REQUEST_INTENT, self.at, None)

    def ended(self, now: datetime, monotonic: float) -> Record:
        """The record of how it ended."""
        event = Event.REQUEST_OUTCOME
        if self.reason == "authentication":
            event = Event.AUTHENTICATION_REFUSED
        return self._record(event, now, self._result(monotonic))

    def measure(self, meter: Meter, monotonic: float) -> None:
        """Counts the exchange."""
        meter.answered(
            printer=self.printer,
            operation=self.operation,
            outcome=self.outcome,
            seconds=monotonic - self.started,
        )
        if self.outcome == "refused":
            meter.refused(printer=self.printer, rule=self.rule or "", reason=self.reason or "")
        for shadow in self.decision.shadows if self.decision is not None else ():
            meter.shadow_matched(rule=shadow.rule)
        if self.document is not None:
            meter.document_octets(
                printer=self.printer, direction="to-printer", octets=self.document.octets
            )

    def _record(self, event: Event, time: datetime, result: JsonObject | None) -> Record:
        return Record(
            time=time,
            event=event,
            id=self.id,
            client={"address": self.peer.address, "port": self.peer.port},
            tls=self._tls(),
            user=self._user(),
            printer=self.printer,
            operation=self.operation,
            attributes=self._attributes(),
            decision=self._decision(),
            job=self._job(),
            document=self._document(),
            result=result,
        )

    def _tls(self) -> JsonObject | None:
        tls = self.peer.tls
        if tls is None:
            return None
        return _present(version=tls.version, cipher=tls.cipher, subject=tls.subject)

    def _user(self) -> JsonObject | None:
        principal = self.principal
        if principal is None:
            return _present(claimed=self.claimed)
        return _present(
            name=principal.name,
            id=principal.id,
            method=principal.method,
            credential=principal.credential,
            stale=principal.stale or None,
            groups=sorted(principal.groups) or None,
            attributes={name: list(v) for name, v in principal.attributes.items()} or None,
            claimed=self.claimed,
        )

    def _attributes(self) -> JsonObject | None:
        """What the job asked for, as far as rules of this site look at it."""
        if self.request is None:
            return None
        asked: dict[str, object] = {}
        if self.facts is not None:
            asked = {
                name: values
                for name, values in in_json(self.facts.job.attributes or {}).items()
                if name in self.looked_at
            }
        return _present(**{"document-format": self.request.document_format}, **asked)

    def _decision(self) -> JsonObject | None:
        decision, permission = self.decision, self.permission
        if decision is None and self.reason is None:
            return None
        refused = self.outcome in ("refused", "challenged")
        # What broke off before it was decided was neither permitted nor refused.
        permits = decision is not None and decision.effect is Effect.PERMIT
        permitted = "permit" if permits or permission is not None else None
        return _present(
            effect="refuse" if refused else permitted,
            rule=self.rule,
            reason=self.reason,
            message=self.message if refused else None,
            nearest=decision.nearest if decision is not None else None,
            owner=self.facts.owner if self.facts is not None else None,
            obligations=None if decision is None or refused else _obligations(permission),
            shadows=None
            if decision is None
            else {shadow.rule: shadow.effect.value for shadow in decision.shadows} or None,
            revision=self.revision,
        )

    def _job(self) -> JsonObject | None:
        name = self.request.job_name if self.request is not None else None
        return _present(id=self.job_id, uuid=self.job_uuid, name=name, ids=self.job_ids)

    def _document(self) -> JsonObject | None:
        document = self.document
        if document is None:
            known = self.facts.job.document if self.facts is not None else None
            if known is None or known.detected is None:
                return None
            return _present(declared=known.declared, detected=known.detected)
        return _present(
            declared=document.declared,
            detected=document.detected,
            octets=document.octets,
            sha256=document.sha256,
        )

    def _result(self, monotonic: float) -> JsonObject | None:
        return _present(
            http=self.http_status,
            ipp=_status(self.ipp_status),
            printer=_status(self.printer_status),
            octets_in=self.octets_in,
            octets_out=self.octets_out,
            ms=_milliseconds(monotonic - self.started),
            directory_ms=_milliseconds(self.directory_seconds),
            printer_ms=_milliseconds(self.printer_seconds),
            error=self.error,
        )


def _obligations(permission: Permission | None) -> JsonObject | None:
    """What was written into the job, and what was counted."""
    if permission is None:
        return None
    limits = permission.decision.obligations.quota
    return _present(
        enforce=in_json(dict(permission.enforce)) or None,
        default=in_json(dict(permission.default)) or None,
        quota=[f"{limit.most} {limit.unit.value} a {limit.period.value}" for limit in limits]
        or None,
    )


def _present(**members: object) -> JsonObject | None:
    """The members that are known; None when none is."""
    known = {name: value for name, value in members.items() if value is not None}
    return known or None


def _status(status: Status | None) -> str | None:
    return None if status is None else status.keyword


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
