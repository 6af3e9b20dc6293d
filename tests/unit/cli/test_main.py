"""The command line itself: help, version, exit codes, and how commands end early."""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from ippgate.cli import audit
from ippgate.cli.main import main
from tests.unit.audit.records import trail

Output = pytest.CaptureFixture[str]
README = Path(__file__).parents[3] / "README.md"


def usage_exit(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_help_names_every_command_that_the_readme_tells_within_80_columns(
    capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert usage_exit("--help") == 0
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 80
    for command in ("demo", "run", "check", "audit", "cert", "user"):
        assert f"\n    {command} " in said
        assert f"`ippgate {command} " in README.read_text()


@pytest.mark.parametrize(
    "command",
    [
        ("demo",),
        ("run",),
        ("check",),
        ("audit", "verify"),
        ("audit", "show"),
        ("cert", "create"),
        ("cert", "show"),
        ("user", "hash"),
    ],
)
def test_every_command_explains_itself_within_80_columns(
    command: tuple[str, ...], capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert usage_exit(*command, "--help") == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: ippgate {' '.join(command)} ")
    assert max(map(len, said.splitlines())) <= 80


def test_the_version_is_the_installed_one(capsys: Output) -> None:
    assert usage_exit("--version") == 0
    assert capsys.readouterr().out == f"ippgate {version('ippgate')}\n"


@pytest.mark.parametrize("arguments", [(), ("serve",), ("run",), ("check", "--config"), ("audit",)])
def test_what_is_no_command_is_usage(arguments: tuple[str, ...], capsys: Output) -> None:
    assert usage_exit(*arguments) == 2
    assert capsys.readouterr().err.startswith("usage: ippgate")


def test_a_configuration_with_mistakes_starts_nothing_and_all_are_told(
    tmp_path: Path, capsys: Output
) -> None:
    file = tmp_path / "ippgate.yaml"
    file.write_text("public_name: print.example.org\nprinter: {}\n")
    assert main(["run", "-c", str(file)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    *findings, verdict = said.err.splitlines()
    assert f'{file}:2: printer: is not a known key - did you mean "printers"?' in findings
    assert verdict == f"{len(findings)} mistakes: nothing was started"


def test_an_interrupted_command_ends_without_a_traceback(
    tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(audit, "_verify", interrupted)
    assert main(["audit", "verify", str(tmp_path)]) == 130
    assert capsys.readouterr() == ("", "\n")


def test_a_reader_that_has_seen_enough_is_no_error_to_talk_about(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    file.write_bytes(b"".join(trail(3000)))
    command = f"{sys.executable} -m ippgate.cli.main audit show {file} | head -n 2"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60)
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == ""
