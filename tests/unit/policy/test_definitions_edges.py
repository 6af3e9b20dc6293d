"""Names for people, printers and operations, written out."""

from __future__ import annotations

import pytest

from ippgate.policy.definitions import Definitions, People

LABS = Definitions(
    {"lab": People(("alice",), ("staff",))},
    {"labs": ("lab-*",), "most": ("lab-*", "!lab-9")},
    {"look": ("Get-Jobs", "@query")},
)


def test_names_are_written_out_and_the_rest_stays() -> None:
    assert LABS.patterns(["hall", "@labs", "!@labs", "!x"]) == ("hall", "lab-*", "!lab-*", "!x")
    assert LABS.operation_words(["@look", "@PRINT", "Print-Job"]) == (
        "Get-Jobs",
        "@query",
        "@PRINT",
        "Print-Job",
    )
    assert LABS.these_people("lab").groups == ("staff",)


def test_names_that_nobody_defined() -> None:
    with pytest.raises(ValueError, match='no people are defined as "lba" - did you mean "lab"'):
        LABS.these_people("lba")
    with pytest.raises(ValueError, match='no printers are defined as "lab" - did you mean "labs"'):
        LABS.patterns(["!@lab"])
    with pytest.raises(ValueError, match=r'"@loook" is not a set .* did you mean "@look"'):
        LABS.operation_words(["@loook"])


def test_all_but_all_but_is_refused_in_words() -> None:
    assert LABS.patterns(["@most"]) == ("lab-*", "!lab-9")
    with pytest.raises(ValueError, match='"most" is itself defined with "!lab-9"'):
        LABS.patterns(["*", "!@most"])


def test_of_two_that_are_alike_the_other_counts() -> None:
    both = LABS.and_those_of(Definitions({"lab": People(("bob",))}, {"hall": ("hall",)}))
    assert both.these_people("lab") == People(("bob",))
    assert both.patterns(["@hall", "@labs"]) == ("hall", "lab-*")
