"""Seeds, and what is done to them: small damage of the kinds that parsers have died of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from ippgate.ipp.decoder import decode
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import Operation, Tag
from ippgate.ipp.errors import DecodeError
from ippgate.ipp.limits import REPLY_LIMITS, Quirks
from ippgate.ipp.message import Attribute, Collection, Message, Value
from ippgate.ipp.values import boolean, integer, keyword, uri
from tests.support.exchange_fakes import GATE_URI, ipp_reply, job_reply, print_job, request

LARGEST = 200_000
"""Octets of a mutated message: duplication stops there."""
_LARGE_SEED = 4_000
_LARGE_SHARE = 0.03
"""Large seeds cost a hundred times what small ones do, and are mutated that much more rarely."""
_RIGHT_SHARE = 0.8
"""Seeds that are messages lead further than those that are none."""

_TAGS = [*Tag, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x0F, 0x11, 0x1F, 0x80, 0xFF]
_LENGTHS = [0, 1, 2, 4, 8, 9, 11, 255, 256, 1023, 1024, 0x7FFF, 0x8000, 0xFFFF]

_NAMES = ["printer-uri", "job-uri", "job-id", "my-jobs", "requesting-user-name", "document-format"]
_NAMES += ["operations-supported", "printer-uri-supported", "printer-xri-supported", "x-vendor"]
_NAMES += ["attributes-charset", "job-name", "printer-icons", "notify-recipient-uri", "auth-info"]
_TEXT_TAGS = [Tag.URI, Tag.URI, Tag.KEYWORD, Tag.NAME_WITHOUT_LANGUAGE, Tag.TEXT_WITHOUT_LANGUAGE]
_TEXT_TAGS += [Tag.CHARSET, Tag.MIME_MEDIA_TYPE, Tag.OCTET_STRING, Tag.NO_VALUE]
_TEXTS = [
    b"",
    b"\xff\xfe",
    b"a\r\nb\0c\x1b",
    "ü\u2028\U0001f5a8".encode(),
    b"x" * 1100,
    b"ipp://192.0.2.21/ipp/print",
    b"ipps://print.example.org/printers/lab-1",
    b"ipps://print.example.org/printers/lab-1/jobs/7",
    b"ipps://print.example.org/printers/hall",
    b"ipp://192.0.2.21:99999/",
    b"ipp://[::1",
    b"ipp://[fe80::1%25eth0]/ipp/print",
    b"http://user:password@printer.local/",
    b"//",
    b"urn:uuid:00000000-0000-4000-8000-000000000001",
    b"http://\xe2\x84\x80.example/",
]

Mutation = Callable[[bytearray, Random, bytes], None]


class Seeds:
    """Messages to begin with: those of the corpora, and requests and replies as the gate sees them.

    ``all``: every one once. ``pick``: one of them by chance, large ones rarely.
    """

    def __init__(self, folder: Path) -> None:
        files = (path for path in (folder / "ipp").rglob("*") if path.is_file())
        found = {path.read_bytes() for path in files if path.suffix not in (".xml", ".json")}
        self.all = sorted(found | set(_own()))
        self._small = [seed for seed in self.all if len(seed) <= _LARGE_SEED]
        self._large = [seed for seed in self.all if len(seed) > _LARGE_SEED]

        self._right = [seed for seed in self._small if _decoded(seed) is not None]

    def pick(self, random: Random) -> bytes:
        if self._large and random.random() < _LARGE_SHARE:
            return random.choice(self._large)
        return random.choice(self._right if random.random() < _RIGHT_SHARE else self._small)


def _own() -> list[bytes]:
    media = Collection(
        (
            Attribute("media-size", (Collection((Attribute("x-dimension", (integer(21000),)),)),)),
            Attribute("media-source", (keyword("tray-1"), keyword("tray-2"))),
        )
    )
    requests: list[Message] = [
        print_job(),
        request(Operation.PRINT_JOB, Attribute("media-col", (media,))),
        request(Operation.GET_PRINTER_ATTRIBUTES),
        request(Operation.GET_JOBS, Attribute("my-jobs", (boolean(True),))),
        request(Operation.CANCEL_JOB, job_id=7),
        request(
            Operation.GET_JOB_ATTRIBUTES,
            Attribute("job-uri", (uri(f"{GATE_URI}/jobs/7"),)),
            target=None,
        ),
    ]
    asked = print_job()
    return [*map(encode, requests), ipp_reply(asked), job_reply(asked, 7)]


def mutate(seed: bytes, random: Random, other: bytes) -> bytes:
    """The seed with a few things done to it: to its octets, or to what they mean, or both.

    ``other`` is what is spliced in.
    """
    way = random.random()
    message = _decoded(seed) if way < 0.5 else None
    octets = bytearray(seed if message is None else encode(rearranged(message, random)))
    if message is None or way < 0.1:
        for _ in range(random.choice((1, 1, 1, 2, 4, 8))):
            random.choice(_MUTATIONS)(octets, random, other)
            del octets[LARGEST:]
    return bytes(octets)


def _decoded(octets: bytes) -> Message | None:
    try:
        return decode(octets, REPLY_LIMITS, Quirks(members_named_in_place=True))[0]
    except DecodeError:
        return None


# --- what a message means -----------------------------------------------------------------------


def rearranged(message: Message, random: Random) -> Message:
    """A message that encodes, and says something else, or the same thing twice."""
    groups = list(message.groups)
    for _ in range(random.choice((1, 1, 2, 3))):
        if not groups:
            break
        index = random.randrange(len(groups))
        group = groups[index]
        way = random.randrange(6)
        if way == 0:
            groups.insert(random.randrange(len(groups) + 1), group)
        elif way == 1:
            groups[index] = group._replace(tag=random.choice((1, 2, 4, 5, 6, 9, 15)))
        else:
            groups[index] = group._replace(attributes=_shuffled(group.attributes, random))
    code = random.choice((message.code, message.code, random.randrange(0x70), 0x4001, 0x7777))
    return message._replace(code=code, groups=tuple(groups))


def _shuffled(attributes: tuple[Attribute, ...], random: Random) -> tuple[Attribute, ...]:
    """The attributes with one given twice, gone, renamed, or of other values."""
    changed = list(attributes)
    if not changed:
        return attributes
    index = random.randrange(len(changed))
    attribute = changed[index]
    way = random.randrange(6)
    if way == 0:
        changed.insert(random.randrange(len(changed) + 1), attribute)
    elif way == 1:
        del changed[index]
    elif way == 2:
        changed[index] = attribute._replace(name=random.choice(_NAMES))
    else:
        values = [*attribute.values] * random.choice((1, 1, 2))
        values[random.randrange(len(values))] = _another(attribute, random)
        changed[index] = attribute._replace(values=tuple(values))
    return tuple(changed)


def _another(attribute: Attribute, random: Random) -> Value | Collection:
    if random.random() < 0.2:
        return Collection((attribute, attribute._replace(name=random.choice(_NAMES))))
    if random.random() < 0.2:
        return random.choice((integer(random.choice((-1, 0, 7, 2**31 - 1))), boolean(True)))
    return Value(random.choice(_TEXT_TAGS), random.choice(_TEXTS))


# --- its octets ---------------------------------------------------------------------------------


def _flip_bit(octets: bytearray, random: Random, _other: bytes) -> None:
    if octets:
        octets[random.randrange(len(octets))] ^= 1 << random.randrange(8)


def _set_octet(octets: bytearray, random: Random, _other: bytes) -> None:
    if octets:
        octets[random.randrange(len(octets))] = random.randrange(256)


def _set_tag(octets: bytearray, random: Random, _other: bytes) -> None:
    """Puts a tag where, most likely, one stands: before a small length."""
    zeros = octets.find(b"\0", random.randrange(8, max(9, len(octets))))
    if zeros > 0:
        octets[zeros - 1] = random.choice(_TAGS)


def _set_length(octets: bytearray, random: Random, _other: bytes) -> None:
    position = octets.find(b"\0", random.randrange(8, max(9, len(octets))))
    if position >= 0:
        octets[position : position + 2] = random.choice(_LENGTHS).to_bytes(2, "big")


def _cut(octets: bytearray, random: Random, _other: bytes) -> None:
    del octets[random.randrange(len(octets) + 1) :]


def _remove(octets: bytearray, random: Random, _other: bytes) -> None:
    start = random.randrange(len(octets) + 1)
    del octets[start : start + random.randrange(1, 30)]


def _duplicate(octets: bytearray, random: Random, _other: bytes) -> None:
    start = random.randrange(len(octets) + 1)
    piece = octets[start : start + random.randrange(1, 200)]
    octets[start:start] = piece * random.choice((1, 1, 2, 20, 300))


def _splice(octets: bytearray, random: Random, other: bytes) -> None:
    start, at = random.randrange(len(other) + 1), random.randrange(len(octets) + 1)
    piece = other[start : start + random.randrange(1, 200)]
    octets[at : at + random.choice((0, len(piece)))] = piece


def _insert_field(octets: bytearray, random: Random, _other: bytes) -> None:
    """A field that is right in itself, somewhere."""
    tag = random.choice(_TAGS)
    name = b"" if random.random() < 0.5 else random.choice((b"a", b"job-id", b"printer-uri"))
    value = random.randbytes(random.choice((0, 1, 4, 8, 9, 11, 60)))
    field = b"%c%b%b%b%b" % (
        int(tag), len(name).to_bytes(2, "big"), name, len(value).to_bytes(2, "big"), value,
    )  # fmt: skip
    at = random.randrange(len(octets) + 1)
    octets[at:at] = field


def _nest(octets: bytearray, random: Random, _other: bytes) -> None:
    """Collections within each other, closed again or not."""
    levels = random.choice((1, 9, 10, 11, 1000))
    opening = b"\x34\0\1a\0\0" + b"\x4a\0\0\0\1m\x34\0\0\0\0" * levels
    at = random.choice((9, random.randrange(len(octets) + 1)))
    octets[at:at] = opening + b"\x37\0\0\0\0" * random.choice((0, levels + 1, levels))


_MUTATIONS: list[Mutation] = [
    _flip_bit,
    _flip_bit,
    _set_octet,
    _set_tag,
    _set_tag,
    _set_length,
    _cut,
    _remove,
    _duplicate,
    _splice,
    _insert_field,
    _nest,
]
