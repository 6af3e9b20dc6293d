"""Encoding: octet for octet as RFC 8010 shows it, and what does not fit."""

from __future__ import annotations

import pytest

from ippgate.ipp.decoder import decode
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation, Tag
from ippgate.ipp.limits import Limits, Quirks
from ippgate.ipp.message import Attribute, Collection, Group, Message, Value
from ippgate.ipp.values import charset, integer, keyword, natural_language, range_of_integer, uri


def message(*attributes: Attribute, tag: int = GroupTag.JOB) -> Message:
    return Message((1, 1), Operation.PRINT_JOB, 1, (Group(tag, attributes),))


def test_a_request_of_the_specification() -> None:
    """RFC 8010 appendix A.8: a Get-Jobs request, and its document-less end."""
    request = Message(
        (1, 1),
        Operation.GET_JOBS,
        0x7B,
        (
            Group(
                GroupTag.OPERATION,
                (
                    Attribute("attributes-charset", (charset("utf-8"),)),
                    Attribute("attributes-natural-language", (natural_language("en-us"),)),
                    Attribute(
                        "printer-uri", (uri("ipp://printer.example.com/ipp/print/pinetree"),)
                    ),
                    Attribute("limit", (integer(50),)),
                    Attribute(
                        "requested-attributes",
                        (keyword("job-id"), keyword("job-name"), keyword("document-format")),
                    ),
                ),
            ),
        ),
    )
    assert encode(request) == (
        b"\x01\x01\x00\x0a\x00\x00\x00\x7b\x01"
        b"\x47\x00\x12attributes-charset\x00\x05utf-8"
        b"\x48\x00\x1battributes-natural-language\x00\x05en-us"
        b"\x45\x00\x0bprinter-uri\x00\x2cipp://printer.example.com/ipp/print/pinetree"
        b"\x21\x00\x05limit\x00\x04\x00\x00\x00\x32"
        b"\x44\x00\x14requested-attributes\x00\x06job-id"
        b"\x44\x00\x00\x00\x08job-name"
        b"\x44\x00\x00\x00\x0fdocument-format"
        b"\x03"
    )


def test_collections_of_the_specification() -> None:
    """RFC 8010 section 3.1.6 and table 7: media-col, with a collection inside."""
    size = Collection(
        (
            Attribute("x-dimension", (integer(21000),)),
            Attribute("y-dimension", (range_of_integer(1, 2),)),
        )
    )
    media = Collection(
        (
            Attribute("media-color", (keyword("blue"),)),
            Attribute("media-size", (size,)),
        )
    )
    empty = Collection(())
    octets = encode(message(Attribute("media-col", (media, empty))))
    assert octets == (
        b"\x01\x01\x00\x02\x00\x00\x00\x01\x02"
        b"\x34\x00\x09media-col\x00\x00"
        b"\x4a\x00\x00\x00\x0bmedia-color"
        b"\x44\x00\x00\x00\x04blue"
        b"\x4a\x00\x00\x00\x0amedia-size"
        b"\x34\x00\x00\x00\x00"
        b"\x4a\x00\x00\x00\x0bx-dimension"
        b"\x21\x00\x00\x00\x04\x00\x00\x52\x08"
        b"\x4a\x00\x00\x00\x0by-dimension"
        b"\x33\x00\x00\x00\x08\x00\x00\x00\x01\x00\x00\x00\x02"
        b"\x37\x00\x00\x00\x00"
        b"\x37\x00\x00\x00\x00"
        b"\x34\x00\x00\x00\x00"
        b"\x37\x00\x00\x00\x00"
        b"\x03"
    )


def test_members_named_in_place() -> None:
    inner = Collection((Attribute("x", (integer(1), integer(2))),), named_in_place=True)
    media = Collection((Attribute("size", (inner,)),), named_in_place=True)
    octets = encode(message(Attribute("media-col", (media,))))
    assert b"\x34\0\4size\0\0\x21\0\1x\0\4\0\0\0\1\x21\0\0\0\4\0\0\0\2\x37" in octets
    again, _ = decode(octets, quirks=Quirks(members_named_in_place=True))
    assert again.groups[0].attributes[0].values == (media,)


def test_a_thousand_levels_take_no_recursion() -> None:
    value: Value | Collection = integer(1)
    for _ in range(10_000):
        value = Collection((Attribute("a", (value,)),))
    octets = encode(message(Attribute("a", (value,))))
    assert octets.count(b"\x37\0\0\0\0") == 10_000


def test_no_groups() -> None:
    assert encode(Message((2, 0), 0, 0xFFFFFFFF, ())) == b"\2\0\0\0\xff\xff\xff\xff\3"


def test_the_longest_that_a_length_can_say() -> None:
    limits = Limits(octets=200_000, value_length=65535, syntax_lengths=False)
    value = Value(Tag.OCTET_STRING, b"x" * 65535)
    decoded, _ = decode(encode(message(Attribute("a", (value,)))), limits)
    assert decoded.groups[0].attributes[0].values == (value,)


@pytest.mark.parametrize(
    "wrong",
    [
        message(Attribute("a", (Value(Tag.OCTET_STRING, b"x" * 65536),))),
        message(Attribute("a" * 65536, (integer(1),))),
        message(Attribute("ä", (integer(1),))),
        message(Attribute("a", (Value(256, b""),))),
        message(tag=256),
        Message((1, 1), 0x10000, 1, ()),
        Message((1, 1), 2, 2**32, ()),
        Message((256, 1), 2, 1, ()),
    ],
)
def test_what_does_not_fit_into_its_field(wrong: Message) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each field has words of its own
        encode(wrong)
