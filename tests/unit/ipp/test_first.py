"""First values, read leniently."""

from __future__ import annotations

import pytest

from ippgate.ipp.enums import Tag
from ippgate.ipp.first import first_integer, first_text, first_value
from ippgate.ipp.message import Attribute, Collection, Value
from ippgate.ipp.values import enum, integer, keyword, name


def of(*values: Value | Collection) -> Attribute:
    return Attribute("x", values)


@pytest.mark.parametrize(
    ("attribute", "number", "text"),
    [
        (None, None, None),
        (of(integer(7), integer(8)), 7, None),
        (of(enum(3)), 3, None),
        (of(keyword("idle")), None, "idle"),
        (of(name("Grüße")), None, "Grüße"),
        (of(Collection(())), None, None),
        (of(Value(Tag.NAME_WITHOUT_LANGUAGE, b"\xff")), None, None),
        (of(Value(Tag.INTEGER, b"\0")), None, None),
        (of(Value(Tag.UNKNOWN, b"")), None, None),
    ],
)
def test_what_is_there(attribute: Attribute | None, number: int | None, text: str | None) -> None:
    assert first_integer(attribute) == number
    assert first_text(attribute) == text


def test_a_collection_is_no_value() -> None:
    assert first_value(of(Collection(()))) is None
    assert first_value(of(integer(1))) == integer(1)
