"""``ippgate policy explain`` with accounts, which are text and look like numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ippgate.cli.main import main
from tests.support.gate_process import write_site
from tests.support.identities import of_file

Output = pytest.CaptureFixture[str]
RULES = """version: 1
rules:
  - name: accounted
    who: {groups: [staff]}
    operations: ["@print"]
    attributes: {job-account-id: {is: ["4711"]}}
    decision: permit
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    identity = of_file(tmp_path, [("alice", "secret", "staff")])
    printers = {"lab-1": "ipp://192.0.2.21/"}
    return write_site(tmp_path, printers, identity=identity, rules=RULES)[0]


def explain(file: Path, *more: str) -> int:
    given = ["--printer", "lab-1", "--operation", "Print-Job", *more]
    return main(["policy", "explain", "-c", str(file), *given])


def test_yes_by_a_rule_with_its_place(file: Path, capsys: Output) -> None:
    assert explain(file, "--user", "alice", "--attribute", "job-account-id=4711") == 0
    said = capsys.readouterr().out
    assert said.startswith("alice, Print-Job at lab-1: PERMIT\n")
    assert 'by "accounted" (' in said
    assert "rules.yaml:3)" in said


def test_no_with_what_does_not_fit(file: Path, capsys: Output) -> None:
    assert explain(file, "--user", "alice", "--attribute", "job-account-id=1", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["decision"], told["reason"], told["nearest"]) == (
        "refuse",
        "attributes",
        "accounted",
    )
    assert told["passed"][0]["why"] == "job-account-id is 1, not one of 4711"
