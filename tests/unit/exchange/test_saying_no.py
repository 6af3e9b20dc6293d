"""Which status says no, and in what words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ippgate.exchange.addresses import Target
from ippgate.exchange.ports import OverQuota
from ippgate.exchange.request import understand
from ippgate.exchange.saying_no import over_quota, refusal, unsupported
from ippgate.ipp.enums import GroupTag, Operation, Status, Tag
from ippgate.ipp.message import Attribute, Value
from ippgate.ipp.values import enum, keyword, mime_media_type, range_of_integer
from ippgate.policy.decision import Decision, Effect, Reason
from ippgate.policy.facts import Span
from ippgate.policy.quota import Limit, Period, Unit
from tests.support.exchange_fakes import request

ASKED = understand(request(Operation.PRINT_JOB), Target("lab-1"))


def refused(reason: Reason, **more: object) -> Decision:
    return Decision(Effect.REFUSE, reason, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("decision", "status", "words"),
    [
        (refused(Reason.NO_RULE), 0x0403, "You may not use Print-Job at printer lab-1."),
        (refused(Reason.RULE, message="No."), 0x0403, "No."),
        (refused(Reason.UNKNOWN_OPERATION), 0x0501, "Print-Job is not served at printer lab-1."),
        (
            refused(Reason.ATTRIBUTES, refused=(("print-quality", (5,)), ("job-password", ()))),
            0x040B,
            "You may not print with print-quality high or without job-password at printer lab-1.",
        ),
        (
            refused(Reason.FORMAT, refused=(("document-format", ("image/tiff",)),)),
            0x040A,
            "You may not print with document-format image/tiff at printer lab-1.",
        ),
        (
            refused(Reason.SIZE),
            0x0408,
            "This document is too large for you to print at printer lab-1.",
        ),
    ],
)
def test_status_and_words(decision: Decision, status: int, words: str) -> None:
    error = refusal(decision, ASKED)
    assert (error.status, error.message) == (status, words)
    assert error.reason == decision.reason.value


def test_the_unsupported_group_has_the_values_that_were_refused() -> None:
    group = unsupported(
        (
            ("sides", ("one-sided",)),
            ("print-quality", (5,)),
            ("page-ranges", (Span(1, 9),)),
            ("document-format", ("image/tiff",)),
            ("job-account-id", ()),
            ("media-col.media-type", ("x",)),
        )
    )
    nothing = Value(Tag.UNSUPPORTED, b"")
    assert group is not None
    assert group.tag == GroupTag.UNSUPPORTED
    assert group.attributes == (
        Attribute("sides", (keyword("one-sided"),)),
        Attribute("print-quality", (enum(5),)),
        Attribute("page-ranges", (range_of_integer(1, 9),)),
        Attribute("document-format", (mime_media_type("image/tiff"),)),
        Attribute("job-account-id", (nothing,)),
        Attribute("media-col", (nothing,)),
    )
    assert unsupported(()) is None


@pytest.mark.parametrize(
    ("resets", "when"),
    [
        (datetime(2026, 3, 2, 23, tzinfo=UTC), "anew on Tue 03 Mar at 00:00 CET."),
        (datetime(2026, 3, 2, 21, tzinfo=UTC), "anew at 22:00 CET."),
    ],
)
def test_when_counting_begins_anew(resets: datetime, when: str) -> None:
    limit = Limit(Unit.OCTETS, 1_000_000, Period.DAY, timezone="Europe/Berlin")
    now = datetime(2026, 3, 2, 10, tzinfo=UTC)
    decision = Decision(Effect.PERMIT, Reason.RULE, "r")
    error = over_quota(decision, OverQuota(limit, 999_000, resets), now)
    assert error.status is Status.CLIENT_ERROR_ACCOUNT_LIMIT_REACHED
    assert error.message.startswith("1,000 of your 1,000,000 octets a day are left")
    assert error.message.endswith(when)
