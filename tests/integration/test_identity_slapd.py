"""Who is asking, with a real OpenLDAP: members of groups; wrong, empty and changed passwords;
aliases; injection; equal and many questions at once."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, ClassVar, cast

import pytest
from ldap3 import ANONYMOUS
from twisted.internet.threads import deferToThread

from ippgate.clock import SystemClock
from ippgate.demo.slapd_files import GROUPS, PEOPLE
from ippgate.exchange.ports import CredentialsRefused, DirectoryUnavailable
from ippgate.identity.ldap_connection import DirectoryConnection
from ippgate.identity.lockout import Lockout
from ippgate.identity.settings import GroupSearch, UserSearch
from ippgate.identity.tallies import MemoryTallies, Window
from ippgate.policy.facts import Principal
from tests.support.exchange_fakes import PEER
from tests.support.slapd import ALICE, BOB, SlapdCase, basic, ended

MORE = f"""
dn: uid=twin,{PEOPLE}
objectClass: inetOrgPerson
uid: twin
cn: Twin
sn: Twin
mail: alice
userPassword: alice-printing

dn: uid=unnamed,{PEOPLE}
objectClass: inetOrgPerson
uid: unnamed
uid: alice2
uid: alice3
cn: Unnamed
sn: Unnamed
userPassword: secret

dn: cn=Smith\\, \\"J\\" (x*)\\\\+uid=smith,{PEOPLE}
objectClass: inetOrgPerson
uid: smith
cn: Smith, "J" (x*)\\
sn: Smith
userPassword: secret

dn: uid=søren,{PEOPLE}
objectClass: inetOrgPerson
uid: søren
cn: Soren
sn: Soren
userPassword: secret

dn: cn=Odd\\, (very*),{GROUPS}
objectClass: groupOfNames
cn: Odd, (very*)
member: cn=Smith\\, \\"J\\" (x*)\\\\+uid=smith,{PEOPLE}

dn: cn=everybody,{GROUPS}
objectClass: groupOfNames
cn: everybody
member: cn=staff,{GROUPS}
member: cn=circle,{GROUPS}

dn: cn=circle,{GROUPS}
objectClass: groupOfNames
cn: circle
member: cn=everybody,{GROUPS}
"""


class People(SlapdCase):
    options: ClassVar[dict[str, Any]] = {"more": MORE}

    async def test_people_have_the_directorys_name_id_and_groups(self) -> None:
        for member_of in (False, True):
            directory = self.directory(self.slapd.settings(member_of=member_of))
            alice = await directory.verify(*ALICE)
            bob = await directory.verify(*BOB)

            assert alice is not None
            assert bob is not None
            assert (alice.name, alice.method, alice.groups) == (
                "alice",
                "basic",
                frozenset({"staff"}),
            )
            assert (bob.name, bob.method, bob.groups) == ("bob", "basic", frozenset({"visitors"}))
            assert len(alice.id) == len(bob.id) == 36
            assert alice.id != bob.id

    async def test_the_same_by_start_tls(self) -> None:
        settings = replace(self.slapd.settings(self.slapd.ldap_uri), start_tls=True)

        alice = await self.directory(settings).verify(*ALICE)
        assert alice is not None
        assert alice.groups == {"staff"}

    async def test_the_certificate_may_carry_the_name_or_the_address(self) -> None:
        by_name = f"ldaps://localhost:{self.slapd.ldaps_port}"

        assert await self.directory(self.slapd.settings(by_name)).verify(*ALICE) is not None

    async def test_groups_of_groups_count_when_they_should(self) -> None:
        groups = GroupSearch(GROUPS, "(member={dn})", nested=True)
        alice = await self.directory(replace(self.slapd.settings(), groups=groups)).verify(*ALICE)

        assert alice is not None
        assert alice.groups == {"staff", "everybody", "circle"}

    async def test_wrong_passwords_are_refused(self) -> None:
        directory = self.directory()
        for wrong in (
            "alice-printin",
            "alice-printing ",
            "Alice-printing",
            "\u00ad",
            "bob-visiting",
        ):
            with pytest.raises(CredentialsRefused, match="wrong password") as caught:
                await directory.verify("alice", wrong)
            assert caught.value.claimed == "alice"

    async def test_an_unknown_name_takes_the_steps_of_a_wrong_password(self) -> None:
        directory = self.directory()
        await directory.verify(*ALICE)
        self.meter.take_calls()

        assert await directory.verify("nobody", "wrong") is None
        unknown = self.meter.take_calls()
        with pytest.raises(CredentialsRefused):
            await directory.verify("alice", "wrong")
        assert self.meter.take_calls() == unknown == ["search", "connect", "bind"]

    async def test_a_name_that_two_entries_have_is_nobodys(self) -> None:
        users = UserSearch(PEOPLE, "(|(uid={username})(mail={username}))")
        directory = self.directory(replace(self.slapd.settings(), users=users))

        with pytest.raises(CredentialsRefused, match="matches several entries"):
            await directory.verify(*ALICE)
        everybody = UserSearch(PEOPLE, "(|(uid={username})(objectClass=*))")
        with pytest.raises(CredentialsRefused, match="matches several entries"):
            await self.directory(replace(self.slapd.settings(), users=everybody)).verify(*ALICE)
        assert "bind" not in self.meter.take_calls()

    async def test_of_several_names_the_one_in_the_dn_counts(self) -> None:
        for typed in ("unnamed", "alice2", "ALICE3"):
            person = await self.directory().verify(typed, "secret")
            assert person is not None
            assert person.name == "unnamed"

    async def test_names_that_need_escaping_everywhere(self) -> None:
        smith = await self.directory().verify("smith", "secret")
        assert smith is not None
        assert (smith.name, smith.groups) == ("smith", frozenset({"Odd, (very*)"}))

        users = UserSearch(PEOPLE, "(cn={username})", name="cn")
        by_cn = self.directory(replace(self.slapd.settings(), users=users))
        assert await by_cn.verify('smith, "j" (X*)\\', "secret") == replace(
            smith, name='Smith, "J" (x*)\\'
        )

    async def test_names_beyond_ascii(self) -> None:
        for typed in ("søren", "SØREN"):
            person = await self.directory().verify(typed, "secret")
            assert person is not None
            assert person.name == "søren"

    async def test_an_entry_whose_id_cannot_be_read_is_nobody(self) -> None:
        users = UserSearch(PEOPLE, "(uid={username})", id="objectGUID")

        with pytest.raises(CredentialsRefused, match="has no single objectGUID"):
            await self.directory(replace(self.slapd.settings(), users=users)).verify(*ALICE)

    async def test_aliases_are_one_person_or_refused(self) -> None:
        identifier = self.identifier()
        alice = await identifier.identify(basic(*ALICE), PEER)
        for alias in ("ALICE", "Alice", "aLiCe"):
            assert await identifier.identify(basic(alias, ALICE[1]), PEER) == alice
        for alias in (
            *(" alice", "alice ", "\talice", "alice\n", "\u00a0alice", "alice\u00a0"),
            *("\uff41lice", "al\u00adice", "alice\u200b", "alice\0", "EXAMPLE\\alice"),
            *("alice@EXAMPLE.ORG", "uid=alice", f"uid=alice,{PEOPLE}"),
        ):
            with pytest.raises(CredentialsRefused):
                await identifier.identify(basic(alias, ALICE[1]), PEER)

    async def test_injection_finds_nobody(self) -> None:
        identifier = self.identifier()
        for name in (
            *("*", "a*", "al*ce", ")(", "*)(uid=*", "*)(uid=*))(|(uid=*", "alice)(uid=alice"),
            *("alice)(|(uid=*", "x)(objectClass=*", "alice)(&)", "\\61lice", "\\2a", "\\", "\\00"),
            *(
                "(uid=alice)",
                "alice*",
                "&",
                "|",
                "!alice",
                ">=a",
                "~=alice",
                ":=alice",
                "dn:=alice",
            ),
            *("{username}", "{dn}", "%61lice", "${alice}", "a" * 255, "a" * 300, "\u0430lice"),
            *("\u2217", "\U0001d41alice", "alice\x00)(uid=*", "\ud7ff", "\ufb01", "名" * 85),
        ):
            with pytest.raises(CredentialsRefused):
                await identifier.identify(basic(name, ALICE[1]), PEER)
        assert "whoami" not in self.meter.take_calls()

    async def test_any_password_reaches_the_directory_as_it_was_typed(self) -> None:
        directory = self.directory()
        for password in ("pässwörd ☃", " ", "a" * 1000, "\u00adsoft\u00ad", "\u00a0", '"\\,=+;#'):
            await deferToThread(self.slapd.set_password, "bob", password)
            assert await directory.verify("bob", password) is not None
        with pytest.raises(CredentialsRefused):
            await directory.verify("bob", '"\\,=+;# ')
        await deferToThread(self.slapd.set_password, *BOB)

    async def test_a_changed_password_counts_within_the_time_of_the_cache(self) -> None:
        cached, uncached = self.identifier(ttl=0.6), self.identifier(ttl=0, negative_ttl=0)
        for identifier in (cached, uncached):
            await identifier.identify(basic(*ALICE), PEER)

        await deferToThread(self.slapd.set_password, "alice", "changed")
        try:
            with pytest.raises(CredentialsRefused):
                await uncached.identify(basic(*ALICE), PEER)
            for identifier in (cached, uncached):
                assert (await identifier.identify(basic("alice", "changed"), PEER)).name == "alice"
            await deferToThread(time.sleep, 0.7)
            with pytest.raises(CredentialsRefused):
                await cached.identify(basic(*ALICE), PEER)
        finally:
            await deferToThread(self.slapd.set_password, *ALICE)

    async def test_a_stale_password_tried_a_thousand_times_binds_once(self) -> None:
        identifier = self.identifier()
        for _ in range(1000):
            with pytest.raises(CredentialsRefused):
                await identifier.identify(basic("alice", "stale"), PEER)

        assert self.meter.take_calls().count("bind") == 1

    async def test_a_thousand_guesses_at_once_bind_a_few_times(self) -> None:
        lockout = Lockout(5, MemoryTallies(Window(120, 300)), SystemClock())
        identifier = self.identifier(lockout=lockout)
        guesses = [identifier.identify(basic("alice", f"no-{n}"), PEER) for n in range(1000)]
        results = await ended(guesses)

        assert {type(result) for result in results} == {CredentialsRefused}
        assert self.meter.take_calls().count("bind") == 5

    async def test_equal_sign_ins_at_once_bind_once(self) -> None:
        identifier = self.identifier()
        people = await ended([identifier.identify(basic(*ALICE), PEER) for _ in range(50)])

        assert {cast(Principal, person).name for person in people} == {"alice"}
        assert self.meter.take_calls().count("bind") == 1

    async def test_many_people_at_once_are_served(self) -> None:
        identifier = self.identifier(ttl=0, negative_ttl=0)
        attempts = [basic(*ALICE), basic(*BOB), *(basic("alice", f"no-{n}") for n in range(58))]
        results = await ended([identifier.identify(attempt, PEER) for attempt in attempts])

        names = [cast(Principal, person).name for person in results[:2]]
        assert names == ["alice", "bob"]
        assert {str(result) for result in results[2:]} == {"wrong password"}

    async def test_a_refused_service_account_says_so(self) -> None:
        settings = replace(self.slapd.settings(), bind_password="canary")

        with pytest.raises(DirectoryUnavailable, match="refuses the account cn=ippgate") as caught:
            await self.directory(settings).verify(*ALICE)
        assert "canary" not in str(caught.value)

    async def test_a_base_that_is_not_there_says_so(self) -> None:
        users = UserSearch("ou=gone,dc=example,dc=org", "(uid={username})")

        with pytest.raises(DirectoryUnavailable, match="below ou=gone"):
            await self.directory(replace(self.slapd.settings(), users=users)).verify(*ALICE)


class WithoutServiceAccount(SlapdCase):
    options: ClassVar[dict[str, Any]] = {"anonymous_reads": True}

    async def test_people_are_found_and_groups_read_as_themselves(self) -> None:
        for member_of in (False, True):
            settings = self.slapd.settings(member_of=member_of)
            directory = self.directory(replace(settings, bind_dn=None, bind_password=""))
            for _ in range(2):
                alice = await directory.verify(*ALICE)
                assert alice is not None
                assert alice.groups == {"staff"}
            assert "bind-service" not in self.meter.take_calls()
            with pytest.raises(CredentialsRefused):
                await directory.verify("alice", "wrong")


class AnonymousBinds(SlapdCase):
    """OpenLDAP told to take binds without passwords, as Active Directory does."""

    options: ClassVar[dict[str, Any]] = {"lines": ["allow bind_anon_cred bind_anon_dn"]}

    async def test_no_password_is_no_sign_in(self) -> None:
        identifier = self.identifier()
        for nothing in ("", "\0", "\0\0", "\r", "\x7f"):
            with pytest.raises(CredentialsRefused):
                await identifier.identify(basic("alice", nothing), PEER)
        assert self.meter.take_calls() == []

    async def test_passwords_that_preparation_would_empty_are_wrong(self) -> None:
        identifier = self.identifier()
        for nothing in ("\u00ad", "\u200b", "\ufeff", "\u2060"):
            with pytest.raises(CredentialsRefused, match="wrong password"):
                await identifier.identify(basic("alice", nothing), PEER)

    async def test_a_bind_that_succeeds_as_nobody_is_refused(self) -> None:
        def bind_anonymously(
            connection: DirectoryConnection, dn: str, password: str, call: str
        ) -> tuple[int, str]:
            if call == "bind-service":
                return real(connection, dn, password, call)
            connection._ldap.user = None
            connection._ldap.authentication = ANONYMOUS
            assert connection._ldap.bind(read_server_info=False)
            return 0, ""

        real = DirectoryConnection.bind
        self.patch(DirectoryConnection, "bind", bind_anonymously)  # type: ignore[no-untyped-call]
        with pytest.raises(CredentialsRefused, match="as anonymous"):
            await self.directory().verify(*ALICE)
