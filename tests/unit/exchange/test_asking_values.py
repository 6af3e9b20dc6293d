"""What a request asks for, wherever in it that stands."""

from __future__ import annotations

import pytest

from ippgate.exchange.addresses import Target
from ippgate.exchange.asking import asked, document, scalar
from ippgate.exchange.request import understand
from ippgate.ipp.enums import GroupTag, Operation
from ippgate.ipp.message import Attribute, Collection, Group, Value
from ippgate.ipp.values import (
    boolean,
    enum,
    integer,
    keyword,
    name,
    range_of_integer,
    resolution,
    uri,
)
from ippgate.policy.facts import Asked, Document, Scalar, Span
from tests.support.exchange_fakes import request

LAB = Target("lab-1")


def of(*attributes: Attribute) -> Asked:
    groups = (Group(GroupTag.JOB, attributes),)
    return asked(understand(request(Operation.PRINT_JOB, groups=groups), LAB))


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (integer(3), 3),
        (enum(5), 5),
        (boolean(True), "true"),
        (boolean(False), "false"),
        (range_of_integer(2, 5), Span(2, 5)),
        (resolution(600, 600, 3), "600dpi"),
        (resolution(600, 300, 3), "600x300dpi"),
        (resolution(200, 200, 4), "200dpcm"),
        (keyword("a3"), "a3"),
        (uri("urn:x"), "urn:x"),
        (Value(0x30, b"secret"), "given"),
        (Collection(()), "collection"),
    ],
)
def test_values_are_read_as_policy_has_them(value: Value | Collection, seen: Scalar) -> None:
    assert scalar(value) == seen


def test_an_attribute_counts_wherever_it_stands() -> None:
    override = Collection(
        (Attribute("pages", (range_of_integer(2, 2),)), Attribute("sides", (keyword("x"),)))
    )
    found = of(
        Attribute("job-copies", (integer(9),)),
        Attribute("sides", (keyword("one-sided"),)),
        Attribute("overrides", (override,)),
    )
    assert found["copies"] == (9,)
    assert found["sides"] == ("one-sided", "x")
    assert "pages" not in found


def test_who_asks_and_for_what_printer_is_not_what_is_asked() -> None:
    assert of() == {}


def test_a_medium_is_known_by_its_size_within_a_collection() -> None:
    size = Collection(
        (Attribute("x-dimension", (integer(21000),)), Attribute("y-dimension", (integer(29700),)))
    )
    members = (Attribute("media-size", (size,)), Attribute("media-type", (keyword("glossy"),)))
    found = of(Attribute("media-col", (Collection(members),)))
    assert found["media"] == ("21000x29700",)
    assert found["media-col.media-type"] == ("glossy",)


def test_secrets_are_said_to_be_there_and_no_more() -> None:
    """What is asked for goes into the trail, and to a decision point elsewhere."""
    access = Collection((Attribute("access-password", (name("canary"),)),))
    found = of(
        Attribute("job-password", (keyword("canary"),)),
        Attribute("document-access", (access,)),
        Attribute("overrides", (Collection((Attribute("document-access", (access,)),)),)),
    )
    assert "canary" not in repr(found)
    assert found["job-password"] == ("given",)
    assert found["document-access"] == ("collection", "collection")


@pytest.mark.parametrize(
    ("operation", "more", "length", "expected"),
    [
        (Operation.PRINT_JOB, (), 10, Document("application/pdf", size=10, follows=True)),
        (Operation.PRINT_JOB, (), None, Document("application/pdf", follows=True)),
        (Operation.VALIDATE_JOB, (), 0, Document("application/pdf")),
        (
            Operation.VALIDATE_JOB,
            (Attribute("job-k-octets", (integer(2),)),),
            0,
            Document("application/pdf", size=1025),
        ),
    ],
)
def test_the_document(
    operation: Operation, more: tuple[Attribute, ...], length: int | None, expected: Document
) -> None:
    message = request(operation, *more, document_format="application/pdf")
    assert document(understand(message, LAB), length) == expected
