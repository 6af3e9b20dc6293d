"""ippgate policy test: the report, and its exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ippgate.cli.main import main
from tests.support.policy_site import RULES

EXPECTATIONS = """version: 1
people: {alice: {groups: [staff]}}
expectations:
  - given: {who: alice, printer: lab-1, operation: Print-Job}
    expect: {decision: DECISION, rule: staff print in black,
      enforce: {sides: two-sided-long-edge}}
"""


def write(folder: Path, decision: str = "permit") -> Path:
    (folder / "site.yaml").write_text(RULES)
    tests = folder / "site.test.yaml"
    tests.write_text(EXPECTATIONS.replace("DECISION", decision))
    return tests


@pytest.mark.parametrize("named", ["folder", "rules", "tests"])
def test_expectations_that_are_met(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], named: str
) -> None:
    tests = write(tmp_path)
    paths = {"folder": tmp_path, "rules": tmp_path / "site.yaml", "tests": tests}
    assert main(["policy", "test", str(paths[named])]) == 0
    out = capsys.readouterr().out
    assert f"{tests}     1 examples  passed     1 of 2 rules reached\n" in out
    assert f'{tmp_path / "site.yaml"}:3: no expectation reaches "look"\n' in out
    assert re.search(r"1 examples passed in \d+\.\d\d s\n$", out)


def test_expectations_that_are_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tests = write(tmp_path, "refuse")
    assert main(["policy", "test", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert (
        f"FAILED {tests}:4: expectations[0]: alice Print-Job at lab-1: expected refuse; the rules "
        "say permit\n"
    ) in out
    assert "1 failed, 1 examples" in out


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path)
    assert main(["policy", "test", "--json", str(tmp_path)]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["passed"]
    assert report["files"][0]["unreached"] == ["look"]


def test_without_rules_of_their_own_they_are_about_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path).rename(tmp_path / "all.test.yaml")
    assert main(["policy", "test", str(tmp_path)]) == 0
    assert "1 of 2 rules reached" in capsys.readouterr().out


def test_nothing_to_test(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "test", str(tmp_path)]) == 2
    assert "no file of expectations" in capsys.readouterr().err
    assert main(["policy", "test", str(tmp_path / "x.test.yaml")]) == 2
    assert "cannot be read: No such file" in capsys.readouterr().err
    tests = write(tmp_path)
    tests.write_text("version: 1\nexpectations: []\n")
    assert main(["policy", "test", str(tests)]) == 2
    assert "expectations: must not be empty" in capsys.readouterr().err
