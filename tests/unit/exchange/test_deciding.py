"""What rules make of jobs: refused values, written values, documents that turn out otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ippgate.exchange.ports import Amounts, LedgerUnavailable, NoOpinion, Opinion, OverQuota
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Collection, Group, Message, Value
from ippgate.ipp.values import (
    boolean,
    enum,
    integer,
    keyword,
    mime_media_type,
    name,
    range_of_integer,
    uri,
)
from ippgate.policy.facts import Span
from tests.support.exchange_fakes import (
    Gate,
    ipp_reply,
    job_reply,
    message_of,
    request,
    status_of,
    words_of,
)
from tests.support.policies import policy_of

HEAD = "version: 1\nrules:\n"
NOT_SUPPORTED = Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED
WRONG_FORMAT = Status.CLIENT_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED


def keywords(name_: str, *words: str) -> Attribute:
    return Attribute(name_, tuple(keyword(word) for word in words))


CAPABILITIES = Group(
    GroupTag.PRINTER,
    (
        keywords("sides-supported", "one-sided", "two-sided-long-edge"),
        keywords("sides-default", "one-sided"),
        keywords("print-color-mode-supported", "color", "monochrome"),
        keywords("print-color-mode-default", "color"),
        Attribute("copies-supported", (range_of_integer(1, 99),)),
        Attribute("copies-default", (integer(1),)),
        keywords("job-hold-until-supported", "no-hold", "indefinite"),
        Attribute("print-quality-supported", (enum(3), enum(4))),
        Attribute(
            "document-format-supported",
            (mime_media_type("application/pdf"), mime_media_type("image/urf")),
        ),
    ),
)


def printer(message: Message, document: bytes) -> bytes:
    """A printer that has colour and duplex, and makes job 7."""
    if message.code == Operation.GET_PRINTER_ATTRIBUTES:
        return ipp_reply(message, CAPABILITIES)
    if message.code in (Operation.PRINT_JOB, Operation.CREATE_JOB, Operation.SEND_DOCUMENT):
        return job_reply(message, 7)
    return ipp_reply(message)


def gate_of(*rules: str) -> Gate:
    gate = Gate(policy_of(HEAD + "".join(f"  - {{{rule}}}\n" for rule in rules)))
    gate.printer.script = printer
    return gate


def rule(more: str, operations: str = '["@print", "@job"]', decision: str = "permit") -> str:
    return f"name: r, who: authenticated, operations: {operations}, decision: {decision}" + (
        f", {more}" if more else ""
    )


def job(*attributes: Attribute, operation: int = Operation.PRINT_JOB, **how: Any) -> Message:
    groups = (Group(GroupTag.JOB, attributes),) if attributes else ()
    how.setdefault("document_format", "application/pdf")
    return request(operation, groups=groups, **how)


def printed(gate: Gate, operation: int = Operation.PRINT_JOB) -> dict[str, tuple[Any, ...]]:
    """Attributes of the last request of that operation that reached the printer."""
    message = [m for m, _ in gate.printer.received if m.code == operation][-1]
    return {a.name: a.values for group in message.groups for a in group.attributes}


def reached(gate: Gate) -> list[Operation]:
    return [Operation(message.code) for message, _ in gate.printer.received]


# --- values that are refused ----------------------------------------------------------------------


@pytest.mark.parametrize("operation", [Operation.PRINT_JOB, Operation.VALIDATE_JOB])
def test_a_value_that_is_not_permitted_is_0x040b_and_named_in_the_unsupported_group(
    operation: Operation,
) -> None:
    gate = gate_of(rule("attributes: {print-color-mode: {not: [color]}, copies: {max: 5}}"))
    asked = job(
        keywords("print-color-mode", "color"),
        Attribute("copies", (integer(9),)),
        operation=operation,
    )
    answer = gate.ask(asked)
    assert status_of(answer) == NOT_SUPPORTED
    unsupported = message_of(answer).group(GroupTag.UNSUPPORTED)
    assert unsupported is not None
    assert unsupported.attributes == (
        keywords("print-color-mode", "color"),
        Attribute("copies", (integer(9),)),
    )
    assert words_of(answer).startswith(
        "You may not print with print-color-mode color and copies 9 at printer lab-1."
    )
    assert operation not in reached(gate)


def test_the_message_of_a_rule_is_said_where_only_the_job_does_not_fit() -> None:
    gate = gate_of(rule("attributes: {copies: {max: 5}}, message: Five copies at most."))
    answer = gate.ask(job(Attribute("copies", (integer(6),))))
    assert words_of(answer).startswith("Five copies at most.")
    record = gate.trail.records[-1]
    assert record.decision is not None
    assert record.decision["nearest"] == "r"
    assert record.attributes == {"document-format": "application/pdf", "copies": [6]}


def test_a_rule_that_refuses_a_value_refuses_it_in_any_place() -> None:
    gate = gate_of(
        "name: grey, who: authenticated, operations: ['@print'], decision: refuse, "
        "attributes: {print-color-mode: [color]}",
        rule(""),
    )
    override = Collection(
        (
            Attribute("pages", (range_of_integer(2, 2),)),
            keywords("print-color-mode", "color"),
        )
    )
    hidden = job(keywords("print-color-mode", "monochrome"), Attribute("overrides", (override,)))
    assert gate.ask_status(hidden) == NOT_SUPPORTED
    assert gate.ask_status(job(keywords("output-mode", "color"))) == NOT_SUPPORTED
    assert gate.ask_status(job(keywords("print-color-mode", "monochrome"))) == 0


def test_media_are_the_same_by_whatever_name() -> None:
    gate = gate_of(rule("attributes: {media: {is: [iso_a4_210x297mm]}}"))
    a4 = Collection(
        (Attribute("x-dimension", (integer(21000),)), Attribute("y-dimension", (integer(29700),)))
    )
    a3 = Collection(
        (Attribute("x-dimension", (integer(29700),)), Attribute("y-dimension", (integer(42000),)))
    )
    for size, status in ((a4, Status.SUCCESSFUL_OK), (a3, NOT_SUPPORTED)):
        media_col = Collection((Attribute("media-size", (size,)),))
        assert gate.ask_status(job(Attribute("media-col", (media_col,)))) == status
    assert gate.ask_status(job(keywords("media", "na_letter_8.5x11in"))) == NOT_SUPPORTED


def test_what_must_be_given() -> None:
    gate = gate_of(rule("attributes: {job-account-id: {present: true}}"))
    assert gate.ask_status(job()) == NOT_SUPPORTED
    assert gate.ask_status(job(Attribute("job-account-id", (name("4711"),)))) == 0


def test_secrets_are_not_recorded() -> None:
    gate = gate_of(rule("attributes: {job-password: {present: true}}"))
    secret = Attribute("job-password", (keyword("canary"),))
    assert gate.ask_status(request(Operation.PRINT_JOB, secret)) == 0
    assert "canary" not in repr(gate.trail.records)
    assert gate.trail.records[-1].attributes == {"job-password": ["given"]}


# --- values that are written ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "operation", [Operation.PRINT_JOB, Operation.CREATE_JOB, Operation.VALIDATE_JOB]
)
def test_enforced_values_replace_what_was_asked_or_stand_where_nothing_was(
    operation: Operation,
) -> None:
    gate = gate_of(rule("enforce: {sides: two-sided-long-edge, print-color-mode: monochrome}"))
    asked = job(keywords("sides", "one-sided"), operation=operation)
    assert gate.ask_status(asked) == 0
    sent = printed(gate, operation)
    assert sent["sides"] == (keyword("two-sided-long-edge"),)
    assert sent["print-color-mode"] == (keyword("monochrome"),)
    decision = gate.trail.records[-1].decision
    assert decision is not None
    assert decision["obligations"] == {
        "enforce": {"sides": ["two-sided-long-edge"], "print-color-mode": ["monochrome"]}
    }


def test_what_a_printer_cannot_do_is_not_enforced_but_refused_in_words() -> None:
    gate = gate_of(rule("enforce: {sides: two-sided-short-edge}"))
    answer = gate.ask(job())
    assert status_of(answer) == NOT_SUPPORTED
    assert "sides two-sided-short-edge only, which printer lab-1 cannot do" in words_of(answer)


def test_defaults_stand_only_where_nothing_was_asked() -> None:
    gate = gate_of(rule("default: {sides: two-sided-long-edge, print-quality: high}"))
    gate.ask(job())
    assert printed(gate)["sides"] == (keyword("two-sided-long-edge"),)
    assert "print-quality" not in printed(gate), "the printer has no such quality"
    gate.ask(job(keywords("sides", "one-sided")))
    assert printed(gate)["sides"] == (keyword("one-sided"),)


def test_hold() -> None:
    gate = gate_of(rule("hold: true"))
    gate.ask(job(keywords("job-hold-until", "no-hold")))
    assert printed(gate)["job-hold-until"] == (keyword("indefinite"),)


def test_what_is_left_out_is_what_the_person_was_shown_as_the_default() -> None:
    gate = gate_of(rule("attributes: {print-color-mode: {not: [color]}, copies: {max: 5}}"))
    assert gate.ask_status(job()) == 0
    sent = printed(gate)
    assert sent["print-color-mode"] == (keyword("monochrome"),), "the printer would use colour"
    assert "copies" not in sent, "what the printer does anyway is permitted"


def test_owners_change_their_job_into_what_they_could_have_printed() -> None:
    gate = gate_of(
        "name: p, who: authenticated, operations: ['@print'], decision: permit, "
        "attributes: {copies: {max: 5}}, enforce: {sides: two-sided-long-edge}",
        "name: j, who: owner, operations: ['@job'], decision: permit",
        "name: o, who: {groups: [operators]}, operations: ['@job'], decision: permit",
    )
    gate.ask(job(operation=Operation.CREATE_JOB))
    set_ = Operation.SET_JOB_ATTRIBUTES
    too_many = job(Attribute("copies", (integer(6),)), operation=set_, job_id=7)
    assert gate.ask_status(too_many) == NOT_SUPPORTED
    assert gate.ask_status(too_many, user="olga") == 0, "a rule says that operators may"
    one_sided = job(keywords("sides", "one-sided"), operation=set_, job_id=7)
    assert gate.ask_status(one_sided) == 0
    assert printed(gate, set_)["sides"] == (keyword("two-sided-long-edge"),)
    gate.ask(job(Attribute("copies", (integer(2),)), operation=set_, job_id=7))
    assert "sides" not in printed(gate, set_)


# --- documents ------------------------------------------------------------------------------------


def test_a_format_that_is_not_permitted_is_refused_by_what_is_declared() -> None:
    gate = gate_of(rule("document: {formats: [application/pdf, 'image/*']}"))
    answer = gate.ask(job(document_format="application/postscript"), b"%!PS")
    assert status_of(answer) == WRONG_FORMAT
    assert reached(gate) == []
    assert gate.ask_status(job(document_format="image/urf"), b"UNIRAST\0") == 0


@pytest.mark.parametrize("declared", ["application/pdf", "application/octet-stream", None])
@pytest.mark.parametrize("chunked", [True, False])
def test_a_document_that_is_something_else_is_refused_before_an_octet_goes_on(
    declared: str | None, chunked: bool
) -> None:
    gate = gate_of(rule("document: {formats: [application/pdf]}"))
    asked = job(document_format=declared)
    answer = gate.ask(asked, b"\x1b%-12345X@PJL FSDELETE" * 900, chunked=chunked)
    assert status_of(answer) == WRONG_FORMAT
    assert reached(gate) == []
    record = gate.trail.records[-1]
    assert record.document is not None
    assert record.document["detected"] == "application/vnd.hp-pjl"
    assert gate.ask_status(asked, b"%PDF-1.7" + b"x" * 9000, chunked=chunked) == 0
    assert gate.printer.received[-1][1] == b"%PDF-1.7" + b"x" * 9000


def test_a_compressed_document_is_what_it_inflates_to() -> None:
    import gzip

    gate = gate_of(rule("document: {formats: [application/pdf]}"))
    compressed = Attribute("compression", (keyword("gzip"),))
    asked = request(Operation.PRINT_JOB, compressed, document_format="application/pdf")
    assert gate.ask_status(asked, gzip.compress(b"%PDF-1.7" + bytes(5000))) == 0
    assert gate.ask_status(asked, gzip.compress(b"@PJL")) == WRONG_FORMAT
    assert gate.ask_status(asked, b"%PDF-1.7, and not compressed") == WRONG_FORMAT


def test_a_document_that_is_too_large_is_refused_by_its_length() -> None:
    gate = gate_of(rule("document: {max_size: 10KB}"))
    answer = gate.ask(job(), b"x" * 10_001)
    assert status_of(answer) == Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE
    assert reached(gate) == []
    assert gate.ask_status(job(), b"x" * 10_000) == 0


def test_a_document_that_turns_out_too_large_is_broken_off_and_its_job_cancelled() -> None:
    gate = gate_of(rule("document: {max_size: 10KB}"))

    def script(message: Message, document: bytes) -> bytes:
        if message.code == Operation.GET_JOBS:
            return ipp_reply(message, *(_job(8, "alice", "Report"), _job(9, "alice", "Other")))
        return printer(message, document)

    gate.printer.script = script
    asked = request(
        Operation.PRINT_JOB,
        Attribute("job-name", (name("Report"),)),
        document_format="application/pdf",
    )
    answer = gate.ask(asked, b"x" * 20_000, chunked=True)
    assert status_of(answer) == Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE
    assert reached(gate) == [Operation.GET_JOBS, Operation.CANCEL_JOB]
    assert printed(gate, Operation.CANCEL_JOB)["job-id"] == (integer(8),)
    assert gate.trail.records[-1].job == {"id": 8, "name": "Report"}
    assert gate.ask_status(asked, b"x" * 10_000, chunked=True) == 0


def test_a_job_that_cannot_be_told_from_others_is_not_cancelled() -> None:
    gate = gate_of(rule("document: {max_size: 10KB}"))
    gate.printer.script = lambda message, _: ipp_reply(
        message, _job(8, "alice", "Report"), _job(9, "alice", "Report")
    )
    asked = request(Operation.PRINT_JOB, Attribute("job-name", (name("Report"),)))
    gate.ask(asked, b"x" * 20_000, chunked=True)
    assert reached(gate) == [Operation.GET_JOBS]


def _job(job_id: int, user: str, name_: str) -> Group:
    return Group(
        GroupTag.JOB,
        (
            Attribute("job-id", (integer(job_id),)),
            Attribute("job-originating-user-name", (name(user),)),
            Attribute("job-name", (name(name_),)),
        ),
    )


TWO_KINDS = (
    "name: pdf, who: authenticated, operations: ['@print'], decision: permit, "
    "document: {formats: [application/pdf]}, attributes: {copies: {max: 50}}",
    "name: others, who: authenticated, operations: ['@print'], decision: permit, "
    "attributes: {copies: {max: 1}}",
)


def send(**how: Any) -> Message:
    last = Attribute("last-document", (boolean(True),))
    return request(Operation.SEND_DOCUMENT, last, job_id=7, **how)


def test_a_document_is_judged_by_what_its_job_asked_for() -> None:
    gate = gate_of(*TWO_KINDS)
    created = job(
        Attribute("copies", (integer(50),)), operation=Operation.CREATE_JOB, document_format=None
    )
    assert gate.ask_status(created) == 0
    assert gate.ask_status(send(), b"\x1bE PCL") == WRONG_FORMAT
    assert gate.ask_status(send(), b"%PDF-1.7") == 0


def test_a_document_into_a_job_that_nobody_remembers_cannot_be_judged() -> None:
    gate = gate_of(*TWO_KINDS)
    gate.ledger.jobs["lab-1", 7] = "id-alice"
    assert gate.ask_status(send(), b"%PDF-1.7") == NOT_SUPPORTED


def test_a_document_that_falls_under_other_terms_than_its_job() -> None:
    gate = gate_of(
        "name: pdf, who: authenticated, operations: ['@print'], decision: permit, "
        "document: {formats: [application/pdf]}",
        "name: others, who: authenticated, operations: ['@print'], decision: permit, "
        "enforce: {sides: two-sided-long-edge}",
    )
    gate.ask(job(operation=Operation.CREATE_JOB, document_format=None))
    answer = gate.ask(send(), b"\x1bE PCL")
    assert status_of(answer) == WRONG_FORMAT
    assert "not what its job" in words_of(answer)


# --- trial, quotas, somebody else -----------------------------------------------------------------


def test_a_rule_on_trial_is_counted_and_recorded_and_not_applied() -> None:
    gate = gate_of(
        "name: trial, who: {groups: [staff]}, operations: ['@print'], decision: refuse, "
        "shadow: true",
        rule(""),
    )
    assert gate.ask_status(job()) == 0
    assert gate.meter.shadows == ["trial"]
    decision = gate.trail.records[-1].decision
    assert decision is not None
    assert decision["shadows"] == {"trial": "refuse"}


class Counter:
    """Quotas that permit ``left`` pages."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.heard: list[object] = []
        self.error: Exception | None = None

    async def reserve(self, principal_id: str, rule: str, limits: Any, amounts: Amounts) -> str:
        self.heard.append((principal_id, rule, limits[0].most, amounts))
        if self.error is not None:
            raise self.error
        if (amounts.pages or 1) > self.left:
            from datetime import UTC, datetime

            raise OverQuota(limits[0], 199, datetime(2026, 3, 9, tzinfo=UTC))
        return "reserved"

    async def attach(self, reservation: str, printer: str, job_id: int) -> None:
        self.heard.append(("attach", job_id))

    async def release(self, reservation: str) -> None:
        self.heard.append("release")


def counted(left: int) -> tuple[Gate, Counter]:
    from dataclasses import replace

    gate = gate_of(rule("quota: {pages: 200, per: week}"))
    counter = Counter(left)
    gate.exchange._edges = replace(gate.exchange._edges, quotas=counter)
    return gate, counter


def pages(number: int) -> Message:
    impressions = Attribute("job-impressions", (integer(number),))
    copies = Group(GroupTag.JOB, (Attribute("copies", (integer(2),)),))
    return request(Operation.PRINT_JOB, impressions, groups=(copies,))


def test_what_is_printed_within_a_quota_is_reserved_and_attached() -> None:
    gate, counter = counted(10)
    assert gate.ask_status(pages(3), b"12345") == 0
    assert counter.heard == [("id-alice", "r", 200, Amounts(1, 6, 5)), ("attach", 7)]


def test_what_was_not_printed_is_given_back() -> None:
    gate, counter = counted(10)
    gate.printer.script = lambda message, _: ipp_reply(message, status=0x0506)
    gate.ask(pages(3))
    assert counter.heard[1:] == ["release"]
    gate.trail.writable = False
    gate.ask(pages(3))
    assert counter.heard[3:] == ["release"]


def test_over_quota_is_0x041e_in_words() -> None:
    gate, _ = counted(1)
    answer = gate.ask(pages(3))
    assert status_of(answer) == Status.CLIENT_ERROR_ACCOUNT_LIMIT_REACHED
    assert words_of(answer).startswith(
        "1 of your 200 pages a week are left, which is not enough. "
        "Counting begins anew on Mon 09 Mar at 00:00 UTC."
    )
    assert reached(gate) == []


def test_without_anybody_who_counts_a_quota_refuses() -> None:
    gate = gate_of(rule("quota: {pages: 200, per: week}"))
    assert gate.ask_status(pages(1)) == Status.CLIENT_ERROR_ACCOUNT_LIMIT_REACHED
    gate, counter = counted(10)
    counter.error = LedgerUnavailable("disk full")
    assert gate.ask_status(pages(1)) == Status.CLIENT_ERROR_ACCOUNT_LIMIT_REACHED


class Oracle:
    def __init__(self, opinion: Opinion | Exception) -> None:
        self.opinion = opinion
        self.asked: list[Mapping[str, Any]] = []

    async def ask(self, url: str, question: Mapping[str, object], timeout: float) -> Opinion:
        assert (url, timeout) == ("http://192.0.2.5/v1/data/print", 0.5)
        self.asked.append(question)
        if isinstance(self.opinion, Exception):
            raise self.opinion
        return self.opinion


@pytest.mark.parametrize(
    ("opinion", "status"),
    [
        (Opinion(True), Status.SUCCESSFUL_OK),
        (Opinion(False, "Not on Fridays."), Status.CLIENT_ERROR_NOT_AUTHORIZED),
        (NoOpinion("timed out"), Status.SERVER_ERROR_SERVICE_UNAVAILABLE),
        (None, Status.SERVER_ERROR_SERVICE_UNAVAILABLE),
    ],
)
def test_somebody_else_decides(opinion: Opinion | Exception | None, status: Status) -> None:
    from dataclasses import replace

    gate = gate_of(
        "name: r, who: authenticated, operations: ['@print'], "
        "decide: {http: 'http://192.0.2.5/v1/data/print', timeout: 500ms}"
    )
    oracle = Oracle(opinion) if opinion is not None else None
    edges = replace(gate.exchange._edges, decision_point=oracle)
    gate.exchange._edges = gate.exchange._deciding._edges = edges
    answer = gate.ask(job(keywords("sides", "one-sided")), b"%PDF-")
    assert status_of(answer) == status
    if oracle is not None:
        (question,) = oracle.asked
        assert question["user"]["name"] == "alice"
        assert question["attributes"] == {"sides": ["one-sided"]}
    if isinstance(opinion, Opinion) and not opinion.permits:
        assert words_of(answer).startswith("Not on Fridays.")


def test_values_are_read_as_policy_has_them() -> None:
    from ippgate.exchange.asking import scalar

    assert scalar(range_of_integer(2, 5)) == Span(2, 5)
    assert scalar(boolean(True)) == "true"
    assert scalar(Value(0x32, b"\0\0\x02X\0\0\x02X\x03")) == "600dpi"
    assert scalar(Value(0x30, b"secret")) == "given"
    assert scalar(uri("urn:x")) == "urn:x"
