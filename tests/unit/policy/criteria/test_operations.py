"""The criterion on operations: names, sets and numbers, together."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ippgate.ipp.enums import Operation
from ippgate.policy.criteria.operations import Operations
from ippgate.policy.facts import Facts
from ippgate.policy.operations import PRINT


def facts(operation: int) -> Facts:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Facts(None, "lab-1", Operation(operation), None, "192.0.2.9", at)


def test_words_add_up() -> None:
    operations = Operations.of(("@print", "Get-Jobs", "0x4042"))
    assert operations.codes == PRINT | {Operation.GET_JOBS, Operation(0x4042)}
    assert operations.matches(facts(0x4042))
    assert operations.matches(facts(Operation.PRINT_JOB))
    assert not operations.matches(facts(0x4043))


def test_a_wrong_word_among_right_ones() -> None:
    with pytest.raises(ValueError, match='"Get-Job" is not an operation of IPP - did you mean'):
        Operations.of(("@print", "Get-Job"))


def test_why_not() -> None:
    operations = Operations.of(("@print", "Get-Jobs"))
    words = "operation 0x4043 is not one of @print, Get-Jobs"
    assert operations.why_not(facts(0x4043)) == words
