"""ippgate policy explain, as it is typed and read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ippgate.cli.main import main
from tests.support.policy_site import policy_site


def explain(tmp_path: Path, *words: str) -> int:
    configuration = policy_site(tmp_path)
    return main(["policy", "explain", "-c", str(configuration), *words])


PRINT = ("--printer", "lab-1", "--operation", "Print-Job")


def test_a_permission(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(tmp_path, "--user", "Alice", *PRINT) == 0
    rules = tmp_path / "policies" / "rules.yaml"
    assert capsys.readouterr().out == (
        "alice, Print-Job at lab-1: PERMIT\n"
        f'  by "staff print in black" ({rules}:4)\n'
        "  enforced: sides two-sided-long-edge\n"
        "  may choose print-color-mode: monochrome\n"
        "  may choose sides: two-sided-long-edge\n"
        "\n"
        "Rules above it:\n"
        f'  "look" ({rules}:3)\n'
        "      operation Print-Job is not one of Get-Printer-Attributes\n"
    )


def test_a_refusal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--attribute", "print-color-mode=color", "--attribute", "copies=3")
    assert explain(tmp_path, "--user", "alice", *PRINT, *asked) == 1
    out = capsys.readouterr().out
    assert "no rule matched" in out
    assert '  nearest: "staff print in black"\n' in out
    assert "  refused: print-color-mode color\n  message: Print in black.\n" in out
    assert "      print-color-mode is color, not anything but color, auto\n" in out
    assert max(map(len, out.replace(str(tmp_path), "").splitlines())) <= 80


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(tmp_path, "--user", "bob", *PRINT, "--json") == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["decision"], answer["reason"], answer["rule"]) == ("refuse", "no-rule", None)
    assert answer["passed"][1]["why"] == "bob (of visitors) is not one of group staff"


def test_people_who_are_in_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(tmp_path, "--user", "carol", "--group", "staff", *PRINT) == 0
    assert capsys.readouterr().out.startswith("carol, Print-Job at lab-1: PERMIT")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--user", "alic", *PRINT), 'nobody is called "alic" - did you mean "alice"?; or give'),
        (
            ("--printer", "lab-2", "--operation", "Print-Job"),
            'there is no printer "lab-2" - did you mean "lab-1"?',
        ),
        (
            ("--printer", "lab-1", "--operation", "Print-Jop"),
            '"Print-Jop" is no operation - did you mean "Print-Job"?',
        ),
        ((*PRINT, "--attribute", "copies"), '"copies" is not NAME=VALUE'),
        ((*PRINT, "--attribute", "copis=1"), 'did you mean "copies"'),
        ((*PRINT, "--at", "2026-03-02T09:00"), "the time needs its zone"),
        ((*PRINT, "--size", "much"), "is not a size"),
    ],
)
def test_what_is_typed_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str
) -> None:
    assert explain(tmp_path, *words) == 2
    assert says in capsys.readouterr().err


def test_nobody_is_asked_to_be_somebody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(tmp_path, *PRINT) == 1
    assert capsys.readouterr().out.startswith("nobody identified, Print-Job at lab-1: IDENTIFY")
