"""Files of accounts, and signing in by them."""

from typing import cast

import pytest
from twisted.internet import reactor as global_reactor
from twisted.trial.unittest import TestCase

from ippgate.config.findings import ConfigurationError
from ippgate.exchange.ports import CredentialsRefused
from ippgate.identity import passwords
from ippgate.identity.user_file import UserSource, hash_password, load
from ippgate.policy.facts import Principal
from ippgate.reactor import Reactor

HASH = hash_password("secret")
FILE = f"""
users:
  - {{name: Alice, password: "{HASH}", groups: [staff, night]}}
  - {{name: bob, password: "{HASH}"}}
"""


class SignIn(TestCase):
    def setUp(self) -> None:
        self.source = UserSource(load(FILE, "users.yaml"), cast(Reactor, global_reactor))
        self.addCleanup(self.source.stop)

    async def test_a_person_has_the_files_name_and_groups(self) -> None:
        alice = Principal("Alice", "file:Alice", "basic", frozenset({"staff", "night"}))

        for typed in ("Alice", "alice", "ALICE"):
            assert await self.source.verify(typed, "secret") == alice
        bob = await self.source.verify("bob", "secret")
        assert bob == Principal("bob", "file:bob")

    async def test_a_wrong_password_is_refused(self) -> None:
        for wrong in ("secre", "secret ", "secrets", "Secret", HASH):
            with pytest.raises(CredentialsRefused) as caught:
                await self.source.verify("alice", wrong)
            assert str(caught.value) == "wrong password"
            assert caught.value.claimed == "alice"

    async def test_an_unknown_name_is_for_the_next_source_whatever_the_password(self) -> None:
        for password in ("secret", "\0" * 32):
            assert await self.source.verify("carol", password) is None

    async def test_an_unknown_name_costs_one_hash_too(self) -> None:
        hashed: list[str] = []
        real = passwords.matches

        def noted(text: str, password: str) -> bool:
            hashed.append(text)
            return real(text, password)

        self.patch(passwords, "matches", noted)  # type: ignore[no-untyped-call]
        await self.source.verify("carol", "secret")
        with pytest.raises(CredentialsRefused):
            await self.source.verify("bob", "wrong")

        unknown, known = (text.split("$")[1:4] for text in hashed)
        assert unknown == known


def test_every_mistake_of_a_file_is_told_with_its_line() -> None:
    text = f"""
users:
  - name: alice
    password: "{HASH}"
  - name: ALICE
    password: secret
  - name: " bob"
    password: "{HASH}"
  - name: "c:d"
    password: "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo"
"""

    with pytest.raises(ConfigurationError) as caught:
        load(text, "users.yaml")

    told = [str(finding) for finding in caught.value.findings]
    assert told == [
        'users.yaml:5: users[1].name: "alice" is there already; case does not tell people apart',
        "users.yaml:6: users[1].password: is not a hash of argon2id or scrypt: "
        "make one with ippgate user hash",
        "users.yaml:7: users[2].name: the user name begins or ends with white space",
        "users.yaml:9: users[3].name: HTTP Basic cannot carry a user name with a colon",
        "users.yaml:10: users[3].password: asks for 4194304 KiB of memory; 262144 is the most",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "users: is missing"),
        ("users: []", "must not be empty"),
        ("users:\n  - {name: alice}", "users[0].password: is missing"),
        (FILE.replace("groups", "group"), 'did you mean "groups"'),
    ],
)
def test_files_of_another_shape(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(text, "users.yaml")
    assert words in str(caught.value)


def test_hashes_are_not_shown() -> None:
    assert HASH not in repr(load(FILE, "users.yaml"))
