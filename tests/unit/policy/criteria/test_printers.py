"""Patterns for printers: ``*``, ``?``, and ``!`` for all but these, in any order."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.policy.criteria.printers import Printers
from ippgate.policy.facts import Place


@pytest.mark.parametrize(
    ("patterns", "fit", "unfit"),
    [
        (["*"], ["lab-1", "a"], []),
        (["lab-1"], ["lab-1"], ["lab-10", "xlab-1", "LAB-1", "lab-1\n", ""]),
        (["lab-?"], ["lab-1", "lab-x"], ["lab-", "lab-10"]),
        (["lab-*", "hall"], ["lab-", "lab-10", "hall"], ["hall-1"]),
        (["*", "!cheque-*"], ["lab-1", "cheque"], ["cheque-1", "cheque-"]),
        (["!cheque-*", "*"], ["lab-1"], ["cheque-1"]),
        (["!a*", "!b*"], ["c", "xa"], ["a", "abc", "b1"]),
        (["lab-*", "!lab-9"], ["lab-1"], ["lab-9", "hall"]),
        (["a.b"], ["a.b"], ["axb"]),
        (["*a*b*", "*c*d*"], ["xaxbx", "cd"], ["ba", "dc"]),
    ],
)
def test_which_names_fit(patterns: list[str], fit: list[str], unfit: list[str]) -> None:
    printers = Printers.of(tuple(patterns))
    assert [name for name in fit if not printers.fit(name)] == []
    assert [name for name in unfit if printers.fit(name)] == []


@pytest.mark.parametrize("pattern", ["", "!", "!!a", "a b", "a/b", "[ab]", "a\n", "ä", "a" * 128])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(ValueError, match="is not a pattern for printers"):
        Printers.of(("*", pattern))


_NAMES = st.text(alphabet="ab-", min_size=1, max_size=5)
_PATTERNS = st.lists(
    st.from_regex(r"!?[ab*?-]{1,5}", fullmatch=True), min_size=1, max_size=4
)  # fmt: skip


@given(_PATTERNS, _NAMES)
def test_as_a_shell_would_match(patterns: list[str], name: str) -> None:
    unwanted = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")] or ["*"]
    expected = any(fnmatchcase(name, pattern) for pattern in wanted) and not any(
        fnmatchcase(name, pattern) for pattern in unwanted
    )
    assert Printers.of(tuple(patterns)).fit(name) is expected


def test_stars_take_no_exponential_time() -> None:
    printers = Printers.of(("*a" * 60 + "*b",))
    assert not printers.fit("a" * 127)


def test_why_not() -> None:
    printers = Printers.of(("lab-*", "!lab-9"))
    assert printers.why_not("hall") == "printer hall is not one of lab-*, !lab-9"
    assert printers.why_not("lab-1") is None


@pytest.mark.parametrize(
    ("locations", "tags", "fit"),
    [
        (("building 3*",), (), True),
        (("Building 4*",), (), False),
        (("!Building 3*",), (), False),
        ((), ("colour",), True),
        ((), ("colour", "!a3"), False),
        ((), ("!cheque",), True),
        (("*3*",), ("c*",), True),
        (("*3*",), ("mono",), False),
    ],
)
def test_location_and_tags(locations: tuple[str, ...], tags: tuple[str, ...], fit: bool) -> None:
    place = Place("Building 3, floor 1", frozenset({"colour", "a3"}))
    printers = Printers.of(("lab-*",), locations, tags)
    assert printers.fit("lab-1", place) is fit
    assert not printers.fit("hall", place)


def test_why_a_place_does_not_fit() -> None:
    place = Place("Building 3", frozenset({"colour"}))
    here = Printers.of(("*",), ("Building 4",))
    assert here.why_not("lab-1", place) == "lab-1 stands in Building 3, not Building 4"
    assert here.why_not("lab-1") == "lab-1 stands in no known place, not Building 4"
    tagged = Printers.of(("*",), (), ("!colour",))
    assert tagged.why_not("lab-1", place) == "lab-1 has colour, not !colour"
