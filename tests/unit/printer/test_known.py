"""How often a printer is asked, and what clients are told meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from ippgate.exchange.capabilities import Question, Snapshot
from ippgate.exchange.ports import PrinterUnavailable
from ippgate.ipp.decoder import decode
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Status
from ippgate.ipp.message import Attribute, Group, Message, Value
from ippgate.ipp.values import as_integer, enum, integer, keyword
from ippgate.printer.freshness import STOPPED
from ippgate.printer.known import (
    QUESTIONS,
    RETRY_SECONDS,
    STALE_SECONDS,
    STATIC_SECONDS,
    VOLATILE_SECONDS,
    KnownPrinter,
)
from tests.support.exchange_fakes import FakeReply

QUESTION = Question((2, 0), "en", None, False)
DOWN = PrinterUnavailable("it does not answer connections")


class SlowPrinter:
    """Answers when the test says so: idle, with the number of the question as its up-time."""

    name = "lab-1"
    uri = "ipp://192.0.2.21/ipp/print"

    def __init__(self) -> None:
        self.asked: list[Message] = []
        self.waiting: list[Deferred[None]] = []
        self.status = int(Status.SUCCESSFUL_OK)
        self.configured = 1

    async def send(
        self,
        attributes: bytes,
        document: AsyncIterator[bytes] | None,
        document_length: int | None,
        *,
        repeatable: bool,
    ) -> FakeReply:
        message, _ = decode(attributes)
        self.asked.append(message)
        answer: Deferred[None] = Deferred()
        self.waiting.append(answer)
        await answer
        group = Group(
            GroupTag.PRINTER,
            (
                Attribute("printer-state", (enum(3),)),
                Attribute("printer-up-time", (integer(len(self.asked)),)),
                Attribute("printer-config-change-time", (integer(self.configured),)),
            ),
        )
        return FakeReply(
            [encode(Message(message.version, self.status, message.request_id, (group,)))]
        )

    def answer(self, failure: PrinterUnavailable | None = None) -> None:
        """The oldest question is answered."""
        waiting = self.waiting.pop(0)
        waiting.callback(None) if failure is None else waiting.errback(failure)

    def everything_asked(self) -> int:
        """How often it was asked for all of its attributes."""
        return sum(
            attribute.values[0] == keyword("all")
            for message in self.asked
            for attribute in message.groups[0].attributes
            if attribute.name == "requested-attributes"
        )


class CountingMeter:
    def __init__(self) -> None:
        self.results: Counter[str] = Counter()
        self.up: bool | None = None
        self.state: str | None = None

    def capabilities_asked(self, *, printer: str, result: str) -> None:
        self.results[result] += 1

    def printer_answered(self, *, printer: str, up: bool, seconds: float) -> None:
        self.up = up

    def printer_health(
        self,
        *,
        printer: str,
        state: str | None,
        queued_jobs: int | None,
        markers: Mapping[str, int],
    ) -> None:
        self.state = state


class KnownPrinterTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.upstream = SlowPrinter()
        self.meter = CountingMeter()
        self.printer = KnownPrinter(self.upstream, self.clock, self.meter)

    def ask(self, question: Question = QUESTION) -> Deferred[Snapshot]:
        return Deferred.fromCoroutine(self.printer.capabilities(question))

    def told(self, asked: Deferred[Snapshot], name: str = "printer-up-time") -> int:
        """What the client is told, when it is told at once."""
        snapshot: Snapshot = self.successResultOf(asked)
        group = snapshot.message.group(GroupTag.PRINTER)
        attribute = group.get(name) if group is not None else None
        assert attribute is not None
        value = attribute.values[0]
        assert isinstance(value, Value)
        return as_integer(value)

    def known(self) -> None:
        asked = self.ask()
        self.upstream.answer()
        assert self.told(asked) == 1

    def test_all_who_ask_at_first_wait_for_one_answer(self) -> None:
        asked = [self.ask() for _ in range(100)]
        assert len(self.upstream.asked) == 1
        self.upstream.answer()
        assert [self.told(question) for question in asked] == [1] * 100
        assert self.meter.results == {"miss": 1, "joined": 99}
        assert (self.meter.up, self.meter.state) == (True, "idle")

    def test_for_a_moment_it_is_not_asked_again(self) -> None:
        self.known()
        self.clock.advance(VOLATILE_SECONDS - 0.01)
        assert self.told(self.ask()) == 1
        assert len(self.upstream.asked) == 1

    def test_a_little_later_the_answer_is_served_while_it_is_asked(self) -> None:
        self.known()
        self.clock.advance(VOLATILE_SECONDS)
        assert [self.told(self.ask()) for _ in range(10)] == [1] * 10
        assert len(self.upstream.asked) == 2
        assert self.upstream.everything_asked() == 1
        self.upstream.answer()
        assert self.told(self.ask()) == 2
        assert self.meter.results["stale"] == 10

    def test_an_old_answer_is_not_served(self) -> None:
        self.known()
        self.clock.advance(STALE_SECONDS)
        asked = self.ask()
        assert not asked.called
        self.upstream.answer()
        assert self.told(asked) == 2
        assert self.upstream.everything_asked() == 1

    def test_everything_is_asked_for_when_it_was_configured(self) -> None:
        self.known()
        self.upstream.configured = 2
        self.clock.advance(STALE_SECONDS)
        asked = self.ask()
        self.upstream.answer()
        assert not asked.called
        self.upstream.answer()
        assert self.told(asked, "printer-config-change-time") == 2
        assert self.upstream.everything_asked() == 2

    def test_and_after_some_minutes(self) -> None:
        self.known()
        self.clock.advance(STATIC_SECONDS)
        asked = self.ask()
        self.upstream.answer()
        assert self.told(asked) == 2
        assert self.upstream.everything_asked() == 2

    def test_what_was_sent_to_it_makes_what_is_known_old(self) -> None:
        self.known()
        job = Deferred.fromCoroutine(
            self.printer.send(encode(self.upstream.asked[0]), None, None, repeatable=False)
        )
        self.upstream.answer()
        self.successResultOf(job)
        asked = self.ask()
        assert not asked.called
        self.upstream.answer()
        assert self.told(asked) == 3

    def test_a_query_does_not(self) -> None:
        self.known()
        query = Deferred.fromCoroutine(
            self.printer.send(encode(self.upstream.asked[0]), None, None, repeatable=True)
        )
        self.upstream.answer()
        self.successResultOf(query)
        assert self.told(self.ask()) == 1

    def test_of_one_that_does_not_answer_any_more_a_stopped_one_is_told(self) -> None:
        self.known()
        self.clock.advance(STALE_SECONDS)
        asked = self.ask()
        self.upstream.answer(DOWN)
        assert self.told(asked, "printer-state") == STOPPED
        assert (self.meter.up, self.meter.state) == (False, None)
        assert self.printer.last_answered is None
        # It is left alone for a while, then tried while clients are served.
        assert self.told(self.ask(), "printer-state") == STOPPED
        assert len(self.upstream.asked) == 2
        self.clock.advance(RETRY_SECONDS)
        assert self.told(self.ask(), "printer-state") == STOPPED
        assert len(self.upstream.asked) == 3
        self.upstream.answer()
        assert self.told(self.ask(), "printer-state") == 3
        assert self.meter.up is True

    def test_of_one_that_never_answered_nothing_can_be_told(self) -> None:
        asked = [self.ask() for _ in range(3)]
        self.upstream.answer(DOWN)
        for question in asked:
            failure = self.failureResultOf(question, PrinterUnavailable)  # type: ignore[no-untyped-call]
            assert str(failure.value) == str(DOWN)
        self.failureResultOf(self.ask(), PrinterUnavailable)  # type: ignore[no-untyped-call]
        assert len(self.upstream.asked) == 1
        self.clock.advance(RETRY_SECONDS)
        again = self.ask()
        self.upstream.answer()
        assert self.told(again) == 2

    def test_a_refusal_is_told_and_asked_for_anew(self) -> None:
        self.upstream.status = int(Status.SERVER_ERROR_BUSY)
        asked = self.ask()
        self.upstream.answer()
        assert self.successResultOf(asked).message.code == Status.SERVER_ERROR_BUSY
        self.upstream.status = int(Status.SUCCESSFUL_OK)
        self.clock.advance(STALE_SECONDS)
        asked = self.ask()
        self.upstream.answer()
        assert self.told(asked) == 2
        assert self.upstream.everything_asked() == 2

    def test_nonsense_fails_those_who_wait(self) -> None:
        asked = self.ask()
        self.upstream.waiting.pop(0).errback(ZeroDivisionError())
        self.failureResultOf(asked, PrinterUnavailable)  # type: ignore[no-untyped-call]
        assert len(self.flushLoggedErrors(ZeroDivisionError)) == 1  # type: ignore[no-untyped-call]

    def test_different_questions_are_few(self) -> None:
        for number in range(QUESTIONS + 5):
            asked = self.ask(Question((2, 0), f"en-{number}", None, False))
            self.upstream.answer()
            self.successResultOf(asked)
        assert self.told(self.ask(Question((2, 0), "en-20", None, False))) == QUESTIONS + 5
        assert len(self.upstream.asked) == QUESTIONS + 5
        forgotten = self.ask(Question((2, 0), "en-0", None, False))
        self.upstream.answer()
        assert self.told(forgotten) == QUESTIONS + 6
