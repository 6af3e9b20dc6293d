"""The lengths of values: what each syntax prescribes (RFC 8010 section 3.9, RFC 8011 section
5.1)."""

from __future__ import annotations

from ippgate.ipp.enums import Tag

FIXED: dict[int, int] = {
    Tag.INTEGER: 4,
    Tag.BOOLEAN: 1,
    Tag.ENUM: 4,
    Tag.DATE_TIME: 11,
    Tag.RESOLUTION: 9,
    Tag.RANGE_OF_INTEGER: 8,
}

_OUT_OF_BAND = (
    Tag.UNSUPPORTED,
    Tag.UNKNOWN,
    Tag.NO_VALUE,
    Tag.NOT_SETTABLE,
    Tag.DELETE_ATTRIBUTE,
    Tag.ADMIN_DEFINE,
)
"""They are empty (RFC 8010 section 3.8). Some software takes what one carries for text all the
same, and then reads another message than we do."""

LONGEST: dict[int, int] = {
    **dict.fromkeys(_OUT_OF_BAND, 0),
    Tag.OCTET_STRING: 1023,
    Tag.TEXT_WITHOUT_LANGUAGE: 1023,
    Tag.TEXT_WITH_LANGUAGE: 1023 + 63 + 4,
    Tag.NAME_WITHOUT_LANGUAGE: 255,
    Tag.NAME_WITH_LANGUAGE: 255 + 63 + 4,
    Tag.KEYWORD: 255,
    Tag.URI: 1023,
    Tag.URI_SCHEME: 63,
    Tag.CHARSET: 63,
    Tag.NATURAL_LANGUAGE: 63,
    Tag.MIME_MEDIA_TYPE: 255,
}

_EXTENSION_MAX = 0x7FFFFFFF
"""Extension tags are 31 bits: RFC 8010 section 3.5.2 reserves the values above."""


def fault(tag: int, octets: bytes) -> str | None:
    """What is wrong with a value of that syntax, whatever its length limit; None when nothing
    is."""
    fixed = FIXED.get(tag)
    if fixed is not None:
        if len(octets) != fixed:
            return f"{Tag(tag).keyword} takes {fixed} octets, not {len(octets)}"
        if tag == Tag.BOOLEAN and octets[0] > 1:
            return f"boolean is 0 or 1, not {octets[0]}"
    elif tag in (Tag.TEXT_WITH_LANGUAGE, Tag.NAME_WITH_LANGUAGE):
        return _language_fault(octets)
    elif tag == Tag.EXTENSION:
        if len(octets) < 4:
            return "an extension tag takes 4 octets"
        if int.from_bytes(octets[:4], "big") > _EXTENSION_MAX:
            return f"extension tag 0x{octets[:4].hex()} is out of range"
    return None


def _language_fault(octets: bytes) -> str | None:
    if len(octets) < 2:
        return "truncated length of the language"
    language_end = 2 + int.from_bytes(octets[:2], "big")
    if language_end > len(octets):
        return "truncated language"
    if language_end + 2 > len(octets):
        return "truncated length of the text"
    text_end = language_end + 2 + int.from_bytes(octets[language_end : language_end + 2], "big")
    if text_end > len(octets):
        return "truncated text"
    if text_end < len(octets):
        return f"{len(octets) - text_end} extra octets after the text"
    return None
