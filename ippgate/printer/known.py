"""A printer of which the gateway knows what it can do, so that it is asked once however many
clients poll.

    age of what is known    what happens
    ----------------------  -----------------------------------------------------------------
    under VOLATILE_SECONDS  it is served
    under STALE_SECONDS     it is served, and the printer is asked meanwhile
    over that               the printer is asked for what changes by itself; all who ask wait
    over STATIC_SECONDS     or the printer was configured: it is asked for everything
    the printer is silent   it is served as of a stopped printer; tried again after a while

Nothing is known before the first question. What fails then is said to all who ask, for a while.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from ippgate.exchange.capabilities import Question, Snapshot
from ippgate.exchange.ports import PrinterReply, PrinterUnavailable, Sender
from ippgate.exchange.reading import read_reply
from ippgate.ipp.encoder import encode
from ippgate.ipp.message import Message
from ippgate.printer.freshness import VOLATILE, not_answering, renewed
from ippgate.printer.health import Health, health
from ippgate.spawn import Tasks

VOLATILE_SECONDS = 1.0
STALE_SECONDS = 5.0
STATIC_SECONDS = 300.0
RETRY_SECONDS = 2.0
"""After a question that failed."""
QUESTIONS = 16
"""Different ones that are remembered for a printer: languages, versions, formats."""
_LAST_SUCCESS = 0x00FF
_REQUEST_IDS = 2**31 - 1


class KnowledgeMeter(Protocol):
    """Counts how questions were answered, and how the printer answered."""

    def capabilities_asked(self, *, printer: str, result: str) -> None:
        """``result``: hit, stale, joined, miss or down."""

    def printer_answered(self, *, printer: str, up: bool, seconds: float) -> None: ...
    def printer_health(
        self,
        *,
        printer: str,
        state: str | None,
        queued_jobs: int | None,
        markers: Mapping[str, int],
    ) -> None:
        """What it says of itself; nothing when it does not answer."""


@dataclass(slots=True, eq=False)
class _Known:
    """The answer to one question. Times are of the reactor's clock; ``everything_at`` and ``at``:
    when the printer was asked for all of it, and for what changes by itself."""

    snapshot: Snapshot | None = None
    everything_at: float = 0.0
    at: float = 0.0
    failed: PrinterUnavailable | None = None
    failed_at: float = 0.0
    stopped: Snapshot | None = None
    overtaken: bool = False
    asking: bool = False
    waiting: list[Deferred[None]] = field(default_factory=list)


class KnownPrinter:
    """Implements the port Printer: sends as the sender below does, and remembers."""

    def __init__(self, printer: Sender, clock: IReactorTime, meter: KnowledgeMeter) -> None:
        self._printer = printer
        self._clock = clock
        self._meter = meter
        self._tasks = Tasks()
        self._known: OrderedDict[Question, _Known] = OrderedDict()
        self._request_id = 0
        self._last_answered: float | None = None

    @property
    def last_answered(self) -> float | None:
        """When it last answered a question, on the reactor's clock; None when it did not answer the
        last one, or was never asked."""
        return self._last_answered

    @property
    def name(self) -> str:
        return self._printer.name

    @property
    def uri(self) -> str:
        return self._printer.uri

    async def send(
        self,
        attributes: bytes,
        document: AsyncIterator[bytes] | None,
        document_length: int | None,
        *,
        repeatable: bool,
    ) -> PrinterReply:
        """See the port. What changes something makes what is known old."""
        try:
            return await self._printer.send(
                attributes, document, document_length, repeatable=repeatable
            )
        finally:
            if not repeatable:
                for known in self._known.values():
                    known.overtaken = True

    async def capabilities(self, question: Question) -> Snapshot:
        """See the port. Raises PrinterUnavailable."""
        known = self._remembered(question)
        now = self._clock.seconds()
        age = now - known.at
        if known.failed is not None and now - known.failed_at < RETRY_SECONDS:
            return self._as_failed(known, known.failed)
        if known.snapshot is not None and not known.overtaken:
            if age < VOLATILE_SECONDS:
                return self._counted("hit", known.snapshot)
            if age < STALE_SECONDS:
                self._ask(known, question)
                return self._counted("stale", known.snapshot)
        if known.failed is not None and known.snapshot is not None:
            self._ask(known, question)
            return self._as_failed(known, known.failed)
        joins = known.asking
        await self._answered(known, question)
        if known.failed is not None:
            return self._as_failed(known, known.failed)
        assert known.snapshot is not None
        return self._counted("joined" if joins else "miss", known.snapshot)

    def _remembered(self, question: Question) -> _Known:
        known = self._known.get(question)
        if known is None:
            known = self._known[question] = _Known()
            if len(self._known) > QUESTIONS:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(question)
        return known

    def _as_failed(self, known: _Known, why: PrinterUnavailable) -> Snapshot:
        self._meter.capabilities_asked(printer=self.name, result="down")
        if known.snapshot is None:
            raise PrinterUnavailable(str(why), sent=why.sent)
        if known.stopped is None:
            known.stopped = not_answering(known.snapshot, str(why))
        return known.stopped

    def _counted(self, result: str, snapshot: Snapshot) -> Snapshot:
        self._meter.capabilities_asked(printer=self.name, result=result)
        return snapshot

    # --- asking the printer ---------------------------------------------------------------------

    async def _answered(self, known: _Known, question: Question) -> None:
        """Returns when the printer has answered, or failed to: one question for all who wait."""
        answer: Deferred[None] = Deferred()
        known.waiting.append(answer)
        self._ask(known, question)
        await answer

    def _ask(self, known: _Known, question: Question) -> None:
        if not known.asking:
            known.asking = True
            self._tasks.spawn(self._renew(known, question), f"asking printer {self.name}")

    async def _renew(self, known: _Known, question: Question) -> None:
        known.overtaken = False
        started = self._clock.seconds()
        try:
            await self._ask_printer(known, question, started)
            known.failed = known.stopped = None
        except PrinterUnavailable as error:
            known.failed, known.failed_at = error, self._clock.seconds()
            known.stopped = None
        except BaseException:
            known.failed = PrinterUnavailable("its reply could not be understood", sent=True)
            known.failed_at = self._clock.seconds()
            raise
        finally:
            known.asking = False
            self._measure(known, self._clock.seconds() - started)
            waiting, known.waiting = known.waiting, []
            for answer in waiting:
                answer.callback(None)

    def _measure(self, known: _Known, seconds: float) -> None:
        up = known.failed is None
        self._last_answered = self._clock.seconds() if up else None
        self._meter.printer_answered(printer=self.name, up=up, seconds=seconds)
        snapshot = known.snapshot
        told = health(snapshot.message) if up and snapshot is not None else Health()
        self._meter.printer_health(
            printer=self.name,
            state=told.state,
            queued_jobs=told.queued_jobs,
            markers=told.markers,
        )

    async def _ask_printer(self, known: _Known, question: Question, now: float) -> None:
        old = known.snapshot
        if old is not None and now - known.everything_at < STATIC_SECONDS:
            new = await self._sent(question, VOLATILE)
            message = renewed(old.message, new) if new.code <= _LAST_SUCCESS else None
            if message is not None:
                known.snapshot, known.at = Snapshot(message), now
                return
        new = await self._sent(question, None)
        known.snapshot, known.at = Snapshot(new), now
        # A reply that is none says nothing about next time.
        known.everything_at = now if new.code <= _LAST_SUCCESS else now - STATIC_SECONDS

    async def _sent(self, question: Question, requested: tuple[str, ...] | None) -> Message:
        self._request_id = self._request_id % _REQUEST_IDS + 1
        message = question.message(self._printer.uri, self._request_id, requested)
        reply = await self._printer.send(encode(message), None, None, repeatable=True)
        section = await read_reply(reply, message.request_id)
        reply.abandon()
        return section.message
