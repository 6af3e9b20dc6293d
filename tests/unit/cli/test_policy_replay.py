"""ippgate policy replay: a trail under other rules."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ippgate.cli.main import main
from tests.support.policy_site import policy_site


def line(**instead: Any) -> str:
    entry: dict[str, Any] = {
        "time": "2026-03-02T09:00:00.000000Z",
        "event": "request.outcome",
        "id": "r1",
        "client": {"address": "198.51.100.7", "port": 5},
        "user": {"name": "alice", "id": "1", "method": "file", "groups": ["staff"]},
        "printer": "lab-1",
        "operation": "Print-Job",
        "attributes": {"print-color-mode": ["monochrome"]},
        "decision": {"effect": "permit", "rule": "all print", "reason": "rule"},
    }
    return json.dumps(entry | instead) + "\n"


TRAIL = (
    line()
    + line(id="r2", attributes={"print-color-mode": ["color"]})
    + line(id="r3", user={"name": "bob", "groups": ["visitors"]})
    + line(id="r4", decision={"effect": "refuse", "reason": "trail-unwritable"})
    + "no line\n"
)


def replay(tmp_path: Path, trail: Path, *words: str) -> int:
    configuration = policy_site(tmp_path)
    return main(["policy", "replay", "-c", str(configuration), "--audit", str(trail), *words])


def test_differences_by_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trail = tmp_path / "audit.jsonl"
    trail.write_text(TRAIL)
    assert replay(tmp_path, trail) == 1
    assert capsys.readouterr().out == (
        "2 requests: permit → refuse (attributes)\n"
        "    was decided by: all print (2)\n"
        "    people: alice (1), bob (1)\n"
        "    printers: lab-1 (2)\n"
        "    operations: Print-Job (2)\n"
        "    first: 2026-03-02 09:00:00 UTC [r2]\n"
        "    last: 2026-03-02 09:00:00 UTC [r3]\n"
        "3 requests decided again, 2 would end differently\n"
        "1 not decided again: something other than rules decided\n"
        "no request has recorded sides: they count as not given\n"
    )


def test_json_and_a_rotated_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trail = tmp_path / "audit.jsonl.1.gz"
    trail.write_bytes(gzip.compress(TRAIL.encode()))
    assert replay(tmp_path, trail, "--json") == 1
    result = json.loads(capsys.readouterr().out)
    assert result["decided"] == 3
    assert [d["id"] for d in result["differences"]] == ["r2", "r3"]


def test_nothing_changes(tmp_path: Path) -> None:
    trail = tmp_path / "audit.jsonl"
    trail.write_text(line())
    assert replay(tmp_path, trail) == 0


def test_no_trail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(tmp_path, tmp_path / "none") == 2
    assert "cannot read" in capsys.readouterr().err
