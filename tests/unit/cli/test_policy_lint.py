"""ippgate policy lint: files, folders, a site, and its groups."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ippgate.cli.main import main
from tests.support.policy_site import RULES, policy_site

MORE = """  - {name: never, who: {groups: [staff]}, printers: [lab-1], operations: [Print-Job],
     attributes: {print-color-mode: {not: [color]}}, decision: permit}
  - {name: visitors, who: {groups: [visitor]}, operations: ["@query"], decision: permit}
"""


def test_a_good_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(RULES)
    assert main(["policy", "lint", str(file)]) == 0
    assert capsys.readouterr().out == "2 rules, 0 warnings\n"
    assert main(["policy", "lint", str(tmp_path), "--json"]) == 0
    assert capsys.readouterr().out == ""


def test_a_site_knows_its_printers_and_groups(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configuration = policy_site(tmp_path, RULES + MORE)
    assert main(["policy", "lint", "-c", str(configuration), "--json"]) == 1
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(finding["path"], finding["message"]) for finding in found] == [
        ("never", 'it can never decide: "staff print in black" above it takes everything'),
        ("visitors", 'no group is called "visitor" - did you mean "visitors"?'),
    ]


@pytest.mark.parametrize("words", [[], ["x.yaml", "-c", "y.yaml"], ["x.yaml", "--online"]])
def test_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["policy", "lint", *words])
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err
