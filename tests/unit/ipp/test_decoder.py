"""Decoding: any chunking, any prefix, any octets; and the corpora of others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.ipp.decoder import Decoder, decode
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Tag
from ippgate.ipp.errors import DecodeError
from ippgate.ipp.limits import REPLY_LIMITS, REQUEST_LIMITS, STRICT, Limits, Quirks
from ippgate.ipp.message import Attribute, Collection, Group, Message, Value
from ippgate.ipp.values import integer, keyword
from tests.support.messages import chunked, messages
from tests.support.peers import corpora

PANTUM = Quirks(members_named_in_place=True)
REPLIES = {
    "goipp/attrsHPOfficeJetPro8730.ipp": STRICT,
    "goipp/attrsPantumM7300FDW.ipp": PANTUM,
    "go-mfp-real-printers/Kyocera-ECOSYS-M2040dn-Printer-Attributes.ipp": STRICT,
    "go-mfp-real-printers/Xerox-B235-Printer-Attributes.ipp": STRICT,
}
HEAD = b"\1\1\0\2\1\2\3\4"
"""Version 1.1, Print-Job, request-id 0x01020304."""

Outcome = Message | tuple[int, str]


def outcome(pieces: list[bytes], limits: Limits = REQUEST_LIMITS) -> tuple[Outcome, bytes]:
    """The message and what follows it, or where and why there is none."""
    decoder = Decoder(limits)
    try:
        for piece in pieces:
            decoder.feed(piece)
        decoder.finish()
    except DecodeError as error:
        return (error.offset, error.rule), b""
    assert decoder.message is not None
    return decoder.message, decoder.rest


def refusal(octets: bytes, limits: Limits = REQUEST_LIMITS, quirks: Quirks = STRICT) -> DecodeError:
    with pytest.raises(DecodeError) as raised:
        decode(octets, limits, quirks)
    return raised.value


def field(tag: int, name: bytes, value: bytes) -> bytes:
    length = len(name).to_bytes(2, "big"), len(value).to_bytes(2, "big")
    return bytes((tag,)) + length[0] + name + length[1] + value


def in_job(*fields: bytes) -> bytes:
    """A message of one job group."""
    return HEAD + b"\2" + b"".join(fields) + b"\3"


# --- what others have -------------------------------------------------------------------------


@pytest.mark.parametrize("manifest", ["DecodeErrors", "DecodeValueErrors", "TagExtension"])
def test_vectors_of_goipp(manifest: str) -> None:
    folder = corpora()
    vectors = json.loads((folder / f"ipp/goipp/Test{manifest}.manifest.json").read_text())
    assert vectors
    for vector in vectors:
        octets = (folder / vector["file"]).read_bytes()
        if vector["expect"] == "ok" and vector["title"] != "Attribute without a group":
            message, rest = decode(octets)
            assert encode(message) + rest == octets
        else:
            error = refusal(octets)
            assert (error.offset, error.rule) == GOIPP_ERRORS[Path(vector["file"]).stem]
            assert error.header == ((1, 1), 2, 0x01020304)


GOIPP_ERRORS = {
    "TestDecodeErrors-01": (22, "truncated"),
    "TestDecodeErrors-02": (8, "no-group"),
    "TestDecodeErrors-03": (9, "no-attribute"),
    "TestDecodeErrors-04": (35, "no-value"),
    "TestDecodeErrors-05": (36, "no-value"),
    "TestDecodeErrors-06": (24, "member-name"),
    "TestDecodeErrors-07": (24, "member-name"),
    **{f"TestDecodeValueErrors-{number:02}": (9, "value-syntax") for number in range(8, 18)},
    "TestTagExtension-18": (9, "value-syntax"),
    "TestTagExtension-19": (9, "value-syntax"),
}
"""Where the wrong field begins, or the message ends."""


@pytest.mark.parametrize(
    ("name", "offset"), [("goodMessage1", None), ("goodMessage2", None), ("badMessage1", 130)]
)
def test_messages_of_goipp(name: str, offset: int | None) -> None:
    octets = (corpora() / f"ipp/goipp/{name}.ipp").read_bytes()
    if offset is not None:
        assert refusal(octets).offset == offset
    else:
        message, rest = decode(octets)
        assert (encode(message), rest) == (octets, b"")


@pytest.mark.parametrize(("name", "quirks"), REPLIES.items())
def test_real_printers_replies_survive_octet_for_octet(name: str, quirks: Quirks) -> None:
    octets = (corpora() / "ipp" / name).read_bytes()
    message, rest = decode(octets + b"document", REPLY_LIMITS, quirks)
    assert encode(message) == octets
    assert rest == b"document"


@pytest.mark.parametrize(("name", "quirks"), REPLIES.items())
def test_real_printers_replies_octet_by_octet(name: str, quirks: Quirks) -> None:
    octets = (corpora() / "ipp" / name).read_bytes()
    decoder = Decoder(REPLY_LIMITS, quirks)
    for position in range(len(octets)):
        assert decoder.message is None
        decoder.feed(octets[position : position + 1])
    assert decoder.message == decode(octets, REPLY_LIMITS, quirks)[0]
    assert (decoder.octets, decoder.rest) == (len(octets), b"")


@pytest.mark.parametrize("name", ["HPOfficeJetPro8730", "PantumM7300FDW"])
def test_every_prefix_of_a_real_reply_is_incomplete(name: str) -> None:
    octets = (corpora() / f"ipp/goipp/attrs{name}.ipp").read_bytes()
    decoder = Decoder(REPLY_LIMITS, PANTUM)
    for position in range(len(octets)):
        with pytest.raises(DecodeError) as raised:
            decoder.finish()
        assert (raised.value.rule, raised.value.offset) == ("truncated", position)
        decoder.feed(octets[position : position + 1])
    decoder.finish()


def test_a_printer_s_quirk_is_refused_where_it_is_not_switched_on() -> None:
    octets = (corpora() / "ipp/goipp/attrsPantumM7300FDW.ipp").read_bytes()
    assert refusal(octets, REPLY_LIMITS).rule == "member-name"


def test_seeds_of_fuzzers_are_messages_or_refused() -> None:
    folder = corpora() / "ipp/openprinting-fuzzing"
    seeds = [path for path in folder.rglob("*") if path.is_file()]
    assert len(seeds) > 20
    for seed in seeds:
        octets = seed.read_bytes()
        whole, rest = outcome([octets])
        assert outcome(chunked(octets, [1])) == (whole, rest)
        if isinstance(whole, Message):
            assert encode(whole) + rest == octets


# --- any message, any octets ------------------------------------------------------------------


@given(messages(), st.binary(max_size=20))
def test_what_is_encoded_decodes_to_the_same(message: Message, document: bytes) -> None:
    assert decode(encode(message) + document) == (message, document)


@given(messages(), st.binary(max_size=20), st.lists(st.integers(1, 40), min_size=1))
def test_chunking_does_not_matter(message: Message, document: bytes, sizes: list[int]) -> None:
    octets = encode(message)
    decoder = Decoder()
    for piece in chunked(octets + document, sizes):
        decoder.feed(piece)
        assert decoder.header in (None, (message.version, message.code, message.request_id))
    assert (decoder.message, decoder.rest) == (message, document)
    assert decoder.octets == len(octets)
    decoder.finish()


@given(messages(), st.data())
def test_every_prefix_is_incomplete(message: Message, data: st.DataObject) -> None:
    octets = encode(message)
    cut = data.draw(st.integers(0, len(octets) - 1))
    error = refusal(octets[:cut])
    assert (error.rule, error.offset) == ("truncated", cut)
    assert (error.header is None) is (cut < 8)


_OCTETS = st.one_of(
    st.binary(max_size=200).map(lambda octets: HEAD + octets),
    st.lists(
        st.one_of(
            st.sampled_from([b"\1", b"\2", b"\3", b"\x34\0\1a\0\0"]),
            st.sampled_from([b"\x34\0\0\0\0", b"\x37\0\0\0\0"]),
            st.sampled_from([b"\x4a\0\0\0\1m", b"\x21\0\1i\0\4\0\0\0\1", b"\x21\0\0\0\4\0\0\0\1"]),
            st.builds(field, st.integers(0, 255), st.binary(max_size=3), st.binary(max_size=9)),
        ),
        max_size=20,
    ).map(lambda fields: HEAD + b"\2" + b"".join(fields)),
    st.binary(max_size=20),
)  # fmt: skip


@given(_OCTETS, st.lists(st.integers(1, 20), min_size=1))
def test_any_octets_are_a_message_or_refused(octets: bytes, sizes: list[int]) -> None:
    whole, rest = outcome([octets])
    assert outcome(chunked(octets, sizes)) == (whole, rest)
    if isinstance(whole, Message):
        assert encode(whole) + rest == octets
    else:
        assert 0 <= whole[0] <= len(octets)


@given(_OCTETS)
def test_any_octets_with_a_printer_s_quirk(octets: bytes) -> None:
    try:
        message, rest = decode(octets, REPLY_LIMITS, PANTUM)
    except DecodeError:
        return
    assert encode(message) + rest == octets


# --- rule by rule -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "offset", "rule"),
    [
        (HEAD + b"\0\3", 8, "reserved-tag"),
        (HEAD + field(0x21, b"a", b"\0\0\0\1"), 8, "no-group"),
        (HEAD + field(0x44, b"", b"x"), 8, "no-group"),
        (HEAD + field(0x37, b"", b""), 8, "no-group"),
        (in_job(field(0x44, b"", b"x")), 9, "no-attribute"),
        (in_job(field(0x44, b"a", b"x"), b"\2", field(0x44, b"", b"x")), 17, "no-attribute"),
        (in_job(field(0x44, b"a b", b"x")), 9, "name-syntax"),
        (in_job(field(0x44, b"\xc3\xa4", b"x")), 9, "name-syntax"),
        (in_job(field(0x44, b"a\n", b"x")), 9, "name-syntax"),
        (in_job(field(0x37, b"", b"")), 9, "no-collection"),
        (in_job(field(0x4A, b"", b"m")), 9, "no-collection"),
        (in_job(field(0x34, b"a", b"x")), 9, "collection-syntax"),
        (in_job(field(0x34, b"a", b"")), 15, "collection-open"),
        (in_job(field(0x34, b"a", b""), b"\2"), 15, "collection-open"),
        (in_job(field(0x34, b"a", b""), field(0x37, b"a", b"")), 15, "collection-syntax"),
        (in_job(field(0x34, b"a", b""), field(0x37, b"", b"a")), 15, "collection-syntax"),
        (in_job(field(0x34, b"a", b""), field(0x4A, b"a", b"m")), 15, "collection-syntax"),
        (in_job(field(0x34, b"a", b""), field(0x4A, b"", b"m\0")), 15, "name-syntax"),
        (in_job(field(0x34, b"a", b""), field(0x21, b"", b"\0\0\0\1")), 15, "member-name"),
        (in_job(field(0x34, b"a", b""), field(0x21, b"m", b"\0\0\0\1")), 15, "member-name"),
        (in_job(field(0x22, b"a", b"\2")), 9, "value-syntax"),
        (in_job(field(0x13, b"a", b"x")), 9, "value-length"),
        (in_job(field(0x10, b"a", b"x")), 9, "value-length"),
    ],
)
def test_rules(octets: bytes, offset: int, rule: str) -> None:
    error = refusal(octets)
    assert (error.offset, error.rule) == (offset, rule)
    assert error.header == ((1, 1), 2, 0x01020304)
    assert f"octet {offset}, {rule}" in str(error)


@pytest.mark.parametrize("tag", [0x11, 0x1F, 0x20, 0x2F, 0x4B, 0x60, 0x80, 0xFF])
def test_unknown_tags_survive(tag: int) -> None:
    octets = in_job(field(tag, b"x-vendor", b"\0\xff anything"), field(tag, b"", b""))
    message, _ = decode(octets)
    values = (Value(tag, b"\0\xff anything"), Value(tag, b""))
    assert message.groups[0].attributes == (Attribute("x-vendor", values),)
    assert encode(message) == octets


def test_unknown_groups_operations_and_versions_survive() -> None:
    octets = b"\x09\x07\x77\x77\xff\xff\xff\xff\x0f\x0b\x0f\3"
    message, _ = decode(octets)
    assert message == Message(
        (9, 7), 0x7777, 0xFFFFFFFF, (Group(15, ()), Group(11, ()), Group(15, ()))
    )
    assert encode(message) == octets


def test_empty_groups_are_kept() -> None:
    message, _ = decode(HEAD + b"\1\2\2\2\3")
    assert [group.tag for group in message.groups] == [1, 2, 2, 2]


def test_a_collection_in_a_set_and_after_it_a_plain_value() -> None:
    octets = in_job(
        field(0x34, b"a", b""), field(0x37, b"", b""), field(0x34, b"", b""),
        field(0x4A, b"", b"m"), field(0x44, b"", b"x"), field(0x44, b"", b"y"),
        field(0x37, b"", b""), field(0x44, b"", b"z"),
    )  # fmt: skip
    message, _ = decode(octets)
    member = Attribute("m", (keyword("x"), keyword("y")))
    values = (Collection(()), Collection((member,)), keyword("z"))
    assert message.groups[0].attributes == (Attribute("a", values),)
    assert encode(message) == octets


@pytest.mark.parametrize("in_place_first", [True, False])
def test_one_collection_names_its_members_in_one_way(in_place_first: bool) -> None:
    """Two ways in one collection could not be encoded as they came."""
    in_place = field(0x21, b"x", b"\0\0\0\1")
    by_value = field(0x4A, b"", b"y") + field(0x21, b"", b"\0\0\0\1")
    members = [in_place, by_value] if in_place_first else [by_value, in_place]
    octets = in_job(field(0x34, b"a", b""), *members, field(0x37, b"", b""))
    error = refusal(octets, quirks=PANTUM)
    assert (error.offset, error.rule) == (15 + len(members[0]), "member-name")


def test_a_member_name_is_not_a_value_s_name() -> None:
    octets = in_job(
        field(0x34, b"a", b""), field(0x4A, b"", b"y"), field(0x21, b"x", b"\0\0\0\1"),
        field(0x37, b"", b""),
    )  # fmt: skip
    assert refusal(octets, quirks=PANTUM).rule == "member-name"


def test_the_document_is_not_touched() -> None:
    document = bytes(range(256)) * 10
    decoder = Decoder()
    octets = in_job() + document
    decoder.feed(octets[:9])
    decoder.feed(octets[9:500])
    decoder.feed(octets[500:])
    assert decoder.rest == document
    assert decoder.octets == 10


def test_the_header_is_there_as_soon_as_it_was_read() -> None:
    decoder = Decoder()
    seen = []
    for piece in (HEAD[:7], HEAD[7:]):
        decoder.feed(piece)
        seen.append(decoder.header)
    assert seen == [None, ((1, 1), 2, 0x01020304)]
    assert decoder.message is None


def test_pieces_without_octets_change_nothing() -> None:
    decoder = Decoder()
    for piece in (b"", HEAD, b"", b"\1", b"", b"\3", b""):
        decoder.feed(piece)
    assert decoder.message == Message((1, 1), 2, 0x01020304, (Group(GroupTag.OPERATION, ()),))


# --- limits -----------------------------------------------------------------------------------


def nested(levels: int) -> bytes:
    opening = field(0x34, b"a", b"") + (field(0x4A, b"", b"m") + field(0x34, b"", b"")) * (
        levels - 1
    )
    return in_job(opening, field(0x37, b"", b"") * levels)  # fmt: skip


def at_and_above(limits: Limits, at: bytes, above: bytes, rule: str) -> None:
    """What is at the bound decodes, whole and octet by octet; what is one above is refused."""
    message, rest = decode(at, limits)
    assert encode(message) + rest == at
    assert outcome(chunked(at, [1]), limits)[0] == message
    assert refusal(above, limits).rule == rule
    refused = outcome(chunked(above, [1]), limits)[0]
    assert not isinstance(refused, Message)
    assert refused[1] == rule


def test_depth() -> None:
    at_and_above(REQUEST_LIMITS, nested(10), nested(11), "too-deep")
    at_and_above(REPLY_LIMITS, nested(10), nested(11), "too-deep")


def test_ten_thousand_levels() -> None:
    error = refusal(nested(10_000))
    assert (error.rule, error.offset) == ("too-deep", 9 + 6 + 9 * 11 + 6)


def test_octets_of_the_attribute_section() -> None:
    limits = Limits(octets=100)
    filling = [field(0x30, b"a", b"x" * size) for size in (100 - 16, 100 - 15)]
    assert len(in_job(filling[0])) == 100
    at_and_above(limits, in_job(filling[0]) + b"document", in_job(filling[1]), "too-large")
    groups = [HEAD + b"\2" * count + b"\3" for count in (91, 92)]
    at_and_above(limits, groups[0], groups[1], "too-large")


def test_attributes() -> None:
    limits = Limits(attributes=5)
    fields = [field(0x44, b"a%d" % number, b"x") for number in range(6)]
    at_and_above(limits, in_job(*fields[:5]), in_job(*fields), "too-many-attributes")


def test_members_count_as_attributes() -> None:
    limits = Limits(attributes=5)
    members = field(0x4A, b"", b"m") + field(0x44, b"", b"x")
    at, above = (
        in_job(field(0x34, b"a", b""), members * count, field(0x37, b"", b"")) for count in (4, 5)
    )
    at_and_above(limits, at, above, "too-many-attributes")


def test_values() -> None:
    limits = Limits(values=5)
    at, above = (in_job(field(0x44, b"a", b"x"), field(0x44, b"", b"x") * n) for n in (4, 5))
    at_and_above(limits, at, above, "too-many-values")
    at, above = (
        in_job(field(0x34, b"a", b""), field(0x37, b"", b""), *more)
        for more in ([field(0x44, b"", b"x") * 3], [field(0x44, b"", b"x") * 4])
    )
    at_and_above(limits, at, above, "too-many-values")


def test_value_length() -> None:
    limits = Limits(value_length=100)
    at, above = (in_job(field(0x30, b"a", b"x" * size)) for size in (100, 101))
    at_and_above(limits, at, above, "value-length")
    at, above = (
        HEAD + b"\2" + field(0x80, b"a", b"x" * 32_767) + b"\3",
        HEAD + b"\2\x80\0\1a\x80\0",
    )
    at_and_above(REQUEST_LIMITS, at, above, "value-length")


def test_name_length() -> None:
    at, above = (in_job(field(0x44, b"a" * size, b"x")) for size in (255, 256))
    at_and_above(REQUEST_LIMITS, at, above, "name-length")
    at, above = (
        in_job(
            field(0x34, b"a", b""), field(0x4A, b"", b"m" * size), field(0x44, b"", b"x"),
            field(0x37, b"", b""),
        )
        for size in (255, 256)
    )  # fmt: skip
    at_and_above(REQUEST_LIMITS, at, above, "name-length")


@pytest.mark.parametrize(
    ("tag", "longest"),
    [
        (Tag.KEYWORD, 255),
        (Tag.NAME_WITHOUT_LANGUAGE, 255),
        (Tag.TEXT_WITHOUT_LANGUAGE, 1023),
        (Tag.URI, 1023),
        (Tag.URI_SCHEME, 63),
        (Tag.CHARSET, 63),
        (Tag.NATURAL_LANGUAGE, 63),
        (Tag.MIME_MEDIA_TYPE, 255),
        (Tag.OCTET_STRING, 1023),
        (Tag.NO_VALUE, 0),
        (Tag.UNSUPPORTED, 0),
    ],
)
def test_lengths_of_syntaxes(tag: Tag, longest: int) -> None:
    at, above = (in_job(field(tag, b"a", b"x" * size)) for size in (longest, longest + 1))
    at_and_above(REQUEST_LIMITS, at, above, "value-length")
    message, _ = decode(above, REPLY_LIMITS)
    assert encode(message) == above


def test_what_waits_is_bounded() -> None:
    """A value that is announced is refused, or waited for, by its length: not when it is there."""
    decoder = Decoder(Limits(octets=1000))
    decoder.feed(HEAD + b"\2\x30\0\1a")
    with pytest.raises(DecodeError) as raised:
        decoder.feed(b"\x7f\xff")
    assert raised.value.rule == "too-large"


def test_octets_one_by_one_take_time_in_proportion() -> None:
    """What waits is not scanned again with every octet: a megabyte would take minutes."""
    value = field(0x30, b"a", b"x" * 32_000)
    octets = in_job(*[value] * 10)
    decoder = Decoder(REPLY_LIMITS)
    for position in range(len(octets)):
        decoder.feed(octets[position : position + 1])
    assert decoder.message is not None


def test_values_are_those_that_were_sent() -> None:
    message, _ = decode(in_job(field(0x21, b"copies", b"\0\0\0\2")))
    assert message.groups[0].get("copies") == Attribute("copies", (integer(2),))
