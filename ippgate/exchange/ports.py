"""The ports of an exchange: what it needs from the edges, and what the edges hand to it.

``service.py`` hands in concrete adapters; tests hand in fakes that answer at once. Errors that may
pass a port are defined here, so that no Twisted, OpenSSL or LDAP error is known above the edge.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ippgate.audit.events import Record
from ippgate.document.digest import DocumentFacts
from ippgate.exchange.capabilities import Question, Snapshot
from ippgate.exchange.jobs import RememberedJob, SeenJob
from ippgate.policy.facts import Principal
from ippgate.policy.quota import Limit

# --- the clients' side -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate that the client showed, as the listener judges it now.

    ``subject``: RFC 4514. ``serial``: in hexadecimal. ``names``: what it calls the person, by kind:
    ``upn``, ``mail``, ``common_name``, ``uid``, ``subject``. ``mistake``: why it proves nothing;
    None when its CA, its time and the list of revoked ones are as they should be.
    """

    subject: str
    serial: str
    names: Mapping[str, tuple[str, ...]]
    mistake: str | None = None


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """The TLS session a request came over: ``TLSv1.3``, the cipher's name, the client's subject.

    ``client``: only where the listener takes certificates."""

    version: str
    cipher: str
    subject: str | None = None
    client: ClientCertificate | None = None


@dataclass(frozen=True, slots=True)
class Peer:
    """The client's address and port; ``tls`` is None on cleartext (only the demo's own printer).

    ``local_port`` is the port of the listener that accepted, for URIs when the public name has
    none.
    """

    address: str
    port: int
    local_port: int
    tls: TlsFacts | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """A request's head after strict HTTP parsing (RFC 9112).

    ``target`` is in origin-form, as sent. ``headers``: names in lower case, values as Latin-1
    without surrounding space, in order. ``content_length`` is None for chunked bodies; 0 where
    there is no body.
    """

    method: str
    target: str
    version: tuple[int, int]
    headers: tuple[tuple[str, str], ...]
    content_length: int | None
    expects_continue: bool = False

    def values(self, name: str) -> list[str]:
        """All values of a header, by its lower-case name."""
        return [value for key, value in self.headers if key == name]


class ClientGone(Exception):
    """The client's connection ended, or its body was malformed, before the body was complete."""


class ClientTooSlow(Exception):
    """The body came slower than the least rate, or its attributes missed their deadline."""


class Body(Protocol):
    """A request's body. The first ``read`` answers ``Expect: 100-continue`` with 100."""

    async def read(self) -> bytes:
        """The next octets, at least one; ``b""`` at the end.

        Raises ClientGone or ClientTooSlow.
        """

    def attributes_complete(self) -> None:
        """Ends the deadline for the attributes: from here on the least rate of bodies counts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the client over HTTP.

    ``body``: all octets, sent with Content-Length; or an iterator of octets, sent chunked (RFC 9112
    section 7.1; HTTP/1.0 clients: delimited by closing). ``close``: no further request on this
    connection. The listener itself adds Date, Content-Length or Transfer-Encoding, and Connection.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | AsyncIterator[bytes] = b""
    close: bool = False


Application = Callable[[Head, Body, Peer], Awaitable[Answer]]
"""What a listener serves. It never raises: what it cannot answer it answers with 500 itself."""

# --- who is asking ---------------------------------------------------------------------------


class CredentialsRefused(Exception):
    """Credentials are missing, malformed or wrong. Outwardly all are alike: 401.

    ``claimed`` is the name that was typed, when one was readable; ``outcome`` is one of the words
    of ``ippgate_authentications_total{outcome}``; the exact reason (``str``) is for the trail.
    """

    def __init__(
        self, reason: str, *, outcome: str = "refused", claimed: str | None = None
    ) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.claimed = claimed


class DirectoryUnavailable(Exception):
    """Who is asking cannot be found out now. The text says which server and why.

    ``unreachable``: no server answered at all; otherwise one did, but not the question, or nobody
    could be asked.
    """

    def __init__(self, reason: str, *, unreachable: bool = False) -> None:
        super().__init__(reason)
        self.unreachable = unreachable


@dataclass(frozen=True, slots=True)
class Evidence:
    """What may prove who asks for ``printer``, before the request's body is read.

    ``authorization``: the header's value. ``token``: the one in the request's path.
    """

    peer: Peer
    printer: str
    authorization: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)


class Identifier(Protocol):
    """Turns what a request carries into a principal. Answers within its own deadline."""

    @property
    def challenges(self) -> Sequence[str]:
        """Values of WWW-Authenticate for a 401, in order of preference."""

    async def identify(self, evidence: Evidence) -> Principal | None:
        """Who asks; None when nothing says so. Raises CredentialsRefused, DirectoryUnavailable."""

    def believes(self, peer: Peer, printer: str) -> bool:
        """Whether the name that is claimed from there is taken as it is."""

    async def claimed(self, name: str, peer: Peer) -> Principal:
        """The person whose name is claimed from where it is believed.

        Raises CredentialsRefused, DirectoryUnavailable.
        """


# --- the printers' side ----------------------------------------------------------------------


class PrinterUnavailable(Exception):
    """The printer did not take or answer the request. The text says why, in words for the trail.

    ``sent``: whether an octet of the request had gone out.
    """

    def __init__(self, reason: str, *, sent: bool = False) -> None:
        super().__init__(reason)
        self.sent = sent


class PrinterReply(Protocol):
    """A printer's HTTP 200 reply with Content-Type application/ipp: its body, in pieces."""

    async def read(self) -> bytes:
        """The next octets; ``b""`` at the end. Raises PrinterUnavailable when it breaks off."""

    def abandon(self) -> None:
        """No more will be read: the connection is dropped if the body is not complete."""


class Sender(Protocol):
    """The way to a printer. ``uri`` is its own address, as configured:
    ``ipp://192.0.2.21/ipp/print``."""

    @property
    def name(self) -> str: ...
    @property
    def uri(self) -> str: ...

    async def send(
        self,
        attributes: bytes,
        document: AsyncIterator[bytes] | None,
        document_length: int | None,
        *,
        repeatable: bool,
    ) -> PrinterReply:
        """Sends one IPP request and waits for the head of the reply.

        ``document_length`` None with a document: sent chunked. ``repeatable``: a query without
        effects, which may be sent once more when a kept connection turns out to be dead. Whatever
        ``document`` raises ends the upstream connection and is raised again. A reply that comes
        before the document is complete is returned, and the document is not read further.

        Raises PrinterUnavailable.
        """


class Printer(Sender, Protocol):
    """A printer upstream, of which something is known."""

    async def capabilities(self, question: Question) -> Snapshot:
        """What the printer answers to a question about itself: now, or not long ago.

        Raises PrinterUnavailable when it never answered, and does not now.
        """


# --- memory and record -----------------------------------------------------------------------


class LedgerUnavailable(Exception):
    """Jobs and quotas cannot be looked up or written now: the request must be refused. The text
    says why, for the trail."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A job that is about to be made. ``owner`` None: nobody was asked to sign it.

    ``request``: the id of the request, as in the trail. ``at``: seconds since the epoch.
    """

    printer: str
    owner: Principal | None
    claimed: str | None
    request: str
    rule: str | None
    name: str | None
    at: float


class Ledger(Protocol):
    """The memory of jobs. What reads or writes raises LedgerUnavailable, unless it says
    otherwise.

    ``key`` is the ledger's own number of a job. Printers are named as in the configuration.
    """

    async def begin(self, submission: Submission) -> int:
        """Writes down who is about to make a job, before the printer hears of it: its key."""

    async def accepted(
        self, key: int, job_id: int, uuid: str | None, document: DocumentFacts | None
    ) -> None:
        """The printer made this job of it; a job of that id that was there before is over.

        Never raises: what cannot be written is remembered, and written when that is possible.
        """

    async def abandoned(self, key: int) -> None:
        """The printer made no job of it. Never raises, as ``accepted``."""

    def unanswered(self, key: int) -> None:
        """Nobody knows whether the printer made a job of it: it is looked for there."""

    async def document_added(self, key: int, document: DocumentFacts) -> None:
        """A further document of a job. Never raises, as ``accepted``."""

    async def restarted(self, job: RememberedJob) -> None:
        """A job that had ended is printed once more. Never raises, as ``accepted``."""

    async def job(self, printer: str, job_id: int) -> RememberedJob | None:
        """The job that has that id now, as far as the ledger knows."""

    async def jobs(self, printer: str, job_ids: Sequence[int]) -> Mapping[int, RememberedJob]:
        """The same for many, by id; those that it does not know are not in it."""

    async def mend(self, printer: str, seen: Sequence[SeenJob]) -> Mapping[int, RememberedJob]:
        """Jobs at the printer that the ledger does not know, and that came of submissions whose
        answer was never heard: they are remembered now. By id."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a request takes of quotas, as far as it says.

    ``jobs``: 1 for an operation that makes a job or prints it again, 0 for a further document or
    a change. ``pages``: impressions,
    copies included, as the client declares them; ``octets``: of the document, by Content-Length or
    as declared. None: not known before the job ends.
    """

    jobs: int = 1
    pages: int | None = None
    octets: int | None = None


class OverQuota(Exception):
    """A limit does not leave room for the request. ``used``: of it, reservations included.

    ``resets``: when counting begins anew, with its time zone.
    """

    def __init__(self, limit: Limit, used: int, resets: datetime) -> None:
        super().__init__(f"{used} of {limit.most} {limit.unit.value} a {limit.period.value}")
        self.limit = limit
        self.used = used
        self.resets = resets


class Quotas(Protocol):
    """Counts against the limits of rules. Every reservation is attached or released in the end."""

    async def reserve(
        self, principal_id: str, rule: str, limits: Sequence[Limit], amounts: Amounts
    ) -> str:
        """Takes the amounts off all limits, or off none; the reservation's id.

        An amount that is not known takes 1 page or 0 octets, and is settled when the job ends: by
        the ledger, which follows jobs. Counters belong to a rule by its name, and to a person by
        their stable id. Raises OverQuota or LedgerUnavailable.
        """

    async def attach(self, reservation: str, printer: str, job_id: int) -> None:
        """The reservation became this job. Raises LedgerUnavailable."""

    async def release(self, reservation: str) -> None:
        """Nothing was printed: gives back what was reserved. Never raises."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a decision point elsewhere says. ``message``: for the person who is refused."""

    permits: bool
    message: str | None = None


class NoOpinion(Exception):
    """A decision point did not answer, or not in a way that means anything. The text says why, for
    the trail."""


class DecisionPoint(Protocol):
    """Somebody else who decides, for rules that leave it to them."""

    async def ask(self, url: str, question: Mapping[str, object], timeout: float) -> Opinion:
        """``question``: a JSON object. Answers within ``timeout`` seconds. Raises NoOpinion."""


class TrailUnwritable(Exception):
    """The trail cannot be written: the request must be refused."""


class Trail(Protocol):
    """The audit trail."""

    async def record(self, record: Record, *, durable: bool) -> None:
        """Appends. ``durable``: returns after the line is synced to disk.

        Raises TrailUnwritable; what was not written is then never written later.
        """


class Meter(Protocol):
    """Counts what happened. Never raises."""

    def answered(self, *, printer: str, operation: str, outcome: str, seconds: float) -> None: ...
    def refused(self, *, printer: str, rule: str, reason: str) -> None: ...
    def authenticated(self, *, method: str, outcome: str) -> None: ...
    def printer_answered(self, *, printer: str, up: bool, seconds: float) -> None: ...
    def document_octets(self, *, printer: str, direction: str, octets: int) -> None: ...
    def shadow_matched(self, *, rule: str) -> None: ...


class Clock(Protocol):
    """Time, injected."""

    def now(self) -> datetime:
        """The time of day, in UTC."""

    def monotonic(self) -> float:
        """Seconds; only differences mean anything."""


@dataclass(frozen=True, slots=True)
class Edges:
    """All ports of the exchange, as ``service.py`` hands them in. ``new_id``: ids of requests.

    ``quotas`` None: nobody counts, so what a rule permits within a quota is refused.
    ``decision_point`` None: nobody can be asked, which is a refusal, too.
    """

    identifier: Identifier
    printers: dict[str, Printer]
    ledger: Ledger
    trail: Trail
    meter: Meter
    clock: Clock
    new_id: Callable[[], str] = field(repr=False)
    quotas: Quotas | None = None
    decision_point: DecisionPoint | None = None
