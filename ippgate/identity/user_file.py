"""A file of accounts, and the source of people that it makes.

.. code-block:: yaml

    users:
      - {name: alice, password: "$argon2id$v=19$m=19456,t=2,p=1$…", groups: [staff]}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from ippgate.config.findings import ConfigurationError, Finding
from ippgate.config.validation import Section, validated
from ippgate.config.yaml_lines import parse
from ippgate.exchange.ports import CredentialsRefused, DirectoryUnavailable
from ippgate.identity import passwords
from ippgate.identity.names import typed_mistake
from ippgate.identity.passwords import hash_password
from ippgate.policy.facts import Principal
from ippgate.reactor import Reactor
from ippgate.threads import BoundedThreads, Overloaded, TooLate

__all__ = ["User", "UserFile", "UserSource", "hash_password", "load"]

THREADS = 2
"""Hashes at once: each takes a core, and its memory."""
WAITING = 64
"""Hashes that wait: at 20 ms each, on two threads, the last takes less than a second."""
SECONDS = 2.5
"""For one answer, waiting included: the client hears within 3 s."""

_NOBODY = (
    f"$argon2id$v=19$m={passwords.MEMORY_KIB},t={passwords.PASSES},p={passwords.LANES}"
    "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
"""What the password of an unknown name is compared with: as slow, and no password gives it."""

Text = Annotated[str, Field(min_length=1, max_length=255)]


class UserSection(Section):
    """One account."""

    name: Text
    password: Annotated[str, Field(min_length=1)]
    groups: tuple[Text, ...] = Field((), strict=False)


class UserFileSection(Section):
    """The file."""

    users: Annotated[list[UserSection], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class User:
    """An account. ``password``: its hash."""

    name: str
    password: str = field(repr=False)
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class UserFile:
    """Accounts by their names, case folded: as with a directory, ALICE is alice."""

    users: Mapping[str, User]


def load(text: str, file: str) -> UserFile:
    """The accounts of a file's text; ``file`` is its name in findings.

    Raises ConfigurationError with every mistake.
    """
    source = parse(text, file)
    sections = validated(UserFileSection, source).users
    users: dict[str, User] = {}
    findings: list[Finding] = []
    for index, section in enumerate(sections):
        at = ("users", index)
        wrong_name = typed_mistake(section.name)
        if wrong_name is None and ":" in section.name:
            wrong_name = "HTTP Basic cannot carry a user name with a colon"
        if wrong_name is not None:
            findings.append(source.finding((*at, "name"), wrong_name))
        key = section.name.casefold()
        if key in users:
            words = f'"{users[key].name}" is there already; case does not tell people apart'
            findings.append(source.finding((*at, "name"), words))
        wrong_hash = passwords.mistake(section.password)
        if wrong_hash is not None:
            findings.append(source.finding((*at, "password"), wrong_hash))
        users.setdefault(key, User(section.name, section.password, frozenset(section.groups)))
    if findings:
        raise ConfigurationError(findings)
    return UserFile(users)


class UserSource:
    """Implements Source by a file of accounts; hashing runs in threads of its own."""

    name = "file"

    def __init__(self, file: UserFile, reactor: Reactor) -> None:
        self._users = file.users
        self._threads = BoundedThreads(reactor, "passwords", THREADS, WAITING)

    async def verify(self, username: str, password: str) -> Principal | None:
        """See Source.verify."""
        user = self._users.get(username.casefold())
        hashed = _NOBODY if user is None else user.password
        try:
            right = await self._threads.call(
                lambda: passwords.matches(hashed, password), seconds=SECONDS
            )
        except TooLate:
            raise DirectoryUnavailable(
                f"the password could not be checked within {SECONDS:g} s"
            ) from None
        except Overloaded:
            raise DirectoryUnavailable("too many passwords wait to be checked") from None
        if user is None:
            return None
        if not right:
            raise CredentialsRefused("wrong password", claimed=username)
        return self._principal(user)

    async def look_up(self, username: str, filter_: str | None = None) -> Principal | None:
        """See Source.look_up."""
        user = None if filter_ is not None else self._users.get(username.casefold())
        return None if user is None else self._principal(user)

    def _principal(self, user: User) -> Principal:
        return Principal(user.name, f"{self.name}:{user.name}", groups=user.groups)

    def start(self) -> None:
        """See Source.start: a file is always there."""

    def stop(self) -> None:
        """Ends every check, joins the threads."""
        self._threads.stop()
