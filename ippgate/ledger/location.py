"""Where the ledger is: one line of the configuration, ``sqlite:///…`` or ``postgresql://…``."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

FILE = "ledger.db"
"""Beside the trail, where the configuration names no ledger."""

_EXAMPLES = "sqlite:///var/lib/ippgate/ledger.db or postgresql://ippgate@db.example.org/ippgate"


@dataclass(frozen=True, slots=True)
class Location:
    """``file``: of SQLite. ``url``: of PostgreSQL, with its password, which is never shown."""

    file: Path | None = None
    url: URL | None = None

    def __str__(self) -> str:
        if self.url is not None:
            at = f":{self.url.port}" if self.url.port else ""
            return f"PostgreSQL at {self.url.host or 'the local socket'}{at}"
        return str(self.file)


def parse(text: str, folder: Path, password: str | None = None) -> Location:
    """The location that a line names; relative files count from ``folder``.

    ``sqlite:///PATH`` is ``/PATH``, as in file:///PATH; a fourth slash, as SQLAlchemy writes it,
    changes nothing; ``sqlite:PATH`` is relative. Raises ValueError in words.
    """
    scheme = text.partition(":")[0].lower()
    if scheme == "sqlite":
        return Location(file=_file(text, folder))
    if scheme in ("postgresql", "postgres"):
        return Location(url=_postgresql(text, password))
    raise ValueError(f'"{text}" is no ledger: write {_EXAMPLES}')


def _file(text: str, folder: Path) -> Path:
    path = text.partition(":")[2]
    if path.startswith("///"):
        path = "/" + path.lstrip("/")
    elif path.startswith("//"):
        raise ValueError(f'"{text}" names a host: a file is sqlite:///PATH, or sqlite:NAME')
    if not path or path.endswith("/") or ":memory:" in path:
        raise ValueError(f'"{text}" names no file: write {_EXAMPLES.partition(" or ")[0]}')
    return (folder / path).absolute()


def _postgresql(text: str, password: str | None) -> URL:
    try:
        url = make_url(text).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        raise ValueError(f"the address of the ledger is not one: write {_EXAMPLES}") from None
    if url.password is not None:
        raise ValueError("a password does not belong here: give password_file, or password_env")
    if not url.database:
        raise ValueError(f"no database is named: write {_EXAMPLES.partition(' or ')[2]}")
    if password is not None:
        url = url.set(password=password)
    query = parse_qs(urlsplit(text).query)
    if "sslmode" not in query and not _local(url.host) and "host" not in query:
        url = url.update_query_dict({"sslmode": "verify-full"})
        if "sslrootcert" not in query:
            url = url.update_query_dict({"sslrootcert": "system"})
    return url


def _local(host: str | None) -> bool:
    """Whether nobody on a network can listen: the local socket, or loopback."""
    if host is None or host.startswith("/") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
