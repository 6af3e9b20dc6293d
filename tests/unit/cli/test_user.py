"""``ippgate user hash``: what it prints is what the user file takes."""

import argparse
import io
import sys

import pytest

from ippgate.cli import user
from ippgate.identity import passwords
from ippgate.identity.user_file import load


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    user.add_parser(parser.add_subparsers())
    chosen = parser.parse_args(["user", "hash", *arguments])
    code: int = chosen.command(chosen)
    return code


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(sys, "stdin", io.StringIO("sec ret\n"))
    return monkeypatch


@pytest.mark.usefixtures("typed")
def test_the_line_is_an_account(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("alice", "--group", "staff", "--group", "yes: no") == 0

    line = capsys.readouterr().out
    assert line.count("\n") == 1
    account = load(f"users:\n{line}", "users.yaml").users["alice"]
    assert account.groups == {"staff", "yes: no"}
    assert passwords.matches(account.password, "sec ret")


@pytest.mark.usefixtures("typed")
def test_without_a_name_it_is_the_hash(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    assert passwords.matches(capsys.readouterr().out.strip(), "sec ret")


@pytest.mark.usefixtures("typed")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((" alice",), "white space"),
        (("a:b",), "colon"),
        (("--group", "staff"), "a group needs a user"),
        (("alice", "--group", ""), "1 to 255 characters"),
    ],
)
def test_what_the_file_would_not_take(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2

    told = capsys.readouterr()
    assert told.out == ""
    assert words in told.err


@pytest.mark.parametrize("line", ["", "\n", "sec\tret\n", "x" * 2000, "s\udcffx\n"])
def test_passwords_that_could_never_be_right(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(line))

    assert run("alice") == 2
    assert "the password" in capsys.readouterr().err


def test_on_a_terminal_it_is_asked_for_twice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    answers = ["secret", "sceret", "secret", "secret"]
    monkeypatch.setattr("getpass.getpass", lambda prompt: answers.pop(0))

    assert run("alice") == 2
    assert "not the same" in capsys.readouterr().err
    assert run("alice") == 0
    assert "secret" not in capsys.readouterr().out


def test_end_of_input_at_the_prompt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def ended(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", ended)
    assert run("alice") == 2
    assert "no password" in capsys.readouterr().err
