"""Connections to the ledger's database, as threads use them: one transaction a call.

Opens and migrates when it must, drops what broke, and puts every error of the database into words.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ippgate.exchange.ports import LedgerUnavailable
from ippgate.ledger.location import Location
from ippgate.ledger.migrations import NewerLedger, is_migrated, migrate

T = TypeVar("T")

WAIT_SECONDS = 2
"""How long one connection waits: for another's lock, for a server to be reached. Whole seconds."""
STATEMENT_SECONDS = 4
"""How long PostgreSQL works on one statement."""
CONNECTIONS = 8
"""Open at most."""

_WRITES = "ippgate_writes"
_SQLITE_WORDS = {
    "SQLITE_BUSY": "another program holds it locked",
    "SQLITE_LOCKED": "another program holds it locked",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": "it cannot be written: look at its owner and mode, and at its folder's",
    "SQLITE_CANTOPEN": "it cannot be opened: look at its folder, owner and mode",
    "SQLITE_CORRUPT": "it is damaged: restore it, or move it away and a new one is begun",
    "SQLITE_NOTADB": "it is no ledger: restore it, or move it away and a new one is begun",
    "SQLITE_IOERR": "the disk does not read or write it",
    "SQLITE_INTERRUPT": "it did not answer in time",
}


class GivenUp(Exception):
    """Nobody waits for the call any more: nothing of it is kept."""


class Cut:
    """Lets one thread end a call that runs in another."""

    def __init__(self) -> None:
        self.given_up = False
        self._running: Connection | None = None
        self._lock = threading.Lock()

    def cut(self) -> None:
        """Ends the call soon; it is rolled back unless it was committed already."""
        with self._lock:
            self.given_up = True
            if self._running is not None:
                raw: object = self._running.connection.dbapi_connection
                if isinstance(raw, sqlite3.Connection):
                    raw.interrupt()

    def runs(self, connection: Connection | None) -> None:
        """Called by the thread that runs it. Raises GivenUp when nobody waits any more."""
        with self._lock:
            if self.given_up:
                raise GivenUp
            self._running = connection

    def over(self) -> None:
        with self._lock:
            self._running = None


class Connections:
    """All connections to one database. May be used by several threads at once."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._file: tuple[int, int] | None = None

    def run(self, work: Callable[[Connection], T], *, writes: bool, cut: Cut | None = None) -> T:
        """What ``work`` returns, in a transaction that is committed then. Blocks.

        Raises LedgerUnavailable in words; GivenUp when ``cut`` was called first. Two that write
        the same at once: one does it again.
        """
        cut = cut if cut is not None else Cut()
        try:
            try:
                return self._run(work, writes, cut)
            except IntegrityError:
                return self._run(work, writes, cut)
        except DBAPIError as error:
            self.drop()
            if cut.given_up:
                raise GivenUp from None
            raise LedgerUnavailable(f"{self.location}: {_words(error)}") from None
        except PoolTimeout:
            words = f"all {CONNECTIONS} connections are busy"
            raise LedgerUnavailable(f"{self.location}: {words}") from None
        except (OSError, NewerLedger) as error:
            words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise LedgerUnavailable(f"{self.location}: {words}") from None

    def drop(self) -> None:
        """Closes all connections; the next call opens new ones, and looks at the tables."""
        with self._lock:
            engine, self._engine = self._engine, None
        if engine is not None:
            engine.dispose()

    close = drop

    # --- in a thread ------------------------------------------------------------------------------

    def _run(self, work: Callable[[Connection], T], writes: bool, cut: Cut) -> T:
        with self._open().connect() as connection:
            connection.execution_options(**{_WRITES: writes})
            cut.runs(connection)
            try:
                with connection.begin():
                    result = work(connection)
                    cut.runs(connection)
                return result
            finally:
                cut.over()

    def _open(self) -> Engine:
        with self._lock:
            if self._engine is not None and self._in_place():
                return self._engine
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None
            engine = self._create()
            try:
                if not _is_ready(engine):
                    with engine.connect() as connection:
                        connection.execution_options(**{_WRITES: True})
                        with connection.begin():
                            migrate(connection)
            except BaseException:
                engine.dispose()
                raise
            self._file = _identity(self.location.file)
            self._engine = engine
            return engine

    def _in_place(self) -> bool:
        """Whether the file is still the one that is open: one that was moved away keeps nothing."""
        return self.location.file is None or _identity(self.location.file) == self._file

    def _create(self) -> Engine:
        file, url = self.location.file, self.location.url
        pool: dict[str, Any] = {
            "pool_size": CONNECTIONS,
            "max_overflow": 0,
            "pool_timeout": WAIT_SECONDS,
        }
        if file is None:
            assert url is not None, "a location is one of the two"
            options = (
                f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={WAIT_SECONDS}s "
                f"-c idle_in_transaction_session_timeout={2 * STATEMENT_SECONDS}s"
            )
            return create_engine(
                url,
                pool_pre_ping=True,
                connect_args={
                    "connect_timeout": WAIT_SECONDS,
                    "tcp_user_timeout": STATEMENT_SECONDS * 1000,
                    "application_name": "ippgate",
                    "options": options,
                },
                **pool,
            )
        # Nobody else reads who printed what; the write-ahead log gets the same mode.
        os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": WAIT_SECONDS}, **pool)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine


def _is_ready(engine: Engine) -> bool:
    """Whether the tables are there: then nothing is written only to open it."""
    with engine.connect() as connection, connection.begin():
        return is_migrated(connection)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # Transactions begin where _begin_sqlite says so, not where sqlite3 guesses.
    connection.isolation_level = None
    for words in (
        "PRAGMA journal_mode=WAL",
        # Each commit is on the disk: an owner who was told that it is printed stays its owner.
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
        "PRAGMA journal_size_limit=16777216",
    ):
        connection.execute(words)


def _begin_sqlite(connection: Connection) -> None:
    """One writer at a time, from the beginning: none finds the lock taken half way."""
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _identity(file: Path | None) -> tuple[int, int] | None:
    if file is not None:
        with suppress(FileNotFoundError):
            status = os.stat(file)
            return status.st_dev, status.st_ino
    return None


def _words(error: DBAPIError) -> str:
    """What is wrong, for people; the database's own words where there are none of ours."""
    original = error.orig
    if isinstance(original, sqlite3.Error):
        # The name is that of the extended code: SQLITE_IOERR_WRITE.
        name = getattr(original, "sqlite_errorname", "")
        words = _SQLITE_WORDS.get("_".join(name.split("_")[:2]))
        return words or str(original)
    lines = str(original).strip().splitlines() or [type(original).__name__]
    return lines[0]
