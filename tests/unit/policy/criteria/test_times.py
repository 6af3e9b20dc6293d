"""Days and hours on a clock of some place, over changes of summer time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.ipp.enums import Operation
from ippgate.policy.criteria.times import Times, days, hours, zone
from ippgate.policy.facts import Facts


def at(time: datetime) -> Facts:
    return Facts(None, "lab-1", Operation.PRINT_JOB, None, "192.0.2.1", time)


OFFICE = Times(days(("mon-fri",)), hours(("07:00-20:00",)), "Europe/Berlin")


@pytest.mark.parametrize(
    ("time", "matches"),
    [
        ("2026-03-02T05:59:59+00:00", False),
        ("2026-03-02T06:00:00+00:00", True),
        ("2026-03-02T18:59:59+00:00", True),
        ("2026-03-02T19:00:00+00:00", False),
        ("2026-03-30T05:00:00+00:00", True),  # summer time since the day before
        ("2026-03-30T04:59:59+00:00", False),
        ("2026-03-07T10:00:00+00:00", False),  # Saturday
        ("2026-03-08T22:59:59+00:00", False),
        ("2026-03-02T15:00:00+09:00", True),
    ],
)
def test_office_hours(time: str, matches: bool) -> None:
    assert OFFICE.matches(at(datetime.fromisoformat(time))) is matches


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 59),
)
def test_what_it_sees_is_all_that_it_looks_at(moment: datetime, more: int) -> None:
    facts = at(moment.replace(second=0, microsecond=0))
    later = at(facts.at + timedelta(seconds=more))
    assert Times.sees(facts) == Times.sees(later)
    assert OFFICE.matches(facts) is OFFICE.matches(later)


def test_words_for_days_and_hours() -> None:
    assert days(("mon-wed", "Sunday")) == {0, 1, 2, 6}
    assert hours(("0:00-7:30", "22:00-24:00")) == ((0, 450), (1320, 1440))


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("fri-mon", r'ends before it begins: write \["fri-sun", "mon-mon"\]'),
        ("monn-xx", "are no days"),
        ("", "are no days"),
    ],
)
def test_what_are_no_days(word: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        days((word,))


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("20:00-07:00", r'for a night write \["20:00-24:00", "00:00-07:00"\]'),
        ("07:00-07:00", "ends before it begins"),
        ("24:00-24:01", "a day ends at 24:00"),
        ("7-20", "are no hours"),
    ],
)
def test_what_are_no_hours(word: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        hours((word,))


def test_time_zones() -> None:
    assert zone("Europe/Berlin") == "Europe/Berlin"
    with pytest.raises(ValueError, match='did you mean "Europe/Berlin"'):
        zone("Europe/Berln")


def test_why_not() -> None:
    saturday = at(datetime(2026, 3, 7, 10, tzinfo=UTC))
    assert OFFICE.why_not(saturday) == (
        "it is sat 11:00 in Europe/Berlin, which is not within mon tue wed thu fri 07:00-20:00"
    )
