"""The ledger as the exchange asks it, over a real SQLite file."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar, cast

import pytest
from twisted.internet import reactor as global_reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from ippgate.clock import SystemClock
from ippgate.document.digest import DocumentFacts
from ippgate.exchange.jobs import SeenJob
from ippgate.exchange.ports import Amounts, LedgerUnavailable, OverQuota
from ippgate.ledger.ledger import SqlLedger
from ippgate.ledger.location import Location
from ippgate.policy.quota import Limit, Period, Unit
from ippgate.reactor import Reactor
from tests.support.ledgers import ALICE, BOB, submission

T = TypeVar("T")
PDF = DocumentFacts("application/pdf", "application/pdf", 1000, "0" * 64)


class Meter:
    def __init__(self) -> None:
        self.states: list[bool] = []

    def ledger_writable(self, *, writable: bool) -> None:
        self.states.append(writable)


class Jobs(TestCase):
    def setUp(self) -> Deferred[None]:  # type: ignore[override]
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "ledger.db"
        self.reactor = cast(Reactor, global_reactor)
        self.meter = Meter()
        self.ledger = SqlLedger(Location(file=self.file), self.reactor, SystemClock(), self.meter)
        self.woken: list[str] = []
        self.ledger.changed = self.woken.append
        self.addCleanup(lambda: Deferred.fromCoroutine(self.ledger.stop()))
        return Deferred.fromCoroutine(self.ledger.start())

    async def make(self, job_id: int) -> int:
        key = await self.ledger.begin(submission(ALICE))
        await self.ledger.accepted(key, job_id, None, PDF)
        return key

    async def test_a_job_is_known_after_it_was_accepted(self) -> None:
        await self.make(7)
        job = await self.ledger.job("lab-1", 7)
        assert job is not None
        assert (job.owner_id, job.name) == ("id-alice", "page")
        assert await self.ledger.job("lab-1", 8) is None
        assert self.woken == ["lab-1"]
        assert self.meter.states == [True]
        assert self.ledger.trouble is None

    async def test_a_submission_that_this_gateway_waits_for_is_not_followed(self) -> None:
        key = await self.ledger.begin(submission(ALICE))
        assert await self.ledger.unfinished("lab-1") == []
        self.ledger.unanswered(key)
        assert [job.key for job in await self.ledger.unfinished("lab-1")] == [key]
        found = await self.ledger.mend("lab-1", [SeenJob(3, user_name="alice", name="page")])
        assert found[3].key == key

    async def test_what_was_answered_while_it_cannot_be_written_is_known_and_written_later(
        self,
    ) -> None:
        key = await self.ledger.begin(submission(ALICE))
        lock = sqlite3.connect(self.file, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        await self.ledger.accepted(key, 7, None, PDF)
        job = await self.ledger.job("lab-1", 7)
        assert job is not None
        assert job.owner_id == "id-alice"
        assert "locked" in (self.ledger.trouble or "")
        with pytest.raises(LedgerUnavailable, match="another program holds it locked"):
            await self.ledger.begin(submission(BOB))
        lock.execute("ROLLBACK")
        rows = lock.execute("SELECT job_id FROM jobs").fetchall()
        for _ in range(60):
            rows = lock.execute("SELECT job_id FROM jobs").fetchall()
            if rows == [(7,)]:
                break
            await deferLater(self.reactor, 0.1)
        lock.close()
        assert rows == [(7,)]
        assert self.ledger.trouble is None
        assert self.meter.states == [True, False, True]

    async def test_it_starts_without_its_database_and_finds_it_later(self) -> None:
        folder = self.file.parent / "not-there-yet"
        meter = Meter()
        ledger = SqlLedger(Location(file=folder / "ledger.db"), self.reactor, SystemClock(), meter)
        self.addCleanup(lambda: Deferred.fromCoroutine(ledger.stop()))
        await ledger.start()
        assert "No such file" in (ledger.trouble or "")
        folder.mkdir()
        for _ in range(60):
            if ledger.trouble is None:
                break
            await deferLater(self.reactor, 0.1)
        assert meter.states == [False, True]

    async def test_quotas(self) -> None:
        limits = [Limit(Unit.JOBS, 1, Period.DAY)]
        reservation = await self.ledger.reserve("id-alice", "rule", limits, Amounts())
        with pytest.raises(OverQuota):
            await self.ledger.reserve("id-alice", "rule", limits, Amounts())
        await self.ledger.release(reservation)
        await self.make(7)
        again = await self.ledger.reserve("id-alice", "rule", limits, Amounts())
        await self.ledger.attach(again, "lab-1", 7)
        assert self.ledger.trouble is None, "a person over a quota is no trouble of the ledger"

    async def test_what_takes_less_than_nothing_gives_nothing_back(self) -> None:
        limits = [Limit(Unit.PAGES, 10, Period.DAY)]
        await self.ledger.reserve("id-alice", "rule", limits, Amounts(1, -100, 0))
        await self.ledger.reserve("id-alice", "rule", limits, Amounts(1, 10, 0))
        with pytest.raises(OverQuota):
            await self.ledger.reserve("id-alice", "rule", limits, Amounts(1, 1, 0))

    async def test_old_jobs_are_forgotten(self) -> None:
        await self.make(7)
        assert await self.ledger.purge(keep=-1e9) == 1
        assert await self.ledger.job("lab-1", 7) is None
