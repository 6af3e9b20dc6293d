"""The attributes that rules may look at and write: Job Template attributes and those of operations
that describe a job, with their syntax (RFC 8011 section 5.2; IANA "IPP Registrations").

Attributes of people and hosts, targets and secrets are not here: no rule writes them.
"""

from __future__ import annotations

import enum
import re

from ippgate.config.findings import did_you_mean
from ippgate.policy.facts import Scalar


class Syntax(enum.Enum):
    """How a value is written on the wire; of attributes with two syntaxes, the first."""

    INTEGER = "integer"
    ENUM = "enum"
    BOOLEAN = "boolean"
    KEYWORD = "keyword"
    NAME = "name"
    TEXT = "text"
    RANGES = "rangeOfInteger"
    RESOLUTION = "resolution"
    OPAQUE = "opaque"
    """Rules can ask whether it is there, and no more."""


_WORDS = {
    Syntax.INTEGER: """chamber-humidity chamber-temperature copies force-front-side job-cancel-after
        job-impressions job-k-octets job-media-sheets job-pages job-pages-per-set
        job-priority job-retain-until-interval number-up pages-per-subset platform-temperature
        print-darkness print-speed proof-copies x-image-shift x-side1-image-shift
        x-side2-image-shift y-image-shift y-side1-image-shift y-side2-image-shift""",
    Syntax.ENUM: "finishings image-orientation orientation-requested print-quality",
    Syntax.BOOLEAN: """confirmation-sheet-print document-preprocessed ipp-attribute-fidelity""",
    Syntax.KEYWORD: """compression feed-orientation imposition-template job-account-type
        job-complete-before job-delay-output-until job-error-action job-hold-until
        job-password-encryption job-release-action job-retain-until job-sheets media
        media-input-tray-check multiple-document-handling multiple-object-handling output-bin
        page-delivery page-order-received presentation-direction-number-up print-base
        print-color-mode print-content-optimize print-rendering-intent print-scaling
        print-supports sheet-collate sides x-image-position y-image-position""",
    Syntax.NAME: "document-name job-account-id job-name job-recipient-name output-device",
    Syntax.TEXT: "job-message-to-operator job-sheet-message",
    Syntax.RANGES: "page-ranges",
    Syntax.RESOLUTION: "pclm-source-resolution printer-resolution",
    Syntax.OPAQUE: """cover-back cover-front document-access document-format-details
        document-password finishings-col insert-sheet job-accounting-sheets
        job-complete-before-time job-delay-output-until-time job-error-sheet job-hold-until-time
        job-password job-phone-number job-retain-until-time job-sheets-col job-storage
        materials-col media-col media-overprint overrides print-accuracy print-objects proof-print
        separator-sheets""",
}
SYNTAX: dict[str, Syntax] = {
    name: syntax for syntax, names in _WORDS.items() for name in names.split()
}
_MEMBERS = {
    "media-col.media-type": Syntax.KEYWORD,
    "media-col.media-source": Syntax.KEYWORD,
    "media-col.media-color": Syntax.KEYWORD,
    "media-col.media-size-name": Syntax.KEYWORD,
    "media-col.media-key": Syntax.KEYWORD,
    "media-col.media-weight-metric": Syntax.INTEGER,
    "finishings-col.finishing-template": Syntax.KEYWORD,
    "job-storage.job-storage-disposition": Syntax.KEYWORD,
}
"""Members of collections that rules may look at."""

ALIASES = {
    "job-copies": "copies",
    "job-finishings": "finishings",
    "job-finishings-col": "finishings-col",
    "job-cover-back": "cover-back",
    "job-cover-front": "cover-front",
    "output-mode": "print-color-mode",
}
"""Former names, by which older printers may still go: they count as what they became."""

OPERATION_ATTRIBUTES = frozenset(
    {
        "compression",
        "document-access",
        "document-format-details",
        "document-name",
        "document-password",
        "document-preprocessed",
        "ipp-attribute-fidelity",
        "job-impressions",
        "job-k-octets",
        "job-media-sheets",
        "job-name",
        "job-pages",
        "job-password",
        "job-password-encryption",
        "job-release-action",
        "job-storage",
    }
)
"""Those that stand in the operation group of a request; the others stand in its job group."""

_ENUMS: dict[str, dict[str, int]] = {
    "print-quality": {"draft": 3, "normal": 4, "high": 5},
    "orientation-requested": {
        "portrait": 3,
        "landscape": 4,
        "reverse-landscape": 5,
        "reverse-portrait": 6,
        "none": 7,
    },
    "finishings": {
        "none": 3,
        "staple": 4,
        "punch": 5,
        "cover": 6,
        "bind": 7,
        "saddle-stitch": 8,
        "edge-stitch": 9,
        "fold": 10,
        "trim": 11,
        "staple-top-left": 20,
        "staple-bottom-left": 21,
        "staple-top-right": 22,
        "staple-bottom-right": 23,
        "staple-dual-left": 28,
        "staple-dual-top": 29,
    },
}
_MEDIA = re.compile(r"_([0-9]+(?:\.[0-9]+)?)x([0-9]+(?:\.[0-9]+)?)(mm|in)$")
_VENDORS = re.compile(r"(?:smi[0-9]+|vnd|com|x)[.-][A-Za-z0-9._-]+")


def syntax_of(name: str) -> Syntax:
    """Raises ValueError with the nearest name. Vendors' own (``smi2699-x``, ``com.example.x``) are
    keywords."""
    if name in ALIASES:
        raise ValueError(f'"{name}" is a former name: write {ALIASES[name]}, which means both')
    syntax = SYNTAX.get(name) or _MEMBERS.get(name)
    if syntax is not None:
        return syntax
    if _VENDORS.fullmatch(name):
        return Syntax.KEYWORD
    near = did_you_mean(name, [*SYNTAX, *_MEMBERS])
    raise ValueError(f'"{name}" is not an attribute that rules know{near}')


def scalar(name: str, value: object) -> Scalar:
    """A value as a file has it, for that attribute. Raises ValueError."""
    syntax = syntax_of(name)
    if syntax is Syntax.OPAQUE or syntax is Syntax.RANGES:
        raise ValueError(f"rules compare no values of {name}: ask for present, min or max")
    if syntax is Syntax.BOOLEAN:
        if not isinstance(value, bool):
            raise ValueError(f"{name} is true or false")
        return "true" if value else "false"
    if isinstance(value, bool):
        raise ValueError(f"{name} is not true or false: put the word in quotes if it is text")
    if syntax is Syntax.ENUM:
        return _enum(name, value)
    if syntax is Syntax.INTEGER:
        if not isinstance(value, int):
            raise ValueError(f"{name} is a whole number, not {value!r}")
        return value
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is text, not {value!r}: put it in quotes")
    return value


def in_words(name: str, value: Scalar) -> str:
    """A value as people write it: names of enums, not their numbers."""
    for word, number in _ENUMS.get(name, {}).items():
        if number == value:
            return word
    return str(value)


def comparable(name: str, value: Scalar) -> Scalar:
    """What two values of that attribute have in common when they mean the same.

    Media by their size, since one sheet has several names (PWG 5101.1 section 5) and may be given
    by its dimensions.
    """
    if name == "media" and isinstance(value, str):
        match = _MEDIA.search(value)
        if match is not None:
            scale = 100 if match[3] == "mm" else 2540
            width, height = (round(float(side) * scale) for side in match.group(1, 2))
            return media_size(width, height)
    return value


def media_size(width: int, height: int) -> str:
    """A medium that is known by its dimensions alone, in hundredths of a millimetre."""
    return f"{width}x{height}"


def _enum(name: str, value: object) -> int:
    if isinstance(value, int) and value > 0:
        return value
    known = _ENUMS.get(name, {})
    if isinstance(value, str) and value in known:
        return known[value]
    near = did_you_mean(str(value), known)
    raise ValueError(f"{value!r} is no value of {name}{near}")
