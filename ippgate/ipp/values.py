"""Values from Python and back (RFC 8010 section 3.9, RFC 8011 section 5.1)."""

from __future__ import annotations

import struct

from ippgate.ipp.enums import Tag
from ippgate.ipp.message import Value

_INT = struct.Struct(">i")
_WITH_LANGUAGE = (Tag.TEXT_WITH_LANGUAGE, Tag.NAME_WITH_LANGUAGE)
_STRINGS = frozenset(
    {
        Tag.TEXT_WITHOUT_LANGUAGE,
        Tag.NAME_WITHOUT_LANGUAGE,
        Tag.KEYWORD,
        Tag.URI,
        Tag.URI_SCHEME,
        Tag.CHARSET,
        Tag.NATURAL_LANGUAGE,
        Tag.MIME_MEDIA_TYPE,
    }
)


def integer(number: int) -> Value:
    """An integer, -2**31 to 2**31 - 1. Raises ValueError beyond, as all that take numbers do."""
    return Value(Tag.INTEGER, _signed(number))


def enum(number: int) -> Value:
    """An enum value, such as an operation-id in operations-supported."""
    return Value(Tag.ENUM, _signed(number))


def boolean(truth: bool) -> Value:
    return Value(Tag.BOOLEAN, b"\x01" if truth else b"\x00")


def range_of_integer(lower: int, upper: int) -> Value:
    return Value(Tag.RANGE_OF_INTEGER, _signed(lower) + _signed(upper))


def resolution(cross_feed: int, feed: int, units: int = 3) -> Value:
    """A resolution; ``units`` 3 is dots per inch, 4 dots per centimetre."""
    return Value(Tag.RESOLUTION, _signed(cross_feed) + _signed(feed) + bytes((units,)))


def text(string: str) -> Value:
    return Value(Tag.TEXT_WITHOUT_LANGUAGE, string.encode())


def name(string: str) -> Value:
    return Value(Tag.NAME_WITHOUT_LANGUAGE, string.encode())


def keyword(string: str) -> Value:
    return Value(Tag.KEYWORD, string.encode("ascii"))


def uri(string: str) -> Value:
    return Value(Tag.URI, string.encode())


def uri_scheme(string: str) -> Value:
    return Value(Tag.URI_SCHEME, string.encode("ascii"))


def charset(string: str) -> Value:
    return Value(Tag.CHARSET, string.encode("ascii"))


def natural_language(string: str) -> Value:
    return Value(Tag.NATURAL_LANGUAGE, string.encode("ascii"))


def mime_media_type(string: str) -> Value:
    return Value(Tag.MIME_MEDIA_TYPE, string.encode("ascii"))


def _signed(number: int) -> bytes:
    if not -(2**31) <= number < 2**31:
        raise ValueError(f"{number} does not fit into 32 bits")
    return _INT.pack(number)


def as_integer(value: Value) -> int:
    """The number of an integer or enum. Raises ValueError."""
    if value.tag not in (Tag.INTEGER, Tag.ENUM) or len(value.octets) != _INT.size:
        raise ValueError(f"not an integer or enum: tag 0x{value.tag:02X}")
    number: int = _INT.unpack(value.octets)[0]
    return number


def as_boolean(value: Value) -> bool:
    """The truth of a boolean. Raises ValueError."""
    if value.tag != Tag.BOOLEAN or value.octets not in (b"\x00", b"\x01"):
        raise ValueError(f"not a boolean: tag 0x{value.tag:02X}")
    return value.octets == b"\x01"


def as_text(value: Value) -> str:
    """The text of any character-string syntax, without its language. Raises ValueError."""
    if value.tag in _STRINGS:
        return value.octets.decode("utf-8")
    if value.tag in _WITH_LANGUAGE:
        return split_language(value.octets)[1].decode("utf-8")
    raise ValueError(f"not text: tag 0x{value.tag:02X}")


def split_language(octets: bytes) -> tuple[bytes, bytes]:
    """Language and text of a …WithLanguage value (RFC 8010 section 3.9). Raises ValueError."""
    language_end = 2 + int.from_bytes(octets[:2], "big")
    text_start = language_end + 2
    text_end = text_start + int.from_bytes(octets[language_end:text_start], "big")
    if text_start > len(octets) or text_end != len(octets):
        raise ValueError("the lengths inside a value with language do not fit")
    return octets[2:language_end], octets[text_start:text_end]
