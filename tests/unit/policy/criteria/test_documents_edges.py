"""What a document is: declared and found formats, sizes known and growing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.ipp.enums import Operation as Op
from ippgate.policy.criteria import Verdict
from ippgate.policy.criteria.documents import Formats, Size
from ippgate.policy.facts import Document, Facts, Job

YES, NO, OPEN = Verdict.YES, Verdict.NO, Verdict.OPEN
PDF, PS, ANY = "application/pdf", "application/postscript", "application/octet-stream"


def facts(document: Document, operation: Op = Op.PRINT_JOB, *, undecided: bool = False) -> Facts:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    job = Job({}, document, undecided)
    return Facts(None, "lab-1", operation, None, "192.0.2.9", at, job=job)


def told(declared: str | None, detected: str | None = None, *, follows: bool = False) -> Facts:
    return facts(Document(declared, detected, follows=follows))


@pytest.mark.parametrize(
    ("asked", "permit", "refuse"),
    [
        (told(PDF, PDF), YES, YES),
        (told(PS, PS), NO, NO),
        (told(PDF, PS), NO, YES),
        (told(PS, PDF), NO, YES),
        (told(None, PDF), YES, YES),
        (told(ANY, PS), NO, NO),
        (told("APPLICATION/PDF", PDF), YES, YES),
        (told("application/pdf; version=1.7", PDF), YES, YES),
        (told("application/octet-stream; x=y", PDF), YES, YES),
        (told("Application/Octet-Stream", PDF), YES, YES),
        # what cannot be told is refused once all of it was seen: octets that nobody knows
        (told(PDF, ANY), NO, YES),
        # the octets will follow, and decide
        (told(PDF, follows=True), OPEN, YES),
        (told(PS, follows=True), NO, OPEN),
        (told(None, follows=True), OPEN, OPEN),
        # Validate-Job declares nothing, and brings nothing: it does not hurt to say yes
        (facts(Document(), Op.VALIDATE_JOB), YES, NO),
        # no document at all
        (facts(Document(PS, PS), Op.CREATE_JOB), YES, NO),
        # the printer would fetch it from elsewhere
        (facts(Document(PDF), Op.PRINT_URI), NO, YES),
        (facts(Document(), undecided=True), OPEN, OPEN),
    ],
)
def test_formats(asked: Facts, permit: Verdict, refuse: Verdict) -> None:
    """``refuse`` is about a rule that refuses PDF."""
    assert Formats.of((PDF,), permits=True).judge(asked) is permit
    assert Formats.of((PDF,), permits=False).judge(asked) is refuse


def test_a_parameter_does_not_carry_a_format_past_a_rule_that_refuses_it() -> None:
    no_text = Formats.of(("text/plain",), permits=False)
    for declared in ("text/plain; charset=utf-8", "text/plain;charset=utf-8", "TEXT/plain ;x=y"):
        assert no_text.judge(told(declared)) is YES
        assert no_text.refused(told(declared)) == ("document-format", ("text/plain",))


def test_patterns_of_formats() -> None:
    images = Formats.of(("image/*", "!image/tiff"), permits=True)
    assert images.judge(told("image/urf", "image/urf")) is YES
    assert images.judge(told("image/tiff", "image/tiff")) is NO
    assert images.judge(told(PDF, PDF)) is NO


def test_what_a_client_would_have_to_change() -> None:
    permit, refuse = Formats.of((PDF,), permits=True), Formats.of((PS,), permits=False)
    assert permit.refused(told(PDF, PS)) == ("document-format", (PS,))
    assert refuse.refused(told(PDF, PS)) == ("document-format", (PS,))
    assert permit.why_not(told(PDF, PS)) == (
        f"the document's format is {PDF}, found {PS}; asked for is {PDF}"
    )
    assert permit.why_not(told(None)) == (
        f"the document's format is not declared; asked for is {PDF}"
    )
    assert refuse.why_not(facts(Document(), Op.CREATE_JOB)) == "Create-Job brings no document"


def long(
    size: int | None = None,
    at_least: int = 0,
    operation: Op = Op.PRINT_JOB,
    *,
    follows: bool = True,
) -> Facts:
    return facts(Document(size=size, at_least=at_least, follows=follows), operation)


@pytest.mark.parametrize(
    ("asked", "small_permitted", "large_refused"),
    [
        (long(10), YES, NO),
        (long(11), NO, YES),
        (long(0), YES, NO),
        (long(at_least=10), OPEN, OPEN),
        (long(at_least=11), NO, YES),
        (long(), OPEN, OPEN),
        (long(follows=False), YES, NO),
        (long(11, operation=Op.CREATE_JOB), YES, NO),
        (long(operation=Op.SEND_URI), NO, YES),
    ],
)
def test_sizes(asked: Facts, small_permitted: Verdict, large_refused: Verdict) -> None:
    """Up to 10 octets are permitted, or 11 and more refused: two ways to say the same."""
    assert Size(permits=True, most=10).judge(asked) is small_permitted
    assert Size(permits=False, least=11).judge(asked) is large_refused


@given(
    st.integers(0, 30), st.integers(0, 30), st.one_of(st.none(), st.integers(0, 30)), st.booleans()
)
def test_what_was_said_of_a_growing_document_holds_for_all_of_it(
    size: int, least: int, most: int | None, permits: bool
) -> None:
    criterion = Size(permits, least, most)
    whole = criterion.judge(long(size))
    for passed in range(size + 1):
        assert criterion.judge(long(at_least=passed)) in (OPEN, whole)


def test_why_a_size_does_not_fit() -> None:
    between = Size(permits=True, least=1_000, most=2_000_000)
    assert between.why_not(long(3_000_000)) == (
        "the document has 3,000,000 octets, not 1,000 or more and 2,000,000 or less"
    )
    assert between.why_not(long(at_least=2_500_000)).startswith(
        "the document has 2,500,000 or more octets"
    )
    assert between.why_not(long(1, operation=Op.CREATE_JOB)) == "Create-Job brings no document"
    assert between.refused(long(1)) is None
