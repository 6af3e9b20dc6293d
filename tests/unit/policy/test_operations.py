"""Sets of operations: what they cover, and above all what they never cover."""

from __future__ import annotations

import pytest

from ippgate.ipp.enums import Operation
from ippgate.policy.operations import ADMINISTER, JOB, NEVER_IN_A_SET, QUERY, SETS, resolve

VENDOR = 0x4000
"""From here on operation-ids are vendors' own (RFC 8011 section 5.4.15)."""


def test_no_set_covers_what_is_unknown_or_a_vendor_s() -> None:
    covered = frozenset[Operation]().union(*SETS.values())
    assert [code for code in range(0x10000) if code in covered and code >= VENDOR] == []
    assert [code for code in range(0x10000) if code in covered and not Operation(code).known] == []


def test_no_set_reaches_beyond_the_printer() -> None:
    for operations in SETS.values():
        assert operations.isdisjoint(NEVER_IN_A_SET)


def test_all_is_every_other_set() -> None:
    others = [operations for word, operations in SETS.items() if word != "@all"]
    assert SETS["@all"] == frozenset[Operation]().union(*others)


def test_looking_changes_nothing() -> None:
    assert QUERY.isdisjoint(ADMINISTER)
    assert all(operation.keyword.startswith("Get-") for operation in QUERY)
    assert all(
        operation.keyword.startswith("Get-") == (operation in QUERY) for operation in JOB
    )  # fmt: skip


@pytest.mark.parametrize(
    ("word", "operations"),
    [
        ("Print-Job", {0x0002}),
        ("print-job", {0x0002}),
        ("Print-URI", {0x0003}),
        ("CUPS-Get-Document", {0x4027}),
        ("0x4042", {0x4042}),
        ("0X40aB", {0x40AB}),
        ("@QUERY", QUERY),
    ],
)
def test_words(word: str, operations: set[int]) -> None:
    assert resolve(word) == operations


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("@qery", 'is not a set of operations - did you mean "@query"?'),
        ("@", "is not a set of operations"),
        ("Print-Jobs", 'is not an operation of IPP - did you mean "Print-Job"?'),
        ("", "is not an operation of IPP"),
        ("*", "is not an operation of IPP"),
        ("0x404", "is not an operation of IPP"),
        ("0x1_23", "is not an operation of IPP"),
        ("0x00042", "is not an operation of IPP"),
        ("16450", "is not an operation of IPP"),
    ],
)
def test_words_that_mean_nothing(word: str, hint: str) -> None:
    with pytest.raises(ValueError, match="is not") as raised:
        resolve(word)
    assert hint in str(raised.value)
