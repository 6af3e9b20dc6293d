"""Durations and sizes as people write them."""

from __future__ import annotations

import re

import pytest

from ippgate.config.quantities import DURATION_PATTERN, SIZE_PATTERN, octets, seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30s", 30),
        ("5m", 300),
        ("1.5h", 5400),
        ("2d", 172800),
        ("250ms", 0.25),
        (0, 0),
        ("5 m", 300),
    ],
)
def test_durations(text: object, expected: float) -> None:
    assert seconds(text) == expected
    if isinstance(text, str):
        assert re.match(DURATION_PATTERN, text)


@pytest.mark.parametrize(
    "text", [5, "5", "m", "-5m", "5 minutes", "", None, True, False, "1e3s", "\u0665m"]
)
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        seconds(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("200MB", 200_000_000),
        ("64KiB", 65536),
        ("1.5G", 1_500_000_000),
        (17, 17),
        ("17", 17),
        ("9B", 9),
    ],
)
def test_sizes(text: object, expected: int) -> None:
    assert octets(text) == expected
    if isinstance(text, str):
        assert re.match(SIZE_PATTERN, text)


@pytest.mark.parametrize("text", [-1, "MB", "5 apples", "", None, True, 1.5, "1TB"])
def test_what_is_no_size(text: object) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        octets(text)
