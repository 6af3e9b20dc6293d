"""Findings: one line each, with file, line, path, and the nearest name."""

from __future__ import annotations

import pytest

from ippgate.config.findings import ConfigurationError, Finding, Severity, did_you_mean


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (Finding("f.yaml", 3, "a.b", "is wrong"), "f.yaml:3: a.b: is wrong"),
        (Finding("f.yaml", None, "", "is empty"), "f.yaml: is empty"),
        (Finding("f.yaml", 1, "", "odd", Severity.WARNING), "f.yaml:1: warning: odd"),
    ],
)
def test_a_finding_reads_as_one_line(finding: Finding, line: str) -> None:
    assert str(finding) == line


def test_an_error_shows_all_its_findings() -> None:
    error = ConfigurationError(Finding("f", n, "", "wrong") for n in (1, 2))
    assert len(error.findings) == 2
    assert str(error) == "f:1: wrong\nf:2: wrong"


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("Print-Jobb", ' - did you mean "Print-Job"?'),
        ("print-job", ' - did you mean "Print-Job"?'),
        ("xyzzy", ""),
        ("", ""),
    ],
)
def test_the_nearest_known_word(word: str, hint: str) -> None:
    assert did_you_mean(word, ["Print-Job", "Cancel-Job", "Get-Jobs"]) == hint
