"""``ippgate check`` as people run it; the first-site test asks real peers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ippgate.cli.main import main
from tests.support.gate_process import write_site
from tests.support.identities import of_file
from tests.support.processes import free_port, wait_until_true

Output = pytest.CaptureFixture[str]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    printers = {"lab-1": f"ipp://127.0.0.1:{free_port()}/ipp/print"}
    identity = of_file(tmp_path, [("alice", "secret", "staff")])
    (tmp_path / "users.yaml").chmod(0o600)
    return write_site(tmp_path, printers, identity=identity)[0]


def test_a_good_site(file: Path, capsys: Output) -> None:
    assert main(["check", "-c", str(file)]) == 0
    assert capsys.readouterr() == (f"{file}: good (1 printer, 3 rules)\n", "")
    assert main(["check", "-c", str(file), "--json"]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_warning_is_told_and_still_good(file: Path, capsys: Output) -> None:
    users = file.parent / "users.yaml"
    users.chmod(0o644)
    assert main(["check", "-c", str(file)]) == 0
    warning, verdict = capsys.readouterr().out.splitlines()
    assert warning == (
        f"{file}:7: identity.file: warning: {users}: others can read it: chmod o= {users}"
    )
    assert verdict.endswith("good (1 printer, 3 rules)")
    assert main(["check", "-c", str(file), "--json"]) == 0
    (told,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (told["severity"], told["line"], told["path"]) == ("warning", 7, "identity.file")


def test_every_mistake_is_one_line_and_the_answer_is_no(file: Path, capsys: Output) -> None:
    file.write_text(file.read_text().replace("monitor:", "monitr:"))
    (file.parent / "policies" / "rules.yaml").write_text("version: 2\nrules: []\n")
    assert main(["check", "-c", str(file)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 3
    assert f'{file}:5: monitr: is not a known key - did you mean "monitor"?' in said
    assert sum("rules.yaml" in line for line in said) == 2
    assert main(["check", "-c", str(file), "--json"]) == 1
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {finding["severity"] for finding in told} == {"error"}
    assert sorted({Path(finding["file"]).name for finding in told}) == [
        "ippgate.yaml",
        "rules.yaml",
    ]


def test_expectations_count_and_those_that_are_none_hide_nothing(
    file: Path, capsys: Output
) -> None:
    expectations = file.parent / "policies" / "rules.test.yaml"
    expectations.write_text(
        "version: 1\npeople: {alice: {groups: [staff]}}\nexpectations:\n"
        "  - {given: {who: alice, operation: Print-Job}, expect: refuse}\n"
    )
    assert main(["check", "-c", str(file)]) == 1
    *told, verdict = capsys.readouterr().out.splitlines()
    assert any(line.startswith(f"{expectations}:4: expectations[0]: ") for line in told), told
    assert verdict == f"{file}: not usable as it is (1 printer, 3 rules)"
    expectations.write_text("version: 1\nexpectation: []\n")
    (file.parent / "users.yaml").chmod(0o644)
    assert main(["check", "-c", str(file)]) == 1
    said = capsys.readouterr().out
    assert f"{expectations}:2: expectation: is not a known key" in said
    assert "others can read it" in said


def test_a_file_that_is_not_there(tmp_path: Path, capsys: Output) -> None:
    assert main(["check", "-c", str(tmp_path / "missing.yaml")]) == 1
    said = capsys.readouterr().out
    assert "missing.yaml cannot be read: No such file or directory" in said
    assert said.count("\n") == 1


def test_what_a_file_says_gives_a_terminal_no_orders(file: Path, capsys: Output) -> None:
    file.write_text(file.read_text().replace("public_name: localhost", 'public_name: "a\\e[2Jb"'))
    assert main(["check", "-c", str(file)]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.isprintable()
    assert "a\\x1b[2Jb" in line


# --- online: the reactor runs once in a process ---------------------------------------------------


@contextmanager
def checking(file: Path, program: str) -> Iterator[subprocess.Popen[str]]:
    """``check --online`` in a process that runs ``program`` first."""
    code = f"import sys\nfrom ippgate.cli import check, main\n{program}\nsys.exit(main.main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "check", "-c", str(file), "--online"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_what_failed_to_be_asked_is_not_good(file: Path) -> None:
    program = "async def broken(*_): raise ZeroDivisionError\ncheck.ask_everybody = broken"
    with checking(file, program) as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "good" not in out
    assert "ZeroDivisionError" in err


def test_what_was_interrupted_is_not_good(file: Path) -> None:
    asked = file.parent / "asked"
    program = (
        "from twisted.internet.defer import Deferred\n"
        f"async def slow(*_):\n    open({str(asked)!r}, 'w').close()\n    await Deferred()\n"
        "check.ask_everybody = slow"
    )
    with checking(file, program) as process:
        wait_until_true("it asks", asked.exists)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "good" not in out
    assert "Traceback" not in err
