"""What identity remembers across restarts, and shares with other workers: an SQLite file.

Counters of questions about names, and tokens. Nothing in it is a secret by itself: tokens are
hashed, and names are keyed digests, since people type passwords where names belong.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ippgate.exchange.ports import DirectoryUnavailable

NAME = "identity.db"
BUSY_SECONDS = 0.3
"""For another process's transaction, which takes milliseconds."""
VERSION = 1

_SCHEMA = """
create table secret (key blob not null);
create table asked (key blob not null, at real not null);
create index asked_by_key on asked (key, at);
create index asked_by_time on asked (at);
create table token (
    id text primary key,
    digest blob not null unique,
    person text not null,
    person_id text not null,
    printer text,
    issued real not null,
    expires real not null,
    revoked real
) without rowid;
"""


class StateUnusable(DirectoryUnavailable):
    """The state file cannot be read or written: which file, and why."""


class StateFile:
    """The file in ``folder``. Blocking; for any thread: one call at a time.

    Raises StateUnusable, which says what is wrong with the file, here and in every use.
    """

    def __init__(self, folder: Path) -> None:
        """Makes the file when there is none yet."""
        self.path = folder / NAME
        self._lock = threading.Lock()
        with self._translated():
            # Made first, so that nobody else can ever read it.
            self.path.touch(0o600)
            self._database = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        try:
            with self._translated():
                self._database.execute("pragma journal_mode = wal")
                self._database.execute("pragma synchronous = normal")
            with self.transaction() as database:
                self._prepare(database)
                (key,) = database.execute("select key from secret").fetchone()
        except BaseException:
            self._database.close()
            raise
        self._keyed = hmac.new(key, digestmod="sha256")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """What is read and written inside happens in one step, or not at all."""
        with self._translated(), self._lock:
            self._database.execute("begin immediate")
            try:
                yield self._database
            except BaseException:
                self._database.execute("rollback")
                raise
            self._database.execute("commit")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One query, which waits for nobody."""
        with self._translated(), self._lock:
            yield self._database

    def digest(self, text: str) -> bytes:
        """What stands for a text in this file, and in no other."""
        keyed = self._keyed.copy()
        keyed.update(text.encode())
        return keyed.digest()

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _prepare(self, database: sqlite3.Connection) -> None:
        (version,) = database.execute("pragma user_version").fetchone()
        if version > VERSION:
            raise StateUnusable(
                f"{self.path} was written by a later version of ippgate ({version})"
            )
        if version == 0:
            for statement in _SCHEMA.split(";"):
                database.execute(statement)
            key = secrets.token_bytes(hashlib.sha256().digest_size)
            database.execute("insert into secret values (?)", (key,))
            database.execute(f"pragma user_version = {VERSION}")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            words = getattr(error, "strerror", None) or error
            raise StateUnusable(f"{self.path} cannot be used: {words}") from None
