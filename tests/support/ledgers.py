"""Ledgers for tests: an empty one in SQLite, and one in a PostgreSQL of the tests' own."""

from __future__ import annotations

import itertools
from pathlib import Path

from ippgate.exchange.ports import Submission
from ippgate.ledger.connections import Connections
from ippgate.ledger.location import parse
from ippgate.policy.facts import Principal
from tests.support.postgres import Postgres

ALICE = Principal("alice", "id-alice", "ldap", frozenset({"staff"}))
BOB = Principal("bob", "id-bob", "ldap", frozenset({"students"}))
NOW = 1_800_000_000.0
_numbers = itertools.count(1)


def sqlite_ledger(folder: Path) -> Connections:
    return Connections(parse(f"sqlite://{folder}/ledger.db", folder))


def postgres_ledger(server: Postgres) -> Connections:
    """A database of its own."""
    return Connections(parse(server.new_database(f"ledger{next(_numbers)}"), Path("/")))


def submission(
    owner: Principal | None = ALICE,
    *,
    printer: str = "lab-1",
    name: str | None = "page",
    at: float = NOW,
    rule: str | None = "staff print",
) -> Submission:
    """A job of somebody's that is about to be made."""
    return Submission(printer, owner, "claimed", "r1", rule, name, at)
