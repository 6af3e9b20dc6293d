"""``ippgate identity``: who somebody would be, and whom it lets be asked about again."""

from __future__ import annotations

import io
import json
import sys
import time
from pathlib import Path

import pytest

from ippgate.cli import identity
from ippgate.cli.main import main
from ippgate.identity.shared_tallies import SharedTallies
from ippgate.identity.state_file import StateFile
from ippgate.identity.tallies import Tally, Window
from tests.unit.cli.sites import ask_at_once, site

Output = pytest.CaptureFixture[str]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(identity, "ask", ask_at_once)
    return str(site(tmp_path))


def test_somebody_is_shown(file: str, capsys: Output) -> None:
    assert main(["identity", "test", "CORP\\ALICE", "-c", file]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "typed       CORP\\ALICE",
        "asked for   ALICE",
        "name        alice",
        "id          file:alice",
        "known to    file",
        "groups      staff",
        "basic       needs a password: none was tried (--password)",
        "token       accepted with a token of theirs",
    ]
    assert main(["identity", "test", "alice", "-c", file, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["name"], found["groups"], found["refused"]) == ("alice", ["staff"], None)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nobody", "no such user"),
        ("EVIL\\alice", "identity.names has no form that fits the user name"),
        (" alice", "the user name begins or ends with white space"),
    ],
)
def test_nobody_is_told_why(file: str, capsys: Output, name: str, words: str) -> None:
    assert main(["identity", "test", name, "-c", file]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert f"refused     {words}" in lines
    assert f"basic       refused: {words}" in lines


def test_a_password_that_could_never_be_right(
    file: str, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    assert main(["identity", "test", "alice", "--password", "-c", file]) == 2
    assert "the password is empty" in capsys.readouterr().err


def test_whoever_was_counted_is_unlocked(file: str, capsys: Output) -> None:
    state = StateFile(Path(file).parent / "state")
    tallies = SharedTallies(Window(120, 300), state)
    for key in ("name:alice", "account:alice", "name:bob"):
        assert tallies.begin([Tally(key, 5)], time.time_ns() / 1e9) is None

    assert main(["identity", "unlock", "CORP\\Alice", "-c", file]) == 0
    assert capsys.readouterr().out == (
        "Alice: may be asked about again (2 counted questions forgotten)\n"
    )
    assert main(["identity", "unlock", "alice", "-c", file]) == 1
    assert capsys.readouterr().out == "alice: no wrong password was counted\n"
    assert tallies.forget(["name:bob"]) == 1
    state.close()


def test_without_a_state_folder_nobody_can_be(tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "other").mkdir()
    file = str(site(tmp_path / "other", state=False))

    assert main(["identity", "unlock", "alice", "-c", file]) == 2
    assert "set state, or restart" in capsys.readouterr().err
