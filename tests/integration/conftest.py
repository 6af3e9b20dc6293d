"""Peers that several modules share: started once, on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ippgate.demo import pdf
from ippgate.demo.slapd import Slapd
from ippgate.ledger.connections import Connections
from tests.support.cups import bus
from tests.support.ledgers import postgres_ledger, sqlite_ledger
from tests.support.peers import require
from tests.support.postgres import Postgres, postgres


@pytest.fixture
def message_bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which ippeveprinter finds its Avahi. One test at a time has it."""
    with bus(tmp_path_factory.mktemp("bus")) as environment:
        yield environment


@pytest.fixture(scope="module")
def shared_bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The same for all tests of a module, which other modules wait for."""
    with bus(tmp_path_factory.mktemp("bus")) as environment:
        yield environment


@pytest.fixture(scope="session")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small PDF."""
    file = tmp_path_factory.mktemp("document") / "document.pdf"
    file.write_bytes(pdf.page(["A page that goes through the gate."]))
    return file


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """OpenLDAP with alice (staff) and bob (visitors)."""
    require("slapd")
    directory = Slapd(tmp_path_factory.mktemp("slapd"))
    directory.start()
    yield directory
    directory.stop()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgres]:
    """A PostgreSQL server, started once for the tests of one process."""
    with postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Connections]:
    """An empty ledger, in each database."""
    if request.param == "sqlite":
        connections = sqlite_ledger(tmp_path)
    else:
        connections = postgres_ledger(request.getfixturevalue("postgresql"))
    yield connections
    connections.close()
