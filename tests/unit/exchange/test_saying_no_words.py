"""The words and the groups of a no."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ippgate.exchange.addresses import Target
from ippgate.exchange.ports import OverQuota
from ippgate.exchange.request import understand
from ippgate.exchange.saying_no import over_quota, refusal, unsupported
from ippgate.ipp.enums import Status, Tag
from ippgate.ipp.message import Attribute, Value
from ippgate.ipp.values import integer, keyword, mime_media_type
from ippgate.policy.decision import Decision, Effect, Reason, Values
from ippgate.policy.quota import Limit, Period, Unit
from tests.support.exchange_fakes import print_job

NOTHING = Value(Tag.UNSUPPORTED, b"")


@pytest.mark.parametrize(
    ("refused", "attributes"),
    [
        ((("copies", (9,)),), [Attribute("copies", (integer(9),))]),
        ((("sides", ()),), [Attribute("sides", (NOTHING,))]),
        ((("media-col.media-type", ("x",)),), [Attribute("media-col", (NOTHING,))]),
        (
            (("media-col.media-type", ("x",)), ("media-col.media-color", ("y",))),
            [Attribute("media-col", (NOTHING,))],
        ),
        (
            (("document-format", ("image/urf",)),),
            [Attribute("document-format", (mime_media_type("image/urf"),))],
        ),
        ((("sides", ("one-sided",)),), [Attribute("sides", (keyword("one-sided"),))]),
    ],
)
def test_what_a_client_must_change(refused: Values, attributes: list[Attribute]) -> None:
    group = unsupported(refused)
    assert group is not None
    assert list(group.attributes) == attributes


def test_nothing_to_change() -> None:
    assert unsupported(()) is None


ASKED = understand(print_job(), Target("lab-1"))


@pytest.mark.parametrize(
    ("reason", "refused", "status", "words"),
    [
        (
            Reason.ATTRIBUTES,
            (("print-quality", (5,)), ("copies", (9,))),
            Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
            "You may not print with print-quality high and copies 9 at printer lab-1.",
        ),
        (
            Reason.ATTRIBUTES,
            (("job-account-id", ()),),
            Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
            "You may not print without job-account-id at printer lab-1.",
        ),
        (
            Reason.ATTRIBUTES,
            (("job-account-id", ()), ("copies", (9,))),
            Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
            "You may not print with copies 9 or without job-account-id at printer lab-1.",
        ),
        (
            Reason.SIZE,
            (),
            Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE,
            "This document is too large for you to print at printer lab-1.",
        ),
        (
            Reason.NO_RULE,
            (),
            Status.CLIENT_ERROR_NOT_AUTHORIZED,
            "You may not use Print-Job at printer lab-1.",
        ),
    ],
)
def test_the_words_of_a_refusal(
    reason: Reason, refused: Values, status: Status, words: str
) -> None:
    said = refusal(Decision(Effect.REFUSE, reason, refused=refused), ASKED)
    assert (said.status, said.message) == (status, words)
    own = refusal(Decision(Effect.REFUSE, reason, message="Ask Olga.", refused=refused), ASKED)
    assert (own.status, own.message) == (status, "Ask Olga.")


@pytest.mark.parametrize(
    ("resets", "when"),
    [
        (datetime(2026, 3, 2, 23, tzinfo=UTC), "on Tue 03 Mar at 00:00 CET."),
        (datetime(2026, 3, 2, 12, tzinfo=UTC), "Counting begins anew at 13:00 CET."),
    ],
)
def test_a_quota_begins_anew_on_the_clock_of_its_rule(resets: datetime, when: str) -> None:
    limit = Limit(Unit.PAGES, 2_000, Period.DAY, timezone="Europe/Berlin")
    permitted = Decision(Effect.PERMIT, Reason.RULE, "r")
    error = OverQuota(limit, 2_005, resets)
    said = over_quota(permitted, error, datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert said.message.startswith("0 of your 2,000 pages a day are left, which is not enough.")
    assert said.message.endswith(when)
