"""Values that a job asks for: which way a rule decides is the way in which doubt falls."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.ipp.enums import Operation
from ippgate.policy.criteria import Verdict
from ippgate.policy.criteria.values import Values
from ippgate.policy.facts import Asked, Facts, Job, Scalar, Span

YES, NO, OPEN = Verdict.YES, Verdict.NO, Verdict.OPEN
TIME = datetime(2026, 3, 2, tzinfo=UTC)


def asks(
    asked: Asked | None, operation: Operation = Operation.PRINT_JOB, *, undecided: bool = False
) -> Facts:
    job = Job(asked, undecided=undecided)
    return Facts(None, "lab-1", operation, None, "192.0.2.1", TIME, None, job)


def both(name: str, facts: Facts, **wanted: Any) -> tuple[Verdict, Verdict]:
    """What a rule that permits, and one that refuses, make of it."""
    return Values(name, True, **wanted).judge(facts), Values(name, False, **wanted).judge(facts)


@pytest.mark.parametrize(
    ("wanted", "value", "fits"),
    [
        ({"most": 50}, 50, True),
        ({"most": 50}, 51, False),
        ({"least": 2, "most": 5}, 1, False),
        ({"only": (1, 2)}, 2, True),
        ({"never": (3,)}, 3, False),
        ({"never": (3,)}, 4, True),
    ],
)
def test_one_value(wanted: dict[str, Any], value: Scalar, fits: bool) -> None:
    facts = asks({"copies": (value,)})
    assert both("copies", facts, **wanted) == ((YES, YES) if fits else (NO, NO))


@pytest.mark.parametrize("value", ["many", Span(1, 10)])
def test_a_value_of_another_kind_is_never_permitted_and_always_refused(value: Scalar) -> None:
    assert both("copies", asks({"copies": (value,)}), most=50) == (NO, YES)


def test_of_several_all_must_fit_to_be_permitted_and_one_to_be_refused() -> None:
    facts = asks({"sides": ("one-sided", "two-sided-long-edge")})
    assert both("sides", facts, only=("one-sided",)) == (NO, YES)


def test_what_is_not_given() -> None:
    nothing = asks({})
    assert both("copies", nothing, most=5) == (YES, NO)
    assert both("copies", nothing, least=5) == (NO, NO)
    assert both("job-password", nothing, present=True) == (NO, NO)
    assert both("job-password", nothing, present=False) == (YES, YES)
    assert both("job-password", asks({"job-password": ("given",)}), present=True) == (YES, YES)
    later = asks({}, Operation.SET_JOB_ATTRIBUTES)
    assert both("job-password", later, present=True) == (YES, NO)


def test_what_nobody_remembers_is_refused() -> None:
    assert both("copies", asks(None), most=5) == (NO, YES)


def test_what_is_undecided_is_open() -> None:
    assert both("copies", asks({}, undecided=True), most=5) == (OPEN, OPEN)


def test_operations_that_ask_for_nothing() -> None:
    assert both("copies", asks({}, Operation.GET_JOBS), most=5) == (YES, NO)


def test_one_medium_has_several_names() -> None:
    for name in ("iso_a4_210x297mm", "custom_mine_210x297mm", "21000x29700"):
        facts = asks({"media": (name,)})
        assert both("media", facts, only=("iso_a4_210x297mm",)) == (YES, YES)
    letter = asks({"media": ("na_letter_8.5x11in",)})
    assert both("media", letter, only=("21590x27940",)) == (YES, YES)


@given(
    st.lists(st.one_of(st.integers(), st.text(), st.builds(Span, st.integers(), st.integers()))),
    st.integers(),
    st.integers(),
)
def test_no_value_is_both_permitted_and_refused_by_the_same_words(
    values: list[Scalar], least: int, most: int
) -> None:
    facts = asks({"copies": tuple(values)} if values else {})
    permits, refuses = both("copies", facts, least=least, most=most)
    if permits is YES and values:
        assert refuses is YES
    words = Values("copies", True, least=least, most=most).why_not(facts)
    assert words.startswith("copies is ")


def test_what_would_have_to_change() -> None:
    facts = asks({"copies": (3, 60)})
    assert Values("copies", True, most=50).refused(facts) == ("copies", (60,))
    assert Values("copies", False, least=50).refused(facts) == ("copies", (60,))
