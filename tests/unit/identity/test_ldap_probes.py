"""Probes: soon again where a server failed, now and then where it answers, one at a time."""

from __future__ import annotations

from typing import cast

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from ippgate.identity.availability import Availability
from ippgate.identity.ldap_probes import Probes
from ippgate.identity.ldap_server import LdapServer
from ippgate.reactor import Reactor

ONE = LdapServer("one", 636, True)
TWO = LdapServer("two", 636, True)


class Stage:
    def __init__(self) -> None:
        self.clock = Clock()
        self.availability = Availability([ONE, TWO], self.clock.seconds)
        self.asked: list[tuple[float, str]] = []
        self.down: set[str] = set()
        self.hung: list[Deferred[str | None]] | None = None
        self.reported: list[tuple[str, bool]] = []
        self.probes = Probes(
            [ONE, TWO], self.availability, self.probe, self.report, cast(Reactor, self.clock)
        )

    async def probe(self, server: LdapServer) -> str | None:
        self.asked.append((self.clock.seconds(), server.host))
        if self.hung is not None:
            self.hung.append(Deferred())
            return await self.hung[-1]
        return "refused" if server.host in self.down else None

    def report(self, server: LdapServer, why: str | None) -> None:
        self.reported.append((server.host, why is None))

    def times(self, host: str, until: float) -> list[float]:
        self.clock.advance(0)
        while self.clock.seconds() < until:
            self.clock.advance(0.5)
        return [at for at, asked in self.asked if asked == host]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_servers_that_answer_are_asked_now_and_then(stage: Stage) -> None:
    stage.probes.start()

    assert stage.times("one", 65) == stage.times("two", 65) == [0.0, 30.0, 60.0]
    assert set(stage.reported) == {("one", True), ("two", True)}


def test_a_server_that_failed_is_asked_every_second_until_it_answers(stage: Stage) -> None:
    stage.down = {"one"}
    stage.probes.start()
    assert stage.times("one", 4) == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert stage.availability.to_ask() == [TWO]
    assert stage.reported[-1] == ("one", False)

    stage.down.clear()
    assert stage.times("one", 20)[5:] == [5.0]
    assert stage.availability.is_up(ONE.label)


def test_a_question_that_failed_brings_the_next_probe_forward(stage: Stage) -> None:
    stage.probes.start()
    stage.times("one", 10)
    stage.availability.failed(TWO.label, "refused")
    for _ in range(5):
        stage.probes.failed(TWO.label)

    assert stage.times("two", 30) == [0.0, 11.0]
    assert stage.availability.is_up(TWO.label)


def test_without_a_start_failures_alone_begin_probes(stage: Stage) -> None:
    assert stage.times("one", 100) == []
    stage.probes.failed(ONE.label)
    assert stage.times("one", 105) == [101.0]


def test_one_probe_at_a_time(stage: Stage) -> None:
    stage.hung = []
    stage.probes.start()
    stage.times("one", 1)
    stage.probes.failed(ONE.label)

    assert stage.times("one", 100) == [0.0]
    for waiting in stage.hung:
        waiting.callback("too late")
    stage.hung = None
    assert stage.times("one", 100.5) == [0.0]
    assert stage.times("one", 102)[:2] == [0.0, 101.0]


def test_none_begins_after_the_end(stage: Stage) -> None:
    stage.hung = []
    stage.probes.start()
    stage.times("one", 1)
    stage.probes.stop()
    for waiting in stage.hung:
        waiting.callback(None)
    stage.probes.failed(ONE.label)

    assert stage.clock.getDelayedCalls() == []
    assert stage.reported == []
