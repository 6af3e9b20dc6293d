"""Durations and sizes as people write them: ``5m``, ``200MB``."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_OCTETS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}
_OCTETS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30}

DURATION_PATTERN = r"^[0-9]+(\.[0-9]+)? ?(ms|s|m|h|d)$"
SIZE_PATTERN = r"^[0-9]+(\.[0-9]+)? ?([KMG]i?)?B?$"

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(ms|s|m|h|d)")
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([KMG]?I?B?)", re.IGNORECASE)


def seconds(text: object) -> float:
    """``30s``, ``5m``, ``1.5h``, ``2d``, ``250ms``; the number 0 needs no unit. Raises
    ValueError."""
    if text in (0, "0") and not isinstance(text, bool):
        return 0.0
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(
            f"{text!r} is not a duration: write a number and a unit, such as 30s or 5m"
        )
    return float(match[1]) * _SECONDS[match[2]]


def octets(text: object) -> int:
    """``200MB`` (10⁶), ``64KiB`` (2¹⁰), or a number of octets. Raises ValueError."""
    if isinstance(text, int) and not isinstance(text, bool) and text >= 0:
        return text
    match = _SIZE.fullmatch(text) if isinstance(text, str) else None
    unit = match[2].upper() if match is not None else ""
    if unit and not unit.endswith("B"):
        unit += "B"
    if match is None or unit not in _OCTETS:
        raise ValueError(f"{text!r} is not a size: write a number and a unit, such as 200MB")
    return int(float(match[1]) * _OCTETS[unit])


Duration = Annotated[
    float,
    BeforeValidator(seconds),
    WithJsonSchema({"type": ["string", "integer"], "pattern": DURATION_PATTERN}),
]
"""Seconds in the program; ``5m`` in the file."""

Size = Annotated[
    int,
    BeforeValidator(octets),
    WithJsonSchema({"type": ["string", "integer"], "pattern": SIZE_PATTERN}),
]
"""Octets in the program; ``200MB`` in the file."""
