"""The lengths that each syntax prescribes."""

from __future__ import annotations

import pytest

from ippgate.ipp.enums import Tag
from ippgate.ipp.syntax import FIXED, fault


@pytest.mark.parametrize(("tag", "length"), FIXED.items())
def test_fixed_lengths(tag: int, length: int) -> None:
    assert fault(tag, b"\0" * length) is None
    for wrong in (0, length - 1, length + 1):
        words = fault(tag, b"\0" * wrong)
        assert words == f"{Tag(tag).keyword} takes {length} octets, not {wrong}"


@pytest.mark.parametrize(("octet", "right"), [(0, True), (1, True), (2, False), (255, False)])
def test_booleans(octet: int, right: bool) -> None:
    assert (fault(Tag.BOOLEAN, bytes((octet,))) is None) is right


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"\0\0\0\0", None),
        (b"\0\2en\0\1x", None),
        (b"", "truncated length of the language"),
        (b"\0", "truncated length of the language"),
        (b"\0\3en", "truncated language"),
        (b"\0\2en\0", "truncated length of the text"),
        (b"\0\2en\0\2x", "truncated text"),
        (b"\0\2en\0\1xyz", "2 extra octets after the text"),
    ],
)
@pytest.mark.parametrize("tag", [Tag.TEXT_WITH_LANGUAGE, Tag.NAME_WITH_LANGUAGE])
def test_text_with_language(tag: Tag, octets: bytes, words: str | None) -> None:
    assert fault(tag, octets) == words


@pytest.mark.parametrize(
    ("octets", "right"),
    [
        (b"\0\0\0\0", True),
        (b"\x7f\xff\xff\xffvalue", True),
        (b"\x80\0\0\0", False),
        (b"\xff\xff\xff\xff", False),
        (b"\0\0\0", False),
        (b"", False),
    ],
)
def test_extension_tags(octets: bytes, right: bool) -> None:
    assert (fault(Tag.EXTENSION, octets) is None) is right


def test_what_nobody_knows_is_right() -> None:
    for tag in (0x11, 0x20, 0x2F, 0x3F, 0x5F, 0x80, 0xFF):
        assert fault(tag, b"anything") is None
