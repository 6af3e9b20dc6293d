"""Named groups of people, printers, operations."""

from __future__ import annotations

import pytest

from ippgate.policy.definitions import Definitions, People

KNOWN = Definitions(
    {"lab": People(("root",), ("physics",))},
    {"ours": ("lab-*", "hall")},
    {"looking": ("Get-Jobs", "@query")},
)


def test_names_are_written_out() -> None:
    assert KNOWN.these_people("lab").groups == ("physics",)
    assert KNOWN.patterns(["@ours", "x", "!@ours"]) == ("lab-*", "hall", "x", "!lab-*", "!hall")
    assert KNOWN.operation_words(["@looking", "@print", "Print-Job"]) == (
        "Get-Jobs",
        "@query",
        "@print",
        "Print-Job",
    )


def test_the_nearest_name() -> None:
    with pytest.raises(ValueError, match='did you mean "lab"'):
        KNOWN.these_people("labs")
    with pytest.raises(ValueError, match='did you mean "ours"'):
        KNOWN.patterns(["!@our"])
    with pytest.raises(ValueError, match='did you mean "@looking"'):
        KNOWN.operation_words(["@lookin"])


def test_two_files_together() -> None:
    both = KNOWN.and_those_of(Definitions(printers={"others": ("x",)}))
    assert both.patterns(["@ours", "@others"]) == ("lab-*", "hall", "x")
