"""What rules permit within a quota."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ippgate.exchange.ports import Amounts, LedgerUnavailable, OverQuota
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import (
    integer,
)
from tests.support.exchange_fakes import (
    ALICE,
    Gate,
    ipp_reply,
    request,
    status_of,
    words_of,
)
from tests.support.rules_gate import (
    gate_of,
    reached,
    rule,
)


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


def counted(left: int, *rules: str) -> tuple[Gate, Counter]:
    gate = gate_of(*(rules or (rule("quota: {pages: 200, per: week}"),)))
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


@pytest.mark.parametrize("declared", [-100, 0, 1])
def test_a_job_has_a_page_at_least_and_each_copy_has(declared: int) -> None:
    gate, counter = counted(10)
    assert gate.ask_status(pages(declared), b"12345") == 0
    assert counter.heard[0] == ("id-alice", "r", 200, Amounts(1, 2, 5))


def test_copies_count_also_where_no_pages_are_declared() -> None:
    gate, counter = counted(1000)
    copies = Group(GroupTag.JOB, (Attribute("copies", (integer(999),)),))
    assert gate.ask_status(request(Operation.PRINT_JOB, groups=(copies,)), b"12345") == 0
    assert counter.heard[0] == ("id-alice", "r", 200, Amounts(1, 999, 5))


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


OWN = "name: own, who: owner, operations: ['@job'], decision: permit"


def with_jobs_of_their_own(left: int, more: str = "") -> tuple[Gate, Counter]:
    """Whoever prints within a quota, and does what they like with their own jobs."""
    return counted(left, OWN, rule(f"quota: {{pages: 200, per: week}}{more}", '["@print"]'))


@pytest.mark.parametrize("operation", [Operation.RESTART_JOB, Operation.REPROCESS_JOB])
def test_a_job_that_is_printed_again_counts_again(operation: Operation) -> None:
    gate, counter = with_jobs_of_their_own(10)
    gate.ask(pages(3), b"12345")
    counter.heard.clear()
    assert gate.ask_status(request(operation, job_id=7)) == 0
    assert counter.heard == [("id-alice", "r", 200, Amounts(1, 6, None)), ("attach", 7)]
    counter.left = 5
    again = gate.ask_status(request(operation, job_id=7))
    assert again == Status.CLIENT_ERROR_ACCOUNT_LIMIT_REACHED
    assert reached(gate).count(operation) == 1


def test_what_may_not_be_printed_is_not_printed_again() -> None:
    gate, _ = with_jobs_of_their_own(10, ", attributes: {copies: {max: 2}}")
    gate.ledger.give(7, ALICE)
    again = request(Operation.RESTART_JOB, job_id=7)
    assert gate.ask_status(again) == Status.CLIENT_ERROR_NOT_POSSIBLE, "as it was made: unknown"
    gate.ask(pages(3), b"12345")
    assert gate.ask_status(again) == 0
    nobody = gate_of(OWN)
    nobody.ledger.give(7, ALICE)
    assert nobody.ask_status(again) not in (0, Status.CLIENT_ERROR_NOT_FOUND)
    assert Operation.RESTART_JOB not in reached(nobody)


def test_copies_that_are_added_later_count() -> None:
    gate, counter = with_jobs_of_their_own(100)
    gate.ask(pages(3), b"12345")
    counter.heard.clear()
    for copies, more in ((5, 9), (1, 0), (3, 6)):
        group = Group(GroupTag.JOB, (Attribute("copies", (integer(copies),)),))
        change = request(Operation.SET_JOB_ATTRIBUTES, job_id=7, groups=(group,))
        assert gate.ask_status(change) == 0
        assert counter.heard[-2:] == [
            ("id-alice", "r", 200, Amounts(0, more, 0)),
            ("attach", 7),
        ]
