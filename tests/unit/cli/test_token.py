"""``ippgate token``: what it prints, and what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ippgate.cli import token
from ippgate.cli.main import main
from tests.unit.cli.sites import ask_at_once, site

Output = pytest.CaptureFixture[str]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(token, "ask", ask_at_once)
    return str(site(tmp_path))


def issue(file: str, capsys: Output, *words: str) -> dict[str, object]:
    assert main(["token", "issue", "--user", "CORP\\ALICE", "-c", file, "--json", *words]) == 0
    issued: dict[str, object] = json.loads(capsys.readouterr().out)
    return issued


def test_an_address_for_each_printer_that_it_is_good_for(file: str, capsys: Output) -> None:
    assert main(["token", "issue", "--user", "alice", "-c", file]) == 0
    first, *addresses = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"[0-9a-f]{10}  for alice, until \d{4}-\d\d-\d\d: shown only now", first)
    pattern = r"ipps://localhost:\d+/t/[\w-]{43}/printers/(lab-\d)"
    assert [re.fullmatch(pattern, address)[1] for address in addresses] == [  # type: ignore[index]
        "lab-1",
        "lab-2",
    ]
    only = issue(file, capsys, "--printer", "lab-2", "--days", "3")
    assert list(only["addresses"]) == ["lab-2"]  # type: ignore[call-overload]
    assert (only["person"], only["printer"], only["state"]) == ("alice", "lab-2", "good")


def test_the_list_has_no_token_in_it_and_tells_what_became_of_each(
    file: str, capsys: Output
) -> None:
    assert main(["token", "list", "-c", file]) == 1
    first, second = issue(file, capsys), issue(file, capsys, "--printer", "lab-1")
    assert main(["token", "revoke", str(first["id"]), "-c", file]) == 0
    assert capsys.readouterr().out == f"{first['id']}: revoked\n"

    assert main(["token", "list", "-c", file]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split() == ["id", "person", "printer", "until", "state"]
    assert {row.split()[0]: row.split()[-1] for row in rows} == {
        first["id"]: "revoked",
        second["id"]: "good",
    }
    assert all(len(row) <= 80 for row in rows)
    assert main(["token", "list", "--json", "-c", file]) == 0
    told = capsys.readouterr().out
    for issued in (first, second):
        for address in issued["addresses"].values():  # type: ignore[attr-defined]
            assert address.split("/")[4] not in told
    assert main(["token", "list", "--user", "bob", "-c", file]) == 1


def test_what_cannot_be_revoked_is_told_and_the_rest_is_done(file: str, capsys: Output) -> None:
    id_ = str(issue(file, capsys)["id"])
    assert main(["token", "revoke", "nothing", id_, "-c", file]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "nothing: no such token, or revoked before",
        f"{id_}: revoked",
    ]
    assert main(["token", "revoke", id_, "--json", "-c", file]) == 1
    assert json.loads(capsys.readouterr().out) == {id_: False}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--user", "nobody"], "nobody knows nobody"),
        (["--user", " alice"], "white space"),
        (["--user", "EVIL\\alice"], "identity.names has no form"),
        (["--user", "alice", "--printer", "lab-9"], "there is no printer lab-9"),
        (["--user", "alice", "--days", "0"], "--days must be"),
        (["--user", "alice", "--days", "9999"], "--days must be"),
    ],
)
def test_what_is_not_issued(file: str, capsys: Output, words: list[str], said: str) -> None:
    assert main(["token", "issue", *words, "-c", file]) == 2
    assert said in capsys.readouterr().err
    assert main(["token", "list", "-c", file]) == 1


def test_without_a_state_folder_there_are_none(tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "other").mkdir()
    file = str(site(tmp_path / "other", state=False))

    assert main(["token", "list", "-c", file]) == 2
    assert "set state" in capsys.readouterr().err
