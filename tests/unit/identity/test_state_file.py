"""The state file: who can read it, and what it says when it cannot be used."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from ippgate.identity.state_file import NAME, StateFile, StateUnusable


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    StateFile(tmp_path).close()

    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


def test_digests_are_the_files_own_and_stay(tmp_path: Path) -> None:
    first = StateFile(tmp_path)
    digest = first.digest("alice")
    first.close()
    again = StateFile(tmp_path)
    (tmp_path / "other").mkdir()
    other = StateFile(tmp_path / "other")

    assert again.digest("alice") == digest
    assert again.digest("alicf") != digest
    assert other.digest("alice") != digest
    again.close()
    other.close()


def test_what_fails_in_the_middle_did_not_happen(tmp_path: Path) -> None:
    state = StateFile(tmp_path)

    def fail() -> None:
        with state.transaction() as database:
            database.execute("insert into asked values (x'00', 1)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with state.reading() as database:
        assert database.execute("select count(*) from asked").fetchone() == (0,)
    state.close()


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"something else entirely" * 1000)

    with pytest.raises(StateUnusable, match=f"{NAME} cannot be used"):
        StateFile(tmp_path)


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(StateUnusable, match="No such file"):
        StateFile(tmp_path / "gone")


def test_a_later_version_is_not_touched(tmp_path: Path) -> None:
    StateFile(tmp_path).close()
    database = sqlite3.connect(tmp_path / NAME)
    database.execute("pragma user_version = 99")
    database.commit()
    database.close()

    with pytest.raises(StateUnusable, match="later version"):
        StateFile(tmp_path)
