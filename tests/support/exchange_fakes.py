"""Ports that answer at once, so that a test of the exchange reads as a transcript of one
request."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from ippgate.audit.events import Record
from ippgate.document.digest import DocumentFacts
from ippgate.exchange.capabilities import Question, Snapshot
from ippgate.exchange.exchange import Exchange, PrinterText, Site
from ippgate.exchange.jobs import RememberedJob, SeenJob
from ippgate.exchange.ports import (
    Answer,
    CredentialsRefused,
    Edges,
    Evidence,
    Head,
    LedgerUnavailable,
    Peer,
    Submission,
    TlsFacts,
    TrailUnwritable,
)
from ippgate.exchange.reading import read_reply
from ippgate.ipp.decoder import decode
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Group, Message, Value
from ippgate.ipp.values import (
    as_text,
    charset,
    integer,
    keyword,
    mime_media_type,
    name,
    natural_language,
    uri,
)
from ippgate.policy.facts import Principal
from ippgate.policy.policy import Policy

T = TypeVar("T")

PRINTER_URI = "ipp://192.0.2.21/ipp/print"
GATE_URI = "ipps://print.example.org/printers/lab-1"

ALICE = Principal("alice", "id-alice", "basic", frozenset({"staff"}))
BOB = Principal("bob", "id-bob", "basic", frozenset({"students"}))
OLGA = Principal("olga", "id-olga", "basic", frozenset({"operators"}))
PEOPLE = {
    "Basic alice": ALICE,
    "Basic bob": BOB,
    "Basic olga": OLGA,
    "Token alices-own": replace(ALICE, method="token", credential="t1"),
    "Claimed alice": replace(ALICE, method="network"),
}


def run(awaitable: Awaitable[T]) -> T:
    """The result of something that must not have to wait."""
    coroutine = awaitable.__await__()
    try:
        next(coroutine)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise AssertionError("the exchange waits, although every port answers at once")


class FakeClock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> datetime:
        return datetime(2026, 3, 2, 9, 0, tzinfo=UTC) + timedelta(seconds=self.seconds - 1000)

    def monotonic(self) -> float:
        self.seconds += 0.001
        return self.seconds


class FakeIdentifier:
    challenges: Sequence[str] = ('Basic realm="Printing", charset="UTF-8"',)

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.error: Exception | None = None
        self.believed: set[str] = set()

    async def identify(self, evidence: Evidence) -> Principal | None:
        given = evidence.authorization
        if evidence.token is not None:
            given = f"Token {evidence.token}"
        if given is None:
            return None
        self.asked.append(given)
        if self.error is not None:
            raise self.error
        if given not in PEOPLE:
            raise CredentialsRefused("wrong password", claimed="mallory")
        return PEOPLE[given]

    def believes(self, peer: Peer, printer: str) -> bool:
        return peer.address in self.believed

    async def claimed(self, name: str, peer: Peer) -> Principal:
        self.asked.append(f"Claimed {name}")
        if self.error is not None:
            raise self.error
        if f"Claimed {name}" not in PEOPLE:
            raise CredentialsRefused("no such user", claimed=name)
        return PEOPLE[f"Claimed {name}"]


class FakeReply:
    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = list(pieces)
        self.abandoned = False

    async def read(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def abandon(self) -> None:
        self.abandoned = True


Script = Callable[[Message, bytes], bytes]


@dataclass
class FakePrinter:
    """Keeps what it received; answers with what ``script`` makes of it."""

    name: str = "lab-1"
    uri: str = PRINTER_URI
    received: list[tuple[Message, bytes]] = field(default_factory=list)
    lengths: list[int | None] = field(default_factory=list)
    script: Script | None = None
    error: Exception | None = None

    async def send(
        self,
        attributes: bytes,
        document: AsyncIterator[bytes] | None,
        document_length: int | None,
        *,
        repeatable: bool,
    ) -> FakeReply:
        if self.error is not None:
            raise self.error
        octets = b""
        if document is not None:
            async for piece in document:
                octets += piece
        message, rest = decode(attributes)
        assert rest == b""
        self.received.append((message, octets))
        self.lengths.append(document_length)
        answer = self.script(message, octets) if self.script else ipp_reply(message)
        return FakeReply([answer[:7], answer[7:]])

    async def capabilities(self, question: Question) -> Snapshot:
        asked = question.message(self.uri, 1)
        reply = await self.send(encode(asked), None, None, repeatable=True)
        return Snapshot((await read_reply(reply, 1)).message)


class FakeLedger:
    """Remembers in memory. ``down``: refuses, as a database that is not there; ``waiting``:
    submissions without an answer."""

    def __init__(self, clock: FakeClock, transcript: list[str]) -> None:
        self.known: dict[tuple[str, int], RememberedJob] = {}
        self.waiting: dict[int, Submission] = {}
        self.documents: list[tuple[int, DocumentFacts]] = []
        self.again: list[int] = []
        self.down = False
        self._clock = clock
        self._transcript = transcript
        self._keys = itertools.count(1)

    def give(
        self, job_id: int, owner: Principal, *, printer: str = "lab-1", uuid: str | None = None
    ) -> RememberedJob:
        """A job that came through the gateway just now."""
        now = self._clock.now().timestamp()
        job = RememberedJob(
            next(self._keys), printer, job_id, uuid, owner.id, owner.name, None, now, now
        )
        self.known[printer, job_id] = job
        return job

    def owner(self, job_id: int, printer: str = "lab-1") -> str | None:
        job = self.known.get((printer, job_id))
        return None if job is None else job.owner_id

    async def begin(self, submission: Submission) -> int:
        if self.down:
            raise LedgerUnavailable("ledger.db: the disk is full")
        self._transcript.append("ledger.begin")
        key = next(self._keys)
        self.waiting[key] = submission
        return key

    async def accepted(
        self, key: int, job_id: int, uuid: str | None, document: DocumentFacts | None
    ) -> None:
        self._transcript.append("ledger.accepted")
        submission = self.waiting.pop(key)
        owner = submission.owner or Principal("anonymous", "", "none")
        self.give(job_id, owner, printer=submission.printer, uuid=uuid)
        if document is not None:
            self.documents.append((job_id, document))

    async def abandoned(self, key: int) -> None:
        self._transcript.append("ledger.abandoned")
        del self.waiting[key]

    def unanswered(self, key: int) -> None:
        self._transcript.append("ledger.unanswered")

    async def document_added(self, key: int, document: DocumentFacts) -> None:
        self.documents.append((key, document))

    async def restarted(self, job: RememberedJob) -> None:
        self.again.append(job.key)

    async def job(self, printer: str, job_id: int) -> RememberedJob | None:
        return (await self.jobs(printer, [job_id])).get(job_id)

    async def jobs(self, printer: str, job_ids: Sequence[int]) -> Mapping[int, RememberedJob]:
        if self.down:
            raise LedgerUnavailable("ledger.db: the disk is full")
        found = ((job_id, self.known.get((printer, job_id))) for job_id in job_ids)
        return {job_id: job for job_id, job in found if job is not None}

    async def mend(self, printer: str, seen: Sequence[SeenJob]) -> Mapping[int, RememberedJob]:
        mended = {}
        for job in seen:
            for key, submission in list(self.waiting.items()):
                owner = submission.owner
                if owner is not None and owner.name == job.user_name:
                    del self.waiting[key]
                    mended[job.job_id] = self.give(job.job_id, owner)
                    break
        return mended


class FakeTrail:
    def __init__(self, transcript: list[str]) -> None:
        self.records: list[Record] = []
        self.writable = True
        self._transcript = transcript

    async def record(self, record: Record, *, durable: bool) -> None:
        if not self.writable:
            raise TrailUnwritable("disk full")
        self._transcript.append(f"{record.event.value} durable={durable}")
        self.records.append(record)


class FakeMeter:
    def __init__(self) -> None:
        self.outcomes: list[tuple[str, str, str]] = []
        self.refusals: list[tuple[str, str, str]] = []
        self.shadows: list[str] = []

    def answered(self, *, printer: str, operation: str, outcome: str, seconds: float) -> None:
        self.outcomes.append((printer, operation, outcome))

    def refused(self, *, printer: str, rule: str, reason: str) -> None:
        self.refusals.append((printer, rule, reason))

    def shadow_matched(self, *, rule: str) -> None:
        self.shadows.append(rule)

    def authenticated(self, *, method: str, outcome: str) -> None: ...
    def printer_answered(self, *, printer: str, up: bool, seconds: float) -> None: ...
    def document_octets(self, *, printer: str, direction: str, octets: int) -> None: ...


class FakeBody:
    """The octets of a request in pieces; notes how much was read."""

    def __init__(self, octets: bytes, piece: int = 1000) -> None:
        self._pieces = [octets[i : i + piece] for i in range(0, len(octets), piece)]
        self.read_octets = 0
        self.in_document = False
        self.error: Exception | None = None

    async def read(self) -> bytes:
        if not self._pieces:
            if self.error is not None:
                raise self.error
            return b""
        self.read_octets += len(self._pieces[0])
        return self._pieces.pop(0)

    def attributes_complete(self) -> None:
        self.in_document = True


class Gate:
    """An exchange with fakes all around; ``ask`` sends one request through it."""

    def __init__(self, policy: Policy) -> None:
        self.transcript: list[str] = []
        self.identifier = FakeIdentifier()
        self.printer = FakePrinter()
        self.clock = FakeClock()
        self.ledger = FakeLedger(self.clock, self.transcript)
        self.trail = FakeTrail(self.transcript)
        self.meter = FakeMeter()
        self.body = FakeBody(b"")
        ids = itertools.count(1)
        self.edges = Edges(
            identifier=self.identifier,
            printers={"lab-1": self.printer},
            ledger=self.ledger,
            trail=self.trail,
            meter=self.meter,
            clock=self.clock,
            new_id=lambda: f"r{next(ids)}",
        )
        site = Site("print.example.org", {"lab-1": PrinterText("Lab 1")}, icon=b"PNG")
        self.exchange = Exchange(policy, self.edges, site)

    def ask(
        self,
        message: Message | bytes,
        document: bytes = b"",
        *,
        user: str | None = "alice",
        path: str = "/printers/lab-1",
        headers: tuple[tuple[str, str], ...] = (),
        chunked: bool = False,
        error: Exception | None = None,
    ) -> Answer:
        octets = message if isinstance(message, bytes) else encode(message)
        octets += document
        given = [("host", "print.example.org"), ("content-type", "application/ipp"), *headers]
        if user is not None:
            given.append(("authorization", f"Basic {user}"))
        head = Head("POST", path, (1, 1), tuple(given), None if chunked else len(octets))
        self.body = FakeBody(octets)
        self.body.error = error
        return run(self.exchange(head, self.body, PEER))

    def ask_status(self, message: Message, document: bytes = b"", **how: Any) -> Status:
        """The IPP status that the client is shown."""
        return status_of(self.ask(message, document, **how))


PEER = Peer("198.51.100.7", 50000, 631, TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384"))


def request(
    operation: int,
    *more: Attribute,
    target: str | None = GATE_URI,
    job_id: int | None = None,
    user_name: str | None = "claimed",
    document_format: str | None = None,
    groups: tuple[Group, ...] = (),
    version: tuple[int, int] = (2, 0),
    request_id: int = 77,
) -> Message:
    """A request as a client would send it."""
    attributes = [
        Attribute("attributes-charset", (charset("utf-8"),)),
        Attribute("attributes-natural-language", (natural_language("en"),)),
    ]
    if target is not None:
        attributes.append(Attribute("printer-uri", (uri(target),)))
    if job_id is not None:
        attributes.append(Attribute("job-id", (integer(job_id),)))
    if user_name is not None:
        attributes.append(Attribute("requesting-user-name", (name(user_name),)))
    if document_format is not None:
        attributes.append(Attribute("document-format", (mime_media_type(document_format),)))
    operation_group = Group(GroupTag.OPERATION, (*attributes, *more))
    return Message(version, operation, request_id, (operation_group, *groups))


def ipp_reply(
    to: Message, *groups: Group, status: int = Status.SUCCESSFUL_OK, request_id: int | None = None
) -> bytes:
    """A printer's reply, encoded."""
    operation = Group(
        GroupTag.OPERATION,
        (
            Attribute("attributes-charset", (charset("utf-8"),)),
            Attribute("attributes-natural-language", (natural_language("en"),)),
        ),
    )
    id_ = to.request_id if request_id is None else request_id
    return encode(Message((1, 1), status, id_, (operation, *groups)))


def job_reply(to: Message, job_id: int) -> bytes:
    """A printer's reply that describes one new job."""
    job = Group(
        GroupTag.JOB,
        (
            Attribute("job-uri", (uri(f"ipp://192.0.2.21/jobs/{job_id}"),)),
            Attribute("job-id", (integer(job_id),)),
            Attribute("job-uuid", (uri("urn:uuid:00000000-0000-4000-8000-000000000001"),)),
            Attribute("job-state-reasons", (keyword("none"),)),
        ),
    )
    return ipp_reply(to, job)


def message_of(answer: Answer) -> Message:
    """The IPP message that the client is shown."""
    assert answer.status == 200, (answer.status, answer.body)
    assert ("Content-Type", "application/ipp") in answer.headers
    assert isinstance(answer.body, bytes)
    message, rest = decode(answer.body)
    assert rest == b""
    return message


def status_of(answer: Answer) -> Status:
    return Status(message_of(answer).code)


def words_of(answer: Answer) -> str:
    """The status-message that the person reads."""
    (words,) = texts_of(message_of(answer), "status-message")
    return words


def texts_of(message: Message, attribute_name: str) -> list[str]:
    """All values of that attribute, in whatever group."""
    return [
        as_text(value)
        for group in message.groups
        for attribute in group.attributes
        if attribute.name == attribute_name
        for value in attribute.values
        if isinstance(value, Value)
    ]


async def collect(body: AsyncIterator[bytes]) -> bytes:
    octets = b""
    async for piece in body:
        octets += piece
    return octets


def print_job(**how: Any) -> Message:
    return request(Operation.PRINT_JOB, document_format="application/pdf", **how)
