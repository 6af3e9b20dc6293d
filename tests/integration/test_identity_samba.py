"""Who is asking, with a real Active Directory domain (Samba's): its forms of names, nested and
large groups, accounts that may not be used."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from twisted.trial.unittest import TestCase

from ippgate.clock import SystemClock
from ippgate.exchange.ports import CredentialsRefused
from ippgate.identity.cache import CredentialCache
from ippgate.identity.identifier import BasicIdentifier
from ippgate.identity.ldap_directory import LdapDirectory
from ippgate.identity.ldap_features import Features
from ippgate.identity.name_forms import NameForms
from ippgate.identity.people import People
from ippgate.identity.settings import LdapSettings
from tests.support.exchange_fakes import PEER
from tests.support.samba import CROWD, PASSWORDS, REALM, Samba, samba
from tests.support.slapd import REACTOR, Meter, basic

NAMES = {
    r"CORP\{username}": "{username}",
    f"{{username}}@{REALM.lower()}": f"{{username}}@{REALM.lower()}",
    r"PC-*\{username}": "{username}",
}
DIRECT = {"staff", "crowd", "Domain Users"}
ALL = DIRECT | {"printing", "house", "everyone"}


class ActiveDirectory(TestCase):
    domain: ClassVar[Samba]
    _folder: ClassVar[Path]
    _running: ClassVar[ExitStack]

    @classmethod
    def setUpClass(cls) -> None:
        cls._folder = Path(tempfile.mkdtemp(prefix="ippgate-samba-"))
        cls._running = ExitStack()
        cls.domain = cls._running.enter_context(samba(cls._folder))

    @classmethod
    def tearDownClass(cls) -> None:
        cls._running.close()
        shutil.rmtree(cls._folder)

    def setUp(self) -> None:
        self.meter = Meter()

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
