"""One question to a directory, row by row of the table in the module; real servers are asked in
tests/integration."""

from __future__ import annotations

import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ippgate.exchange.ports import CredentialsRefused, DirectoryUnavailable
from ippgate.identity import ldap_question
from ippgate.identity.kept_connections import KeptConnections
from ippgate.identity.ldap_connection import Journal, Unanswerable, Unreachable
from ippgate.identity.ldap_entry import Entry
from ippgate.identity.ldap_features import Features
from ippgate.identity.ldap_question import Question
from ippgate.identity.ldap_server import LdapServer
from ippgate.identity.settings import GroupSearch, LdapSettings, UserSearch
from ippgate.policy.facts import Principal

DC1, DC2 = LdapServer("dc1.example.org", 636, True), LdapServer("dc2.example.org", 636, True)
SERVICE = "cn=ippgate,dc=example,dc=org"
ALICE = "uid=alice,ou=people,dc=example,dc=org"
SETTINGS = LdapSettings(
    servers=(),
    users=UserSearch("ou=people,dc=example,dc=org", "(uid={username})"),
    bind_dn=SERVICE,
    bind_password="service-secret",
)
INVALID_CREDENTIALS, BUSY = 49, 51


def entry(name: str = "alice") -> Entry:
    attributes = {
        "uid": [name.encode()],
        "entryuuid": [f"id-{name}".encode()],
        "memberof": [b"cn=staff,ou=groups,dc=example,dc=org"],
    }
    return Entry(f"uid={name},ou=people,dc=example,dc=org", attributes)


@dataclass
class Directory:
    """What stands behind every connection, and what the servers heard, in order."""

    people: dict[str, list[Entry]] = field(default_factory=lambda: {"alice": [entry()]})
    passwords: dict[str, str] = field(
        default_factory=lambda: {SERVICE: "service-secret", ALICE: "right"}
    )
    who: str | None = f"dn:{ALICE}"
    bind_result: tuple[int, str] = (INVALID_CREDENTIALS, "invalidCredentials")
    down: set[str] = field(default_factory=set)
    fails: dict[str, Exception] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    open: list[FakeConnection] = field(default_factory=list)


class FakeConnection:
    """A DirectoryConnection without a network."""

    directory: Directory

    def __init__(
        self, server: LdapServer, context: ssl.SSLContext, *, start_tls: bool, journal: Journal
    ) -> None:
        self.server = server
        self.used_at = 0.0
        self.bound: str | None = None
        self.features = Features()
        self.note("connect")
        if server.host in self.directory.down:
            raise Unreachable(f"{server}: connection refused")
        self.directory.open.append(self)

    def note(self, call: str) -> None:
        self.directory.calls.append(f"{self.server.host.partition('.')[0]} {call}")
        if call in self.directory.fails:
            raise self.directory.fails.pop(call)

    def bind(self, dn: str, password: str, call: str) -> tuple[int, str]:
        self.note(call)
        if self.directory.passwords.get(dn) != password:
            return self.directory.bind_result
        self.bound = dn
        return 0, ""

    def who_am_i(self) -> str | None:
        return self.directory.who

    def search(
        self, base: str, filter_: str, attributes: Sequence[str], limit: int, call: str
    ) -> list[Entry]:
        self.note(f"{call} as {self.bound}" if call == "groups" else call)
        if call == "groups":
            return [Entry("cn=lab", {"cn": [b"lab"]})]
        return self.directory.people.get(filter_[len("(uid=") : -1], [])

    def read(self, dn: str, attributes: Sequence[str], call: str) -> Entry:
        self.note(f"{call} as {self.bound}")
        return entry()

    def read_features(self) -> None:
        self.features = Features()

    def enter(self, journal: Journal) -> None: ...
    def leave(self) -> None: ...

    def close(self) -> None:
        if self in self.directory.open:
            self.directory.open.remove(self)


class Desk:
    """Asks; ``kept`` outlives a question."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.kept = KeptConnections(2)
        self.question: Question

    def ask(
        self,
        username: str = "alice",
        password: str = "right",
        *,
        settings: LdapSettings = SETTINGS,
        servers: Sequence[LdapServer] = (DC1, DC2),
        seconds: float = 60.0,
    ) -> Principal | None:
        journal = Journal(until=time.monotonic() + seconds, step_seconds=1.5)
        context = ssl.create_default_context()
        self.directory.calls.clear()
        self.question = Question(settings, servers, context, self.kept, journal)
        return self.question.prove(username, password)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    directory = Directory()
    connection: Any = type("Connection", (FakeConnection,), {"directory": directory})
    monkeypatch.setattr(ldap_question, "DirectoryConnection", connection)
    return Desk(directory)


def refused(desk: Desk, username: str = "alice", password: str = "right", **how: Any) -> str:
    with pytest.raises(CredentialsRefused) as caught:
        desk.ask(username, password, **how)
    assert caught.value.claimed == username
    assert desk.question.answered
    return str(caught.value)


def unavailable(desk: Desk, **how: Any) -> str:
    with pytest.raises(DirectoryUnavailable) as caught:
        desk.ask(**how)
    return str(caught.value)


# --- who it is ------------------------------------------------------------------------------------


def test_a_person_by_the_directorys_own_name_id_and_groups(desk: Desk) -> None:
    desk.directory.people["ALICE"] = [entry()]
    person = desk.ask("ALICE")
    assert person is not None
    assert (person.name, person.id) == ("alice", "id-alice")
    assert person.groups == {"staff"}
    assert desk.question.answered
    assert desk.directory.calls == [
        "dc1 connect",
        "dc1 bind-service",
        "dc1 search",
        "dc1 connect",
        "dc1 bind",
    ]


def test_groups_are_searched_for_as_the_service_account(desk: Desk) -> None:
    groups = GroupSearch("ou=groups,dc=example,dc=org", "(member={dn})")
    person = desk.ask(settings=replace(SETTINGS, groups=groups))
    assert person is not None
    assert person.groups == {"lab"}
    assert desk.directory.calls[-1] == f"dc1 groups as {SERVICE}"


def test_without_a_service_account_groups_are_read_as_the_person(desk: Desk) -> None:
    anonymous = replace(SETTINGS, bind_dn=None, bind_password="")
    person = desk.ask(settings=anonymous)
    assert person is not None
    assert person.groups == {"staff"}
    assert desk.directory.calls[-1] == f"dc1 groups as {ALICE}"
    assert "dc1 bind-service" not in desk.directory.calls


# --- who it is not --------------------------------------------------------------------------------


def test_a_name_that_nobody_has_takes_as_many_steps_as_a_wrong_password(desk: Desk) -> None:
    assert desk.ask("nobody", "wrong") is None
    steps = list(desk.directory.calls)
    desk.kept.close()
    desk.kept = KeptConnections(2)
    refused(desk, "alice", "wrong")
    assert desk.directory.calls == steps


def test_a_name_that_two_have_is_nobodys(desk: Desk) -> None:
    desk.directory.people["alice"] = [entry(), entry("alice2")]
    assert "matches several entries" in refused(desk)
    assert "dc1 bind" not in desk.directory.calls


def test_a_wrong_password_is_final_and_no_other_server_is_asked(desk: Desk) -> None:
    assert refused(desk, password="wrong")
    assert not [call for call in desk.directory.calls if call.startswith("dc2")]


@pytest.mark.parametrize("who", ["", "dn:"])
def test_a_bind_that_proves_nobody_proves_nothing(who: str, desk: Desk) -> None:
    desk.directory.who = who
    assert "anonymous" in refused(desk)


def test_a_directory_that_does_not_offer_whoami_is_believed(desk: Desk) -> None:
    desk.directory.who = None
    assert desk.ask() is not None


@pytest.mark.parametrize(
    "unfit",
    [
        {"uid": [b"alice", b"root"]},
        {"uid": []},
        {"uid": [b"\xff"]},
        {"entryuuid": []},
        {"entryuuid": [b"1", b"2"]},
        {"memberof": [b"no dn"]},
    ],
    ids=["other uid", "no uid", "no text", "no id", "two ids", "no group's dn"],
)
def test_an_entry_that_cannot_stand_for_a_person_is_refused(
    unfit: dict[str, list[bytes]], desk: Desk
) -> None:
    attributes = {**entry().attributes, **unfit}
    desk.directory.people["alice"] = [Entry("cn=x,dc=example,dc=org", attributes)]
    desk.directory.passwords["cn=x,dc=example,dc=org"] = "right"
    assert "cn=x" in refused(desk) or "no dn" in refused(desk)


# --- servers --------------------------------------------------------------------------------------


def test_a_server_that_cannot_be_reached_is_passed_over(desk: Desk) -> None:
    desk.directory.down = {DC1.host}
    assert desk.ask() is not None
    assert desk.question.asking == DC2
    assert list(desk.question.failed) == [DC1.label]


def test_when_none_can_be_reached_all_are_named(desk: Desk) -> None:
    desk.directory.down = {DC1.host, DC2.host}
    words = unavailable(desk)
    assert DC1.host in words
    assert DC2.host in words
    assert not desk.question.answered


def test_a_server_that_answers_otherwise_is_not_asked_around(desk: Desk) -> None:
    desk.directory.bind_result = (BUSY, "busy")
    assert "the bind failed with 51 busy" in unavailable(desk, password="wrong")
    assert not [call for call in desk.directory.calls if call.startswith("dc2")]
    desk.directory.fails = {"search": Unanswerable("it refers to another server")}
    assert "refers to another server" in unavailable(desk)


def test_a_service_account_that_is_refused_is_named_and_not_its_password(desk: Desk) -> None:
    desk.directory.passwords[SERVICE] = "changed"
    words = unavailable(desk)
    assert f"refuses the account {SERVICE}" in words
    assert "service-secret" not in words
    assert desk.directory.open == []


def test_without_time_nobody_is_asked(desk: Desk) -> None:
    assert unavailable(desk, seconds=-1) == "no server was asked in time"
    assert desk.directory.calls == []


# --- connections ----------------------------------------------------------------------------------


def test_the_service_accounts_connection_is_kept_and_the_persons_never(desk: Desk) -> None:
    desk.ask()
    (kept,) = desk.directory.open
    assert kept.bound == SERVICE
    desk.ask()
    assert desk.directory.calls == ["dc1 search", "dc1 connect", "dc1 bind"]
    refused(desk, password="wrong")
    assert desk.directory.open == [kept]


def test_one_that_the_server_closed_meanwhile_is_opened_anew(desk: Desk) -> None:
    desk.ask()
    desk.directory.fails = {"search": Unreachable("it closed the connection")}
    assert desk.ask() is not None
    assert desk.directory.calls[:4] == [
        "dc1 search",
        "dc1 connect",
        "dc1 bind-service",
        "dc1 search",
    ]
    assert desk.question.failed == {}


def test_after_an_error_nothing_that_may_be_broken_is_kept(desk: Desk) -> None:
    desk.directory.fails = {"bind": Unreachable("timed out")}
    assert desk.ask() is not None, "the next server answers"
    assert [connection.server for connection in desk.directory.open] == [DC2]
