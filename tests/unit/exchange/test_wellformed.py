"""Text in attributes: what a later parser could trip over is refused, or becomes a space."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.exchange.wellformed import all_values, ill_formed, printable
from ippgate.ipp.enums import Tag
from ippgate.ipp.message import Attribute, Collection, Message, Value
from ippgate.ipp.values import keyword, name, text, uri
from tests.support.messages import messages

LINES = [
    Tag.KEYWORD,
    Tag.URI,
    Tag.URI_SCHEME,
    Tag.CHARSET,
    Tag.NATURAL_LANGUAGE,
    Tag.MIME_MEDIA_TYPE,
    Tag.NAME_WITHOUT_LANGUAGE,
]
CONTROLS = [*range(0x20), 0x7F]
TEXT_MAY_HAVE = [ord(character) for character in "\t\n\r"]


def with_language(tag: Tag, language: bytes, octets: bytes) -> Value:
    parts = [len(part).to_bytes(2, "big") + part for part in (language, octets)]
    return Value(tag, b"".join(parts))


def only(value: Value | Collection) -> tuple[Attribute, ...]:
    return (Attribute("job-name", (value,)),)


@pytest.mark.parametrize("tag", LINES)
def test_no_control_character_stands_in_what_is_one_line(tag: Tag) -> None:
    assert ill_formed(only(Value(tag, b"page one"))) is None
    for control in CONTROLS:
        assert ill_formed(only(Value(tag, b"page\\%c" % control))) == "job-name"


def test_text_may_have_lines_and_tabs_but_no_other_control_character() -> None:
    assert ill_formed(only(text("first\r\n\tsecond"))) is None
    for control in set(CONTROLS) - set(TEXT_MAY_HAVE):
        assert ill_formed(only(text(f"a{chr(control)}"))) == "job-name"


@pytest.mark.parametrize("tag", [Tag.NAME_WITH_LANGUAGE, Tag.TEXT_WITH_LANGUAGE])
def test_language_and_text_are_both_looked_at_and_their_lengths_are_not(tag: Tag) -> None:
    assert ill_formed(only(with_language(tag, b"en-us", b"x" * 13))) is None
    assert ill_formed(only(with_language(tag, b"e\x1b", b"x"))) == "job-name"
    assert ill_formed(only(with_language(tag, b"en", b"x\x1b"))) == "job-name"
    assert ill_formed(only(with_language(tag, b"en", b"\xff"))) == "job-name"


def test_a_name_with_language_is_one_line_and_a_text_with_language_need_not_be() -> None:
    assert ill_formed(only(with_language(Tag.TEXT_WITH_LANGUAGE, b"en", b"a\nb"))) is None
    assert ill_formed(only(with_language(Tag.NAME_WITH_LANGUAGE, b"en", b"a\nb"))) == "job-name"


def test_what_is_not_utf8_is_named() -> None:
    assert ill_formed(only(name("Übung ж 紙"))) is None
    assert ill_formed(only(Value(Tag.NAME_WITHOUT_LANGUAGE, b"\xc3"))) == "job-name"
    assert ill_formed(only(Value(Tag.URI, b"ipp://\xed\xa0\x80/"))) == "job-name"


def test_octets_that_are_no_text_may_be_anything() -> None:
    assert ill_formed(only(Value(Tag.OCTET_STRING, bytes(range(256))))) is None
    assert ill_formed(only(Value(Tag.INTEGER, b"\0\0\0\x1b"))) is None


def test_a_member_is_found_however_deep_and_whichever_value_it_stands_in() -> None:
    media = Collection((Attribute("media-info", (name("plain"), name("A4\x1b[2J"))),))
    for _ in range(9):
        media = Collection((Attribute("media-col", (keyword("x"), media)),))
    assert ill_formed(only(media)) == "media-info"
    assert len(list(all_values(only(media)))) == 11


@pytest.mark.parametrize("tag", LINES)
def test_in_a_reply_they_become_spaces(tag: Tag) -> None:
    dirty = Value(tag, b"HP\x1b[2J\r\nX-Evil: 1\x7f")
    assert printable(dirty) == Value(tag, b"HP [2J  X-Evil: 1 ")


def test_lines_of_a_text_stay() -> None:
    assert printable(text("first\r\n\tsecond\x1b")) == text("first\r\n\tsecond ")


@pytest.mark.parametrize("tag", [Tag.NAME_WITH_LANGUAGE, Tag.TEXT_WITH_LANGUAGE])
def test_a_text_with_language_is_no_way_around(tag: Tag) -> None:
    thirteen = b"13 characters"
    assert printable(with_language(tag, b"e\x1b", b"HP\x1b[2J" + thirteen)) == with_language(
        tag, b"e ", b"HP [2J" + thirteen
    )
    untouched = with_language(tag, b"en-us", thirteen)
    assert printable(untouched) is untouched


@given(messages())
def test_what_was_made_printable_is_well_formed_but_for_its_encoding(message: Message) -> None:
    for _, value in all_values(
        attribute for group in message.groups for attribute in group.attributes
    ):
        clean = printable(value)
        assert clean.tag == value.tag
        assert len(clean.octets) == len(value.octets)
        assert printable(clean) is clean
        try:
            clean.octets.decode()
        except UnicodeDecodeError:
            continue
        assert ill_formed(only(clean)) is None


@given(st.text(max_size=50).filter(str.isprintable))
def test_printable_text_is_never_changed(words: str) -> None:
    for value in (text(words), name(words), uri(words)):
        assert printable(value) is value
        assert ill_formed(only(value)) is None
