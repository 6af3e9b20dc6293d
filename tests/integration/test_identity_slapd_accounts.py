"""OpenLDAP as sites have it: POSIX groups, password policy, accounts that have expired, referrals,
attributes for rules; and how many wrong passwords reach it."""

from __future__ import annotations

import re
import shutil
import socket
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from twisted.internet.threads import deferToThread

from ippgate.clock import SystemClock
from ippgate.demo.slapd_files import BASE, GROUPS, PEOPLE
from ippgate.exchange.ports import CredentialsRefused, DirectoryUnavailable
from ippgate.identity.ldap_directory import LdapDirectory
from ippgate.identity.lockout import Lockout
from ippgate.identity.settings import GroupSearch, UserSearch
from ippgate.identity.shared_tallies import SharedTallies
from ippgate.identity.state_file import StateFile
from ippgate.identity.tallies import Window
from tests.support.exchange_fakes import PEER
from tests.support.slapd import ALICE, BOB, REACTOR, SlapdCase, basic, ended

MOST = 3
"""pwdMaxFailure of the directory's own policy."""


def posix(name: str, number: int, *more: str) -> str:
    lines = "".join(f"{line}\n" for line in more)
    return f"""
dn: uid={name},{PEOPLE}
objectClass: inetOrgPerson
objectClass: posixAccount
objectClass: shadowAccount
uid: {name}
cn: {name}
sn: {name}
uidNumber: {number}
gidNumber: 100
homeDirectory: /home/{name}
userPassword: secret
{lines}"""


MORE = f"""
dn: ou=policies,{BASE}
objectClass: organizationalUnit
ou: policies

dn: cn=default,ou=policies,{BASE}
objectClass: organizationalRole
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: {MOST}
pwdLockoutDuration: 600
{posix("paula", 1001, "mail: paula@example.org", "mail: p@example.org", "departmentNumber: 12")}
{posix("expired", 1002, "shadowExpire: 1")}
{posix("never", 1003, "shadowExpire: -1")}
{posix("guessed", 1004)}
{posix("locked", 1005)}
dn: cn=printing,{GROUPS}
objectClass: posixGroup
cn: printing
gidNumber: 500
memberUid: paula
memberUid: expired
"""


class Accounts(SlapdCase):
    options: ClassVar[dict[str, Any]] = {
        "lines": ["include /etc/ldap/schema/nis.schema", "moduleload ppolicy"],
        "overlays": ["overlay ppolicy", f'ppolicy_default "cn=default,ou=policies,{BASE}"'],
        "log": "stats",
        "more": MORE,
    }

    async def test_posix_groups_are_asked_by_the_canonical_name(self) -> None:
        groups = GroupSearch(GROUPS, "(&(objectClass=posixGroup)(memberUid={username}))")
        paula = await self.directory(replace(self.slapd.settings(), groups=groups)).verify(
            "PAULA", "secret"
        )

        assert paula is not None
        assert (paula.name, paula.groups) == ("paula", frozenset({"printing"}))

    async def test_attributes_that_are_named_come_along(self) -> None:
        names = ("mail", "departmentNumber", "telephoneNumber")
        users = UserSearch(PEOPLE, "(uid={username})", attributes=names)
        settings = replace(self.slapd.settings(), users=users)
        for person in (
            await self.directory(settings).verify("paula", "secret"),
            await self.directory(settings).look_up("paula"),
        ):
            assert person is not None
            assert person.attributes == {
                "mail": ("paula@example.org", "p@example.org"),
                "departmentNumber": ("12",),
            }

    async def test_expired_accounts_are_refused(self) -> None:
        directory = self.directory()
        with pytest.raises(CredentialsRefused, match="shadowExpire"):
            await directory.verify("expired", "secret")
        with pytest.raises(CredentialsRefused, match="shadowExpire"):
            await directory.look_up("expired")
        assert await directory.verify("never", "secret") is not None

    async def test_an_account_that_the_directory_locked_is_told_in_the_trail(self) -> None:
        directory = self.directory()
        for _ in range(MOST):
            with pytest.raises(CredentialsRefused, match="wrong password"):
                await directory.verify("locked", "wrong")

        with pytest.raises(CredentialsRefused, match=r"locked \(pwdAccountLockedTime"):
            await directory.verify("locked", "secret")
        with pytest.raises(CredentialsRefused, match=r"locked \(pwdAccountLockedTime"):
            await directory.look_up("locked")

    async def test_a_thousand_guesses_by_several_workers_do_not_lock_the_account(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="ippgate-state-"))
        self.addCleanup(shutil.rmtree, folder)
        users = UserSearch(PEOPLE, "(|(uid={username})(cn={username}x)(sn={username}))")
        settings = replace(self.slapd.settings(), users=users)
        before = self.binds("guessed")
        for _restart in range(2):
            identifiers = []
            for _worker in range(2):
                state = StateFile(folder)
                self.addCleanup(state.close)
                tallies = SharedTallies(Window(120, 300), state)
                lockout = Lockout(MOST - 1, tallies, SystemClock())
                directory = LdapDirectory(settings, REACTOR, self.meter, lockout.accounts)
                self.addCleanup(directory.stop)
                identifiers.append(self.identifier(directory, lockout=lockout, negative_ttl=0))
            for password in ("stale", *(f"guess {n}" for n in range(9))):
                attempts = [
                    identifier.identify(basic(name, password), PEER)
                    for identifier in identifiers
                    for name in ("guessed", "GUESSED")
                    for _ in range(13)
                ]
                results = await ended(attempts)
                assert {type(result) for result in results} == {CredentialsRefused}

        assert self.binds("guessed") - before == MOST - 1
        # The directory itself has not locked it.
        assert await self.directory().verify("guessed", "secret") is not None

    def binds(self, name: str) -> int:
        """Counted in the server's log."""
        log = (self.slapd.folder / "slapd.log").read_text(errors="replace")
        return len(re.findall(rf'BIND dn="uid={name},{PEOPLE}" method=128', log))


class Referrals(SlapdCase):
    async def test_a_referral_opens_no_connection(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as elsewhere:
            elsewhere.setblocking(False)
            uri = f"ldap://127.0.0.1:{elsewhere.getsockname()[1]}"
            await deferToThread(
                self.slapd.add,
                f"dn: ou=elsewhere,{PEOPLE}\nobjectClass: referral\n"
                f"objectClass: extensibleObject\nou: elsewhere\n"
                f"ref: {uri}/ou=elsewhere,{PEOPLE}\n",
            )
            assert await self.directory().verify(*ALICE) is not None
            users = UserSearch(f"ou=below,ou=elsewhere,{PEOPLE}", "(uid={username})")
            with pytest.raises(DirectoryUnavailable, match="never followed"):
                await self.directory(replace(self.slapd.settings(), users=users)).verify(*BOB)
            with pytest.raises(BlockingIOError):
                elsewhere.accept()
