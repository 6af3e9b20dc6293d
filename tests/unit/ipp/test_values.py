"""Values from Python and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.ipp import values
from ippgate.ipp.enums import Tag
from ippgate.ipp.message import Value
from ippgate.ipp.syntax import fault

_INTEGERS = st.integers(-(2**31), 2**31 - 1)


@given(_INTEGERS)
def test_integers_and_enums(number: int) -> None:
    assert values.as_integer(values.integer(number)) == number
    assert values.as_integer(values.enum(number)) == number


@pytest.mark.parametrize("truth", [True, False])
def test_booleans(truth: bool) -> None:
    assert values.as_boolean(values.boolean(truth)) is truth


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        (values.integer(-1), "ffffffff"),
        (values.enum(0x0B), "0000000b"),
        (values.boolean(True), "01"),
        (values.range_of_integer(1, 99), "0000000100000063"),
        (values.resolution(600, 300), "000002580000012c03"),
        (values.text("Ü"), "c39c"),
    ],
)
def test_octets(value: Value, octets: str) -> None:
    assert value.octets.hex() == octets
    assert fault(value.tag, value.octets) is None


_TEXTS: list[Callable[[str], Value]] = [values.text, values.name, values.uri]
_ASCII: list[Callable[[str], Value]] = [
    values.keyword,
    values.uri_scheme,
    values.charset,
    values.natural_language,
    values.mime_media_type,
]


@pytest.mark.parametrize("make", [*_TEXTS, *_ASCII])
def test_text_of_every_kind(make: Callable[[str], Value]) -> None:
    assert values.as_text(make("utf-8")) == "utf-8"


@given(st.text(), st.sampled_from(_TEXTS))
def test_any_text(string: str, make: Callable[[str], Value]) -> None:
    try:
        value = make(string)
    except UnicodeEncodeError:  # a lone surrogate
        return
    assert values.as_text(value) == string


@pytest.mark.parametrize("make", _ASCII)
def test_what_must_be_ascii(make: Callable[[str], Value]) -> None:
    with pytest.raises(ValueError, match="ascii"):
        make("ü")


@pytest.mark.parametrize("tag", [Tag.TEXT_WITH_LANGUAGE, Tag.NAME_WITH_LANGUAGE])
def test_text_with_a_language(tag: Tag) -> None:
    octets = b"\0\2de\0\5Gr\xc3\xbcn"
    assert values.split_language(octets) == (b"de", "Grün".encode())
    assert values.as_text(Value(tag, octets)) == "Grün"
    assert fault(tag, octets) is None


@given(st.binary(max_size=12))
def test_the_lengths_inside_must_fit(octets: bytes) -> None:
    value = Value(Tag.TEXT_WITH_LANGUAGE, octets)
    if fault(*value) is None:
        language, text = values.split_language(octets)
        assert len(language) + len(text) + 4 == len(octets)
    else:
        with pytest.raises(ValueError, match="lengths"):
            values.split_language(octets)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (values.as_integer, values.boolean(True)),
        (values.as_integer, values.text("1")),
        (values.as_integer, Value(Tag.INTEGER, b"\1")),
        (values.as_integer, Value(Tag.NO_VALUE, b"")),
        (values.as_boolean, values.integer(1)),
        (values.as_boolean, Value(Tag.BOOLEAN, b"\2")),
        (values.as_boolean, Value(Tag.BOOLEAN, b"")),
        (values.as_text, values.integer(1)),
        (values.as_text, Value(Tag.NO_VALUE, b"")),
        (values.as_text, Value(Tag.OCTET_STRING, b"text")),
        (values.as_text, Value(Tag.KEYWORD, b"\xff")),
        (values.as_text, Value(Tag.NAME_WITH_LANGUAGE, b"\0\0\0\1\xff")),
    ],
)
def test_nothing_is_coerced(read: Callable[[Value], object], value: Value) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - codecs and lengths have words of their own
        read(value)


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1])
def test_numbers_that_do_not_fit(number: int) -> None:
    for make in (values.integer, values.enum):
        with pytest.raises(ValueError, match="does not fit"):
            make(number)
    with pytest.raises(ValueError, match="does not fit"):
        values.range_of_integer(0, number)
    with pytest.raises(ValueError, match="does not fit"):
        values.resolution(number, 1)
