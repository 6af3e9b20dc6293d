"""Who is asking is composed from what was prepared, and stops in good order."""

from __future__ import annotations

import shutil
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from twisted.internet import reactor as global_reactor
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from ippgate.clock import SystemClock
from ippgate.exchange.ports import DirectoryUnavailable
from ippgate.identifying import ThreadAside, make_identity, make_tallies, open_state
from ippgate.identity.shared_tallies import SharedTallies
from ippgate.identity.state_file import StateUnusable
from ippgate.identity.tallies import MemoryTallies
from ippgate.monitor.metrics import Metrics
from ippgate.preparing import Prepared, prepare
from ippgate.reactor import Reactor
from tests.unit.cli.sites import site

REACTOR = cast(Reactor, global_reactor)


def prepared(folder: Path, *, state: bool) -> Prepared:
    return prepare(site(folder, state=state), {}, datetime.now(UTC))


def test_counters_are_where_the_state_is(tmp_path: Path) -> None:
    for name, kind in (("with", SharedTallies), ("without", MemoryTallies)):
        (tmp_path / name).mkdir()
        parts = prepared(tmp_path / name, state=name == "with")
        state = open_state(parts)
        assert (state is None) == (name == "without")
        assert isinstance(make_tallies(parts, state), kind)
        if state is not None:
            state.close()


def test_a_state_file_that_cannot_be_used_is_told_before_anybody_is_served(tmp_path: Path) -> None:
    parts = prepared(tmp_path, state=True)
    (tmp_path / "state" / "identity.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StateUnusable, match=r"identity\.db cannot be used"):
        make_identity(parts, REACTOR, Metrics("test"), SystemClock())


class Composed(TestCase):
    def test_it_stops_once(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="ippgate-identity-"))
        self.addCleanup(shutil.rmtree, folder)
        parts = prepared(folder, state=True)
        before = set(threading.enumerate())
        identity = make_identity(parts, REACTOR, Metrics("test"), SystemClock())
        identity.start()
        identity.stop()
        identity.stop()
        assert set(threading.enumerate()) <= before

    async def test_what_takes_too_long_is_unavailable(self) -> None:
        aside = ThreadAside(REACTOR, "a slow file", 0.05)
        self.addCleanup(aside.stop)
        assert await aside(lambda: 42) == 42

        def wait() -> None:
            threading.Event().wait(0.3)

        with pytest.raises(DirectoryUnavailable, match=r"a slow file: no answer within 0\.05 s"):
            await aside(wait)
        await deferToThread(wait)
