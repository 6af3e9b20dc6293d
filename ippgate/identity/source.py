"""What knows people: a directory or a file of accounts."""

from __future__ import annotations

from typing import Protocol

from ippgate.policy.facts import Principal


class Source(Protocol):
    """Somewhere that can prove who is asking."""

    @property
    def name(self) -> str:
        """Its key in the configuration's section ``identity``: ``ldap``, ``file``."""

    async def verify(self, username: str, password: str) -> Principal | None:
        """The person, when the password is theirs; None when this source does not know the name
        (only then may another source be asked).

        Takes about as long for an unknown name as for a wrong password. ``password`` is not empty
        and has no control characters. Raises CredentialsRefused for a password that is wrong or an
        account that may not be used, DirectoryUnavailable when that cannot be found out; answers
        within its own deadline.
        """

    async def look_up(self, username: str, filter_: str | None = None) -> Principal | None:
        """The person of that name, who proved by other means who they are; None when this source
        does not know it. ``filter_``: how a directory finds the person by something else than a
        user name; sources that are no directories know nobody then.

        Raises CredentialsRefused for an account that may not be used, DirectoryUnavailable.
        """

    def start(self) -> None:
        """Begins to find out by itself whether the source can be asked. Not needed to ask it."""

    def stop(self) -> None:
        """Gives back threads and connections; every question that runs ends."""


class AccountAttempts(Protocol):
    """Counts passwords that a directory is asked about, by the account's canonical name: the
    directory counts by account, too, whatever alias was typed. Blocking, from any thread."""

    def begin(self, account: str) -> None:
        """A bind is about to be tried. Raises CredentialsRefused when there were too many, and
        DirectoryUnavailable when that cannot be found out."""

    def accepted(self, account: str) -> None:
        """It succeeded."""

    def unanswered(self, account: str) -> None:
        """It did not end either way: it does not count."""


class DirectoryMeter(Protocol):
    """Counts calls to directory servers; called in the reactor's thread. Never raises.

    ``server``: host and port of the configured address, ``dc1.example.org:636``.
    """

    def directory_called(self, *, server: str, call: str, seconds: float) -> None:
        """One operation; ``call``: connect, bind-service, features, search, bind, whoami, groups,
        probe."""

    def directory_up(self, *, server: str, up: bool) -> None:
        """Whether the server answered just now."""
