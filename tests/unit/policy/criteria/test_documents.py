"""Formats and sizes, as far as they are known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ippgate.ipp.enums import Operation
from ippgate.policy.criteria import Verdict
from ippgate.policy.criteria.documents import Formats, Size
from ippgate.policy.facts import Document, Facts, Job

YES, NO, OPEN = Verdict.YES, Verdict.NO, Verdict.OPEN
TIME = datetime(2026, 3, 2, tzinfo=UTC)
PDF, PS, ANY = "application/pdf", "application/postscript", "application/octet-stream"


def with_(document: Document, operation: Operation = Operation.PRINT_JOB) -> Facts:
    return Facts(None, "p", operation, None, "192.0.2.1", TIME, None, Job({}, document))


@pytest.mark.parametrize(
    ("document", "permits", "refuses"),
    [
        (Document(PDF, None), YES, YES),
        (Document(PDF, None, follows=True), OPEN, YES),
        (Document(PDF, PDF, follows=True), YES, YES),
        (Document(PDF, PS), NO, YES),
        (Document(PS, PDF), NO, YES),
        (Document(PS, None, follows=True), NO, OPEN),
        (Document(PS, PS), NO, NO),
        (Document(None, None, follows=True), OPEN, OPEN),
        (Document(ANY, PDF), YES, YES),
        (Document(ANY, PS), NO, NO),
        (Document(None, None), YES, NO),
        (Document("Application/PDF", PDF), YES, YES),
    ],
)
def test_formats(document: Document, permits: Verdict, refuses: Verdict) -> None:
    facts = with_(document)
    assert Formats.of((PDF,), True).judge(facts) is permits
    assert Formats.of((PDF,), False).judge(facts) is refuses


def test_wildcards() -> None:
    images = Formats.of(("image/*", "!image/tiff"), True)
    assert images.judge(with_(Document("image/urf"))) is YES
    assert images.judge(with_(Document("image/tiff"))) is NO


@pytest.mark.parametrize(
    ("document", "permits", "refuses"),
    [
        (Document(size=100), YES, YES),
        (Document(size=101), NO, NO),
        (Document(follows=True), OPEN, OPEN),
        (Document(follows=True, at_least=100), OPEN, OPEN),
        (Document(follows=True, at_least=101), NO, NO),
        (Document(), YES, NO),
    ],
)
def test_at_most(document: Document, permits: Verdict, refuses: Verdict) -> None:
    facts = with_(document)
    assert Size(True, most=100).judge(facts) is permits
    assert Size(False, most=100).judge(facts) is refuses


def test_at_least() -> None:
    small, growing, large = (
        Document(size=99),
        Document(follows=True, at_least=99),
        Document(follows=True, at_least=100),
    )
    size = Size(False, least=100)
    assert [size.judge(with_(d)) for d in (small, growing, large)] == [NO, OPEN, YES]


@pytest.mark.parametrize("operation", [Operation.PRINT_URI, Operation.SEND_URI])
def test_a_document_that_the_printer_would_fetch_is_seen_by_nobody(operation: Operation) -> None:
    facts = with_(Document(PDF, None), operation)
    assert Formats.of((PDF,), True).judge(facts) is NO
    assert Formats.of((PDF,), False).judge(facts) is YES
    assert Size(True, most=100).judge(facts) is NO


def test_operations_without_documents() -> None:
    facts = with_(Document(PS), Operation.CREATE_JOB)
    assert Formats.of((PDF,), True).judge(facts) is YES
    assert Formats.of((PDF,), False).judge(facts) is NO
    assert "brings no document" in Size(True, most=1).why_not(facts)


def test_why_not() -> None:
    formats = Formats.of((PDF,), True)
    assert formats.why_not(with_(Document(PDF, PS))) == (
        f"the document's format is {PDF}, found {PS}; asked for is {PDF}"
    )
    assert formats.refused(with_(Document(PDF, PS))) == ("document-format", (PS,))
    size = Size(True, most=1000)
    assert size.why_not(with_(Document(size=2000))) == (
        "the document has 2,000 octets, not 1,000 or less"
    )
