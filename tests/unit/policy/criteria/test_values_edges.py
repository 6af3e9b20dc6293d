"""Values of an attribute: what rules that permit and rules that refuse make of each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ippgate.ipp.enums import Operation as Op
from ippgate.policy.criteria import Verdict
from ippgate.policy.criteria.values import Values
from ippgate.policy.facts import Asked, Facts, Job, Scalar, Span

YES, NO, OPEN = Verdict.YES, Verdict.NO, Verdict.OPEN


def asked(
    attributes: Asked | None, operation: Op = Op.PRINT_JOB, *, undecided: bool = False
) -> Facts:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    job = Job(attributes, undecided=undecided)
    return Facts(None, "lab-1", operation, None, "192.0.2.9", at, job=job)


ONLY_GREY = {"only": ("monochrome",)}
NO_COLOUR = {"never": ("color",)}
FEW = {"most": 5}
SOME: dict[str, Any] = {"least": 2, "most": 5}


@pytest.mark.parametrize(
    ("name", "how", "values", "permit", "refuse"),
    [
        ("print-color-mode", ONLY_GREY, ["monochrome"], YES, YES),
        ("print-color-mode", ONLY_GREY, ["color"], NO, NO),
        ("print-color-mode", ONLY_GREY, ["monochrome", "color"], NO, YES),
        ("print-color-mode", NO_COLOUR, ["monochrome"], YES, YES),
        ("print-color-mode", NO_COLOUR, ["color"], NO, NO),
        ("print-color-mode", NO_COLOUR, ["monochrome", "color"], NO, YES),
        ("copies", FEW, [5], YES, YES),
        ("copies", FEW, [6], NO, NO),
        ("copies", SOME, [1], NO, NO),
        ("copies", SOME, [2], YES, YES),
        ("page-ranges", FEW, [Span(1, 5)], YES, YES),
        ("page-ranges", FEW, [Span(6, 8)], NO, NO),
        ("media", {"only": ("iso_a4_210x297mm",)}, ["21000x29700"], YES, YES),
        ("media", {"never": ("iso_a3_297x420mm",)}, ["custom_x_297x420mm"], NO, NO),
        ("sides", {"present": True}, ["one-sided"], YES, YES),
        ("sides", {"present": False}, ["one-sided"], NO, NO),
        ("sides", {"present": True, "only": ("one-sided",)}, ["two-sided-long-edge"], NO, NO),
    ],
)
def test_values(
    name: str, how: dict[str, Any], values: list[Scalar], permit: Verdict, refuse: Verdict
) -> None:
    facts = asked({name: tuple(values)})
    assert Values(name, permits=True, **how).judge(facts) is permit
    assert Values(name, permits=False, **how).judge(facts) is refuse


@pytest.mark.parametrize(
    ("name", "how", "value"),
    [
        ("copies", {"least": 6}, "9"),
        ("copies", {"least": 6}, Span(1, 9)),
        ("copies", {"never": (5,)}, "5"),
        ("print-quality", {"only": (5,)}, "high"),
        ("page-ranges", {"least": 6}, "given"),
    ],
)
def test_a_value_of_another_kind_is_not_permitted_and_does_not_slip_through(
    name: str, how: dict[str, Any], value: Scalar
) -> None:
    """A printer may take text for a number; a rule that refuses numbers refuses it."""
    facts = asked({name: (value,)})
    assert Values(name, permits=True, **how).judge(facts) is NO
    assert Values(name, permits=False, **how).judge(facts) is YES
    assert Values(name, permits=False, **how).refused(facts) == (name, (value,))


@pytest.mark.parametrize(
    ("pages", "permit", "refuse"),
    [
        (Span(1, 1), NO, NO),
        (Span(1, 2), NO, YES),
        (Span(2, 5), YES, YES),
        (Span(5, 9), NO, YES),
        (Span(1, 9), NO, YES),
        (Span(6, 9), NO, NO),
    ],
)
def test_a_range_is_permitted_as_a_whole_and_refused_in_part(
    pages: Span, permit: Verdict, refuse: Verdict
) -> None:
    facts = asked({"page-ranges": (pages,)})
    assert Values("page-ranges", permits=True, **SOME).judge(facts) is permit
    assert Values("page-ranges", permits=False, **SOME).judge(facts) is refuse


@pytest.mark.parametrize(
    ("how", "operation", "permit", "refuse"),
    [
        (FEW, Op.PRINT_JOB, YES, NO),
        (NO_COLOUR, Op.PRINT_JOB, YES, NO),
        (SOME, Op.PRINT_JOB, NO, NO),
        ({"present": True}, Op.PRINT_JOB, NO, NO),
        ({"present": False}, Op.PRINT_JOB, YES, YES),
        # a change to a job leaves out what it does not change
        ({"present": True}, Op.SET_JOB_ATTRIBUTES, YES, NO),
        # nothing is asked for here
        (SOME, Op.CANCEL_JOB, YES, NO),
        ({"present": True}, Op.GET_JOBS, YES, NO),
    ],
)
def test_what_is_not_given(
    how: dict[str, Any], operation: Op, permit: Verdict, refuse: Verdict
) -> None:
    facts = asked({}, operation)
    assert Values("copies", permits=True, **how).judge(facts) is permit
    assert Values("copies", permits=False, **how).judge(facts) is refuse


def test_what_nobody_remembers_is_refused() -> None:
    facts = asked(None, Op.SEND_DOCUMENT)
    assert Values("copies", permits=True, most=5).judge(facts) is NO
    assert Values("copies", permits=False, least=6).judge(facts) is YES
    words = Values("copies", permits=True, most=5).why_not(facts)
    assert words == "copies was given earlier, and is not remembered"


def test_what_may_still_be_asked_is_open() -> None:
    facts = asked({"copies": (6,)}, undecided=True)
    assert Values("copies", permits=True, most=5).judge(facts) is NO
    assert Values("sides", permits=True, only=("one-sided",)).judge(facts) is OPEN


@pytest.mark.parametrize(
    ("how", "attributes", "words"),
    [
        ({"most": 4}, {"print-quality": (5,)}, "print-quality is high, not 4 or less"),
        (SOME, {"print-quality": (3, 9)}, "print-quality is draft, 9, not 2 or more and 5 or less"),
        ({"only": (3, 4)}, {"print-quality": (5,)}, "print-quality is high, not one of draft, "),
        ({"never": (5,)}, {"print-quality": (5,)}, "print-quality is high, not anything but high"),
        ({"present": True}, {}, "print-quality is not given"),
        ({"present": False}, {"print-quality": (5,)}, "print-quality is high, not left out"),
    ],
)
def test_why_not(how: dict[str, Any], attributes: Asked, words: str) -> None:
    criterion = Values("print-quality", permits=True, **how)
    assert criterion.judge(asked(attributes)) is NO
    assert criterion.why_not(asked(attributes)).startswith(words)


def test_an_operation_that_asks_for_nothing_says_so() -> None:
    refusing = Values("copies", permits=False, least=6)
    words = refusing.why_not(asked({}, Op.CANCEL_JOB))
    assert words == "Cancel-Job asks for no copies"


def test_what_a_client_would_have_to_change() -> None:
    facts = asked({"sides": ("one-sided", "two-sided-long-edge")})
    only = Values("sides", permits=True, only=("one-sided",))
    refused = Values("sides", permits=False, only=("one-sided",))
    assert only.refused(facts) == ("sides", ("two-sided-long-edge",))
    assert refused.refused(facts) == ("sides", ("one-sided",))
    assert Values("copies", permits=True, present=True).refused(facts) == ("copies", ())
    left_out = Values("sides", permits=True, present=False)
    assert left_out.refused(facts) == ("sides", ("one-sided", "two-sided-long-edge"))
    assert Values("sides", permits=False, present=True).refused(facts) == (
        "sides",
        ("one-sided", "two-sided-long-edge"),
    )
