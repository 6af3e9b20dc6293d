"""Text in attributes: no octets that a later parser could take for something else.

Names, keywords and URIs end up in log lines, PPD files, shell commands and web pages of other
software. Requests with control characters in them are refused; in replies they become spaces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ippgate.ipp.enums import Tag
from ippgate.ipp.message import Attribute, Collection, Value

_CONTROLS = bytes([*range(0x20), 0x7F])
_TEXT_CONTROLS = _CONTROLS.translate(None, b"\t\n\r")
_NO_CONTROLS = bytes.maketrans(_CONTROLS, b" " * len(_CONTROLS))
_NO_TEXT_CONTROLS = bytes.maketrans(_TEXT_CONTROLS, b" " * len(_TEXT_CONTROLS))

_LINES = frozenset(
    {
        Tag.KEYWORD,
        Tag.URI,
        Tag.URI_SCHEME,
        Tag.CHARSET,
        Tag.NATURAL_LANGUAGE,
        Tag.MIME_MEDIA_TYPE,
        Tag.NAME_WITHOUT_LANGUAGE,
    }
)


def all_values(attributes: Iterable[Attribute]) -> Iterator[tuple[str, Value]]:
    """Every plain value with the name of its attribute or member, those in collections too."""
    waiting = [*attributes]
    while waiting:
        attribute = waiting.pop()
        for value in attribute.values:
            if isinstance(value, Collection):
                waiting.extend(value.members)
            else:
                yield attribute.name, value


def ill_formed(attributes: Iterable[Attribute]) -> str | None:
    """The name of an attribute whose text has control characters or is not UTF-8; else None."""
    for name, value in all_values(attributes):
        tag, octets = value
        if tag in _LINES:
            controls = _CONTROLS
        elif tag == Tag.TEXT_WITHOUT_LANGUAGE:
            controls = _TEXT_CONTROLS
        elif tag in (Tag.NAME_WITH_LANGUAGE, Tag.TEXT_WITH_LANGUAGE):
            octets = b"".join(_parts(octets)[1::2])
            controls = _CONTROLS if tag == Tag.NAME_WITH_LANGUAGE else _TEXT_CONTROLS
        else:
            continue
        if len(octets.translate(None, controls)) != len(octets) or not _is_utf8(octets):
            return name
    return None


def printable(value: Value) -> Value:
    """The value with control characters in its text replaced by spaces; others as they are."""
    tag, octets = value
    if tag in _LINES:
        clean = octets.translate(_NO_CONTROLS)
    elif tag == Tag.TEXT_WITHOUT_LANGUAGE:
        clean = octets.translate(_NO_TEXT_CONTROLS)
    elif tag in (Tag.NAME_WITH_LANGUAGE, Tag.TEXT_WITH_LANGUAGE):
        table = _NO_CONTROLS if tag == Tag.NAME_WITH_LANGUAGE else _NO_TEXT_CONTROLS
        language_length, language, text_length, text = _parts(octets)
        clean = language_length + language.translate(table) + text_length + text.translate(table)
    else:
        return value
    return value if clean == octets else Value(tag, clean)


def _parts(octets: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """A …WithLanguage value (RFC 8010 section 3.9): language and text, each behind its length."""
    language_end = 2 + int.from_bytes(octets[:2], "big")
    text_start = language_end + 2
    return octets[:2], octets[2:language_end], octets[language_end:text_start], octets[text_start:]


def _is_utf8(octets: bytes) -> bool:
    if octets.isascii():
        return True
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
