"""When: days and hours as people write them, on the clock of a place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.ipp.enums import Operation
from ippgate.policy.criteria.times import Times, days, hours, zone
from ippgate.policy.facts import Facts


def at(text: str) -> Facts:
    moment = datetime.fromisoformat(text)
    return Facts(None, "lab-1", Operation.PRINT_JOB, None, "192.0.2.9", moment)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["mon-fri"], {0, 1, 2, 3, 4}),
        (["sat"], {5}),
        (["Sat", "SUN"], {5, 6}),
        (["monday-wednesday"], {0, 1, 2}),
        (["fri-fri"], {4}),
        (["fri-sun", "mon"], {0, 4, 5, 6}),
        ([], set()),
    ],
)
def test_days(words: list[str], meant: set[int]) -> None:
    assert days(tuple(words)) == meant


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("sat-mon", r'"sat-mon" ends before it begins: write \["sat-sun", "mon-mon"\]'),
        ("weekend", '"weekend" are no days: write mon-fri, or '),
        ("mon, wed", r"write mon-fri, or \[mon, sat\]"),
        ("mon-fri, sun", '"mon-fri, sun" are no days'),
        ("month", 'did you mean "mon"'),
        ("mon-", '"mon-" are no days'),
        ("", '"" are no days'),
        ("tus", 'did you mean "tu'),
    ],
)
def test_what_are_no_days(word: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        days((word,))


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("07:00-20:00", (420, 1200)),
        ("7:00-20:30", (420, 1230)),
        ("00:00-24:00", (0, 1440)),
        ("23:59-24:00", (1439, 1440)),
    ],
)
def test_hours(word: str, meant: tuple[int, int]) -> None:
    assert hours((word,)) == (meant,)


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("22:00-06:00", r'write \["22:00-24:00", "00:00-06:00"\]'),
        ("07:00-07:00", "ends before it begins"),
        ("07:00-24:01", "a day ends at 24:00"),
        ("24:00-24:00", "a day ends at 24:00"),
        ("07:60-08:00", "are no hours"),
        ("25:00-26:00", "are no hours"),
        ("7-20", 'write "07:00-20:00", in quotes'),
        ("07:00-09:00, 12:00-13:00", "are no hours"),
    ],
)
def test_what_are_no_hours(word: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        hours((word,))


def test_zones() -> None:
    assert zone("Europe/Berlin") == "Europe/Berlin"
    with pytest.raises(ValueError, match='did you mean "Europe/Berlin"'):
        zone("Europe/Berlinn")
    for wrong in ("../../etc/passwd", "/etc/localtime", "Europe", "CEST!"):
        with pytest.raises(ValueError, match="is not a time zone such as"):
            zone(wrong)


WORKING = Times(days(("mon-fri",)), hours(("07:00-12:00", "13:00-20:00")), "Europe/Berlin")


@pytest.mark.parametrize(
    ("moment", "matches"),
    [
        ("2026-03-02T07:00:00+01:00", True),
        ("2026-03-02T06:59:59+01:00", False),
        ("2026-03-02T11:59:59+01:00", True),
        ("2026-03-02T12:00:00+01:00", False),
        ("2026-03-02T19:59:59+01:00", True),
        ("2026-03-02T20:00:00+01:00", False),
        ("2026-03-01T10:00:00+01:00", False),
        ("2026-03-02T06:30:00+00:00", True),
        ("2026-07-06T05:30:00+00:00", True),  # summer time
        ("2026-03-06T23:30:00-05:00", False),  # Friday there, Saturday in Berlin
        ("2026-03-08T23:00:00-08:00", True),  # Sunday there, Monday 8 o'clock in Berlin
    ],
)
def test_on_the_clock_of_the_rule(moment: str, matches: bool) -> None:
    assert WORKING.matches(at(moment)) is matches


def test_without_days_every_day_and_without_hours_the_whole_day() -> None:
    assert Times(frozenset(), hours(("00:00-01:00",)), "UTC").matches(at("2026-03-01T00:30Z"))
    assert Times(days(("sun",)), (), "UTC").matches(at("2026-03-01T23:59Z"))
    assert not Times(days(("sun",)), (), "UTC").matches(at("2026-03-02T00:00Z"))


@given(
    st.integers(946_684_800, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.integers(0, 59),
)
def test_what_is_seen_alike_matches_alike(moment: datetime, seconds: int) -> None:
    """Answers are kept by what a criterion sees: it must see enough."""
    one = at(moment.isoformat())
    other = at((moment.replace(second=0) + timedelta(seconds=seconds)).isoformat())
    assert Times.sees(one) == Times.sees(other)
    assert WORKING.matches(one) is WORKING.matches(other)


def test_why_not() -> None:
    assert WORKING.why_not(at("2026-03-01T10:00:00Z")) == (
        "it is sun 11:00 in Europe/Berlin, which is not within mon tue wed thu fri "
        "07:00-12:00, 13:00-20:00"
    )
