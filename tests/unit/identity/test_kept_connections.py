"""Connections of the service account between questions."""

from __future__ import annotations

import time
from typing import cast

import pytest

from ippgate.identity.kept_connections import KEEP_SECONDS, KeptConnections
from ippgate.identity.ldap_connection import DirectoryConnection, Journal
from ippgate.identity.ldap_server import LdapServer

DC1, DC2 = LdapServer("dc1.example.org", 636, True), LdapServer("dc2.example.org", 636, True)
JOURNAL = Journal(until=0.0, step_seconds=1.0)


class FakeConnection:
    """What KeptConnections asks of a DirectoryConnection."""

    def __init__(self, server: LdapServer) -> None:
        self.server = server
        self.used_at = 0.0
        self.closed = False
        self.journal: Journal | None = None

    def enter(self, journal: Journal) -> None:
        assert not self.closed
        self.journal = journal

    def leave(self) -> None:
        self.journal = None

    def close(self) -> None:
        self.closed = True


class Now:
    """The time, as the test sets it."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Now:
    clock = Now()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def given(kept: KeptConnections, *servers: LdapServer) -> list[FakeConnection]:
    made = [FakeConnection(server) for server in servers]
    for connection in made:
        kept.give(cast(DirectoryConnection, connection))
    return made


def taken(kept: KeptConnections, server: LdapServer = DC1) -> object:
    return kept.take(server, JOURNAL)


def test_a_connection_serves_again_the_server_it_leads_to(now: Now) -> None:
    kept = KeptConnections(2)
    first, second = given(kept, DC1, DC2)
    assert taken(kept, DC2) is second
    assert second.journal is JOURNAL
    assert taken(kept, DC2) is None, "nobody else uses it meanwhile"
    assert taken(kept, DC1) is first


def test_the_one_that_was_used_last_is_the_likeliest_to_be_open(now: Now) -> None:
    kept = KeptConnections(2)
    older, newer = given(kept, DC1, DC1)
    assert taken(kept) is newer
    assert taken(kept) is older


def test_one_that_was_silent_for_too_long_is_closed_whatever_is_asked_for(now: Now) -> None:
    kept = KeptConnections(3)
    (old,) = given(kept, DC2)
    now.seconds += KEEP_SECONDS
    (fresh,) = given(kept, DC1)
    now.seconds += 0.1
    assert taken(kept) is fresh
    assert old.closed
    assert not fresh.closed
    assert taken(kept, DC2) is None


def test_use_makes_it_young_again(now: Now) -> None:
    kept = KeptConnections(1)
    (connection,) = given(kept, DC1)
    for _ in range(3):
        now.seconds += KEEP_SECONDS - 1
        assert taken(kept) is connection
        kept.give(cast(DirectoryConnection, connection))


def test_more_than_may_be_kept_are_closed(now: Now) -> None:
    connections = given(KeptConnections(2), DC1, DC1, DC1)
    assert [connection.closed for connection in connections] == [False, False, True]


def test_at_the_end_all_are_closed_and_late_ones_too(now: Now) -> None:
    kept = KeptConnections(2)
    first, second = given(kept, DC1, DC2)
    assert taken(kept, DC1) is first
    kept.close()
    assert second.closed
    kept.give(cast(DirectoryConnection, first))
    assert first.closed
    assert first.journal is None, "its question is not cut with it"
    assert taken(kept, DC1) is None
