"""Who is asking, with a real Active Directory domain (Samba's): forms of names, nested and large
groups, accounts that may not be used; and through the gate, Kerberos tickets."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from twisted.trial.unittest import TestCase

from ippgate.clock import SystemClock
from ippgate.demo import pdf
from ippgate.exchange.ports import CredentialsRefused
from ippgate.identity.cache import CredentialCache
from ippgate.identity.identifier import BasicIdentifier
from ippgate.identity.ldap_directory import LdapDirectory
from ippgate.identity.ldap_features import Features
from ippgate.identity.name_forms import NameForms
from ippgate.identity.people import People
from ippgate.identity.settings import LdapSettings
from ippgate.ipp.enums import Operation
from tests.support.curl import curl
from tests.support.exchange_fakes import PEER, request
from tests.support.gate_process import GateProcess, gate_process
from tests.support.peers import require
from tests.support.samba import CROWD, PASSWORDS, REALM, Samba, samba
from tests.support.slapd import REACTOR, Meter, basic
from tests.support.virtual_printer import virtual_printer

PDF = pdf.page(["Printed with a ticket."])

NAMES = {
    r"CORP\{username}": "{username}",
    f"{{username}}@{REALM.lower()}": f"{{username}}@{REALM.lower()}",
    r"PC-*\{username}": "{username}",
}
DIRECT = {"staff", "crowd", "Domain Users"}
ALL = DIRECT | {"printing", "house", "everyone"}


@pytest.fixture(scope="module")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samba]:
    with samba(tmp_path_factory.mktemp("samba")) as running:
        yield running


class PatientMeter(Meter):
    """Takes calls of any length: how long they may take is tested elsewhere."""

    def directory_called(self, *, server: str, call: str, seconds: float) -> None:
        self.calls.append((server, call))


class ActiveDirectory(TestCase):
    domain: Samba

    @pytest.fixture(autouse=True)
    def _domain(self, domain: Samba) -> None:
        self.domain = domain

    def setUp(self) -> None:
        self.meter = PatientMeter()

    def directory(self, settings: LdapSettings | None = None) -> LdapDirectory:
        settings = settings or self.domain.settings()
        assert settings.mistakes() == []
        directory = LdapDirectory(settings, REACTOR, self.meter)
        self.addCleanup(directory.stop)
        return directory

    async def test_every_form_of_a_name_is_one_person(self) -> None:
        cache = CredentialCache(0, 0, SystemClock())
        people = People([self.directory()], cache)
        identifier = BasicIdentifier("Printing", people, cache, self.meter, names=NameForms(NAMES))
        password = PASSWORDS["alice"]
        found = [
            await identifier.identify(basic(typed, password), PEER)
            for typed in (
                *("alice", "ALICE", r"CORP\alice", r"corp\Alice", r"PC-0815\alice"),
                *("alice@corp.example.org", "Alice@CORP.EXAMPLE.ORG"),
            )
        ]

        assert {person.name for person in found} == {"alice"}
        assert len({person.id for person in found}) == 1
        assert len(found[0].id) == 36
        for typed in (
            *(r"OTHER\alice", "alice@example.org", r"CORP\\alice", r"CORP\alice@corp.example.org"),
            *(" alice", r"CORP\ alice", " alice@corp.example.org", r"\alice", "alice@"),
        ):
            with pytest.raises(CredentialsRefused):
                await identifier.identify(basic(typed, password), PEER)

    async def test_groups_in_groups_and_the_primary_group_count(self) -> None:
        alice = await self.directory().verify("alice", PASSWORDS["alice"])

        assert alice is not None
        assert alice.groups == ALL
        assert self.meter.take_calls().count("groups") == 2

    async def test_direct_groups_alone(self) -> None:
        for settings in (
            self.domain.settings(nested=False),
            self.domain.settings(member_of=True),
        ):
            alice = await self.directory(settings).verify("alice", PASSWORDS["alice"])
            assert alice is not None
            assert alice.groups == DIRECT

    async def test_a_walk_finds_what_the_servers_own_rule_finds(self) -> None:
        nothing = Features()
        self.patch(Features, "of", lambda root: nothing)  # type: ignore[no-untyped-call]
        alice = await self.directory().look_up("alice")

        assert alice is not None
        assert alice.groups == ALL
        # The person's entry, the primary group, and the groups level by level.
        assert self.meter.take_calls().count("groups") == 1 + 4

    async def test_named_attributes_come_along(self) -> None:
        alice = await self.directory().verify("alice", PASSWORDS["alice"])

        assert alice is not None
        assert alice.attributes == {
            "department": ("Dept of alice",),
            "mail": ("alice@example.org",),
        }

    async def test_accounts_that_may_not_be_used_are_refused_and_the_trail_knows_why(self) -> None:
        directory = self.directory()
        for name, reason in (("bob", "disabled"), ("carol", "expired")):
            with pytest.raises(CredentialsRefused, match=reason):
                await directory.verify(name, PASSWORDS[name])
            with pytest.raises(CredentialsRefused, match="wrong password"):
                await directory.verify(name, "wrong")
            with pytest.raises(CredentialsRefused, match=reason):
                await directory.look_up(name)

    async def test_disabled_wrong_and_unknown_take_the_same_steps(self) -> None:
        directory = self.directory()
        await directory.verify("alice", PASSWORDS["alice"])
        self.meter.take_calls()
        steps = []
        for name, password in (("bob", PASSWORDS["bob"]), ("alice", "wrong"), ("nobody", "x")):
            with contextlib.suppress(CredentialsRefused):
                assert await directory.verify(name, password) is None
            steps.append(self.meter.take_calls())

        assert steps == [["search", "connect", "bind"]] * 3

    async def test_members_of_a_large_group_are_found_by_the_person(self) -> None:
        assert CROWD >= 2000
        settings = self.domain.settings(nested=False)
        alice = await self.directory(settings).look_up("alice")
        svc = await self.directory(settings).look_up("svc")

        assert alice is not None
        assert svc is not None
        assert "crowd" in alice.groups
        assert "crowd" not in svc.groups

    async def test_more_groups_than_a_page_are_all_found(self) -> None:
        settings = self.domain.settings()
        groups = replace(settings.groups, filter="(|(member={dn})(cn=c*))")  # type: ignore[type-var]
        with pytest.raises(CredentialsRefused, match="more than 1000 groups"):
            await self.directory(replace(settings, groups=groups)).look_up("alice")


# --- through the gate ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory, domain: Samba) -> Iterator[GateProcess]:
    folder = tmp_path_factory.mktemp("gate")
    settings = domain.settings()
    assert settings.groups is not None
    (folder / "password").write_text(settings.bind_password)
    identity = f"""
  names:
    'CORP\\{{username}}': '{{username}}'
    '{{username}}@{REALM.lower()}': '{{username}}@{REALM.lower()}'
  negotiate: {{keytab: {domain.keytab()}}}
  cache: {{ttl: 0, negative_ttl: 0}}
  ldap:
    servers: [{domain.uri}]
    ca_file: {domain.ca_file}
    bind_dn: {settings.bind_dn}
    bind_password_file: password
    users:
      base: "{settings.users.base}"
      filter: "{settings.users.filter}"
      name: sAMAccountName
      id: objectGUID
      attributes: [department, mail]
    groups: {{base: "{settings.groups.base}", filter: "(member={{dn}})", nested: true}}
""".lstrip("\n")
    rules = """version: 1
rules:
  - name: the house prints
    who: {groups: [house]}
    operations: ["@print"]
    decision: permit
"""
    with (
        virtual_printer(folder) as printer,
        gate_process(folder, {"lab-1": printer.uri}, identity=identity, rules=rules) as process,
    ):
        yield process


def sent(gate: GateProcess, *options: str, environment: dict[str, str] | None = None) -> str:
    uri = f"ipps://localhost:{gate.port}/printers/lab-1"
    message = request(Operation.PRINT_JOB, target=uri, version=(1, 1))
    url = uri.replace("ipps", "https")
    status = ""
    for _ in range(10):
        status = curl(url, message, PDF, gate.ca, *options, environment=environment)
        # The controller may stand still for a moment: then clients try again.
        if status != "server-error-service-unavailable":
            break
        time.sleep(1)
    return status


def test_a_ticket_prints(gate: GateProcess, domain: Samba, tmp_path: Path) -> None:
    require("kinit")
    environment = domain.kerberos(tmp_path, "alice", PASSWORDS["alice"])

    for _ in range(2):
        status = sent(gate, "--negotiate", "--user", ":", environment=environment)
        assert status == "successful-ok", gate.records()[-1]
    user = gate.records()[-1]["user"]
    assert (user["name"], user["method"]) == ("alice", "negotiate")
    # A client that tries what is offered takes the ticket, too.
    assert sent(gate, "--anyauth", "--user", ":", environment=environment) == "successful-ok"
    assert gate.records()[-1]["user"]["method"] == "negotiate"


def test_a_ticket_of_somebody_who_may_not(gate: GateProcess, domain: Samba, tmp_path: Path) -> None:
    environment = domain.kerberos(tmp_path, "svc", PASSWORDS["svc"])

    status = sent(gate, "--negotiate", "--user", ":", environment=environment)
    # No rule lets him use it, so it is not there for him.
    assert status == "client-error-not-found"
    assert gate.records()[-1]["user"]["name"] == "svc"


def test_what_is_no_ticket_is_refused(gate: GateProcess) -> None:
    ntlm = base64.b64encode(b"NTLMSSP\0\1\0\0\0" + bytes(24)).decode()
    for token, reason in (
        ("", "there is no ticket"),
        ("!!", "not base64"),
        (ntlm, "NTLM"),
        (base64.b64encode(b"\x60\x0b\x06\x06\x2b\x06\x01\x05\x05\x02x").decode(), "refused"),
        (base64.b64encode(bytes(2000)).decode(), "refused"),
    ):
        assert sent(gate, "--header", f"Authorization: Negotiate {token}") == "HTTP 401"
        refused = gate.records()[-1]
        assert refused["event"] == "authentication.refused"
        assert reason in refused["result"]["error"]
    assert sent(gate) == "HTTP 401"


def test_passwords_go_on_working(gate: GateProcess) -> None:
    for typed in ("alice", "CORP\\alice", f"alice@{REALM.lower()}"):
        assert sent(gate, "--basic", "--user", f"{typed}:{PASSWORDS['alice']}") == "successful-ok"
    assert sent(gate, "--basic", "--user", f"bob:{PASSWORDS['bob']}") == "HTTP 401"
    assert gate.records()[-1]["result"]["error"] == "the account is disabled"
