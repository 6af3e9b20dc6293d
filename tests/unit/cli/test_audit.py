"""``ippgate audit verify`` and ``show`` as people run them."""

from __future__ import annotations

import argparse
import gzip
import io
import itertools
import json
import time
from pathlib import Path
from typing import Any

import pytest

from ippgate.audit.line import LINE_OCTETS
from ippgate.audit.verify import Verification
from ippgate.cli import audit
from tests.unit.audit.records import trail

LINES = trail(4)
WHOLE = b"".join(LINES)


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    audit.add_parser(parser.add_subparsers(required=True))
    parsed = parser.parse_args(["audit", *map(str, arguments)])
    code = parsed.command(parsed)
    assert isinstance(code, int)
    return code


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "audit.jsonl"
    file.write_bytes(WHOLE)
    return file


Output = pytest.CaptureFixture[str]


def test_a_whole_trail_is_proven(path: Path, capsys: Output) -> None:
    assert run("verify", path) == 0
    assert capsys.readouterr().out == (
        "stream ab12cd34: 1 to 6\n"
        "PROVEN: 6 lines, 2026-11-24T01:02:03.000004Z to 2026-11-24T01:02:08.000004Z\n"
    )


def test_a_broken_trail_names_the_line(path: Path, capsys: Output) -> None:
    path.write_bytes(WHOLE.replace(b'"id":"r2"', b'"id":"r9"'))
    assert run("verify", path) == 1
    out = capsys.readouterr().out
    assert f"{path}, line 3: edited: its content does not give its hash" in out
    assert "BROKEN: 6 lines" in out


def test_json_for_programs(path: Path, capsys: Output) -> None:
    path.write_bytes(b"".join(LINES[:2] + LINES[3:]))
    assert run("verify", path, "--json") == 1
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["proven"] is False
    assert verdict["lines"] == 5
    (gap,) = verdict["breaks"]
    assert (gap["file"], gap["line"], gap["fault"]) == (str(path), 3, "deleted")
    assert verdict["streams"][0]["name"] == "ab12cd34"


def test_a_cut_end_shows(path: Path, capsys: Output) -> None:
    path.write_bytes(b"".join(LINES[:3]))
    assert run("verify", path) == 0
    out = capsys.readouterr().out
    assert "not closed" in out
    assert json.loads(LINES[2])["hash"] in out


def test_an_empty_trail_is_not_proven(path: Path, capsys: Output) -> None:
    path.write_bytes(b"")
    assert run("verify", path) == 1
    assert "BROKEN" in capsys.readouterr().out


def test_packed_files(path: Path, tmp_path: Path) -> None:
    packed = tmp_path / "audit.jsonl.1.gz"
    packed.write_bytes(gzip.compress(WHOLE))
    assert run("verify", packed) == 0
    packed.write_bytes(gzip.compress(WHOLE)[:-20])
    assert run("verify", packed) == 2
    packed.write_bytes(WHOLE)
    assert run("verify", packed) == 2
    octets = bytearray(gzip.compress(WHOLE))
    octets[40:60] = b"\xff" * 20
    packed.write_bytes(octets)
    assert run("verify", packed) == 2


@pytest.mark.parametrize("command", ["verify", "show"])
def test_what_cannot_be_read(command: str, tmp_path: Path, capsys: Output) -> None:
    assert run(command, tmp_path / "no\x1bne") == 2
    assert "No such file or directory" in capsys.readouterr().err
    assert run(command, tmp_path) == 2
    err = capsys.readouterr().err
    assert "Is a directory" in err
    assert "\x1b" not in err


def test_a_last_line_that_is_being_written_is_waited_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(WHOLE[:-40])

    def finish(_: float) -> None:
        path.write_bytes(WHOLE)

    monkeypatch.setattr(time, "sleep", finish)
    assert run("verify", path) == 0


def test_lines_without_end_cost_no_memory(
    path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(LINES[0] + b"x" * (3 * LINE_OCTETS) + b"\n" + b"".join(LINES[1:]))
    sizes: list[int] = []
    take = Verification.line

    def note(self: Verification, line: bytes) -> None:
        sizes.append(len(line))
        take(self, line)

    monkeypatch.setattr(Verification, "line", note)
    assert run("verify", path) == 1
    assert "line 2: foreign" in capsys.readouterr().out
    assert max(sizes) <= LINE_OCTETS


def test_progress_on_a_terminal_only(
    path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PROGRESS_LINES", 2)
    monkeypatch.setattr(audit, "PROGRESS_SECONDS", 0.0)
    run("verify", path)
    assert capsys.readouterr().err == ""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    run("verify", path)
    assert "\r4 lines" in terminal.getvalue()
    assert terminal.getvalue().endswith("\x1b[K")


def test_show(path: Path, capsys: Output) -> None:
    path.write_bytes(b"".join(trail(2)))
    assert run("show", path) == 0
    assert capsys.readouterr().out.splitlines() == [
        "TIME           USER       PRINTER    OPERATION         DECIDED RESULT",
        "11-24 01:02:03 -          -          stream.opened     -       new",
        "11-24 01:02:04 alice      lab-1      Print-Job         permit  ok",
        "11-24 01:02:05 alice      lab-1      Print-Job         permit  ok",
        "11-24 01:02:06 -          -          stream.closed     -       -",
    ]


def test_show_filters(path: Path, capsys: Output) -> None:
    assert run("show", path, "--user", "alice", "--since", "2026-11-24T01:02:07Z", "--json") == 0
    assert capsys.readouterr().out.encode() == LINES[4]
    assert run("show", path, "--denied") == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert run("show", path, "--since", "soon") == 2
    assert "--since: not a time: soon" in capsys.readouterr().err


@pytest.mark.parametrize("how", [[], ["--json"]])
def test_a_terminal_is_told_text_only(path: Path, capsys: Output, how: list[str]) -> None:
    hostile = "\x7f\x85\u2028\u202e\x1b[2J"
    raw = hostile.encode().replace(b"\x1b", b"\\u001b")
    path.write_bytes(WHOLE.replace(b"alice", raw) + b"\x1b]0;owned\x07\n")
    assert run("show", path, *how) == 1
    captured = capsys.readouterr()
    assert all(line.isprintable() for line in captured.out.split("\n"))
    assert "1 lines are no lines" in captured.err
    if how:
        user = json.loads(captured.out.splitlines()[1])["user"]
        assert user["name"] == hostile


def test_follow_goes_on_after_rotation(path: Path) -> None:
    path.write_bytes(b"".join(LINES[:2]) + LINES[2][:50])
    steps: list[Any] = [
        lambda: path.open("ab").close(),
        lambda: append(path, LINES[2][50:] + LINES[3]),
        lambda: rotate(path, LINES[4]),
        lambda: path.write_bytes(LINES[5]),
        lambda: path.write_bytes(LINES[0][:10]),
        lambda: append(path, LINES[0][10:]),
    ]
    coming = iter(steps)
    lines = (line for line in audit._followed(path, lambda _: next(coming)()) if line)
    assert list(itertools.islice(lines, 7)) == [*LINES, LINES[0]]
    lines.close()


def rotate(path: Path, last: bytes) -> None:
    append(path, last)
    path.rename(path.with_suffix(".1"))


def append(path: Path, octets: bytes) -> None:
    with path.open("ab") as file:
        file.write(octets)


def test_follow_ends_in_good_order_when_interrupted(
    path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> Any:
        yield LINES[1]
        raise KeyboardInterrupt

    monkeypatch.setattr(audit, "_followed", interrupt)
    assert run("show", path, "--follow") == 0
    assert "alice" in capsys.readouterr().out
