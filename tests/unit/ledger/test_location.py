"""One line of the configuration says where the ledger is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ippgate.ledger.location import parse

FOLDER = Path("/etc/ippgate")


@pytest.mark.parametrize(
    ("line", "file"),
    [
        ("sqlite:///var/lib/ippgate/ledger.db", "/var/lib/ippgate/ledger.db"),
        ("sqlite:////var/lib/ippgate/ledger.db", "/var/lib/ippgate/ledger.db"),
        ("sqlite:ledger.db", "/etc/ippgate/ledger.db"),
        ("sqlite:../ledger.db", "/etc/ippgate/../ledger.db"),
    ],
)
def test_a_file(line: str, file: str) -> None:
    assert parse(line, FOLDER).file == Path(file)


def test_a_server() -> None:
    location = parse("postgresql://ippgate@db.example.org:5433/jobs", FOLDER, "secret")
    assert location.url is not None
    assert location.url.drivername == "postgresql+psycopg"
    assert location.url.password == "secret"
    assert "secret" not in str(location)
    assert str(location) == "PostgreSQL at db.example.org:5433"


def test_off_this_machine_the_server_must_prove_its_name_unless_something_else_is_said() -> None:
    remote = parse("postgresql://ippgate@db.example.org/jobs", FOLDER).url
    assert remote is not None
    assert remote.query == {"sslmode": "verify-full", "sslrootcert": "system"}
    chosen = parse("postgresql://ippgate@db.example.org/jobs?sslmode=require", FOLDER).url
    assert chosen is not None
    assert chosen.query == {"sslmode": "require"}
    for host in ("127.0.0.1", "[::1]", "localhost", ""):
        local = parse(f"postgresql://ippgate@{host}/jobs", FOLDER).url
        assert local is not None
        assert not local.query


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("mysql://db/jobs", "is no ledger: write sqlite:///"),
        ("ledger.db", "is no ledger: write sqlite:///"),
        ("sqlite://host/ledger.db", "names a host"),
        ("sqlite:", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("postgresql://ippgate:secret@db.example.org/jobs", "a password does not belong here"),
        ("postgresql://db.example.org", "no database is named"),
        ("postgresql://db.example.org:port/jobs", "is not one"),
    ],
)
def test_mistakes_are_told_without_telling_a_password(line: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        parse(line, FOLDER)
    assert "secret" not in str(refused.value)
