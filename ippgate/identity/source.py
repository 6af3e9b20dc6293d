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

    def stop(self) -> None:
        """Gives back threads and connections; every question that runs ends."""


class DirectoryMeter(Protocol):
    """Counts calls to directory servers; called in the reactor's thread. Never raises.

    ``server``: host and port of the configured address, ``dc1.example.org:636``.
    """

    def directory_called(self, *, server: str, call: str, seconds: float) -> None:
        """One operation; ``call``: connect, bind-service, search, bind, whoami, groups."""

    def directory_up(self, *, server: str, up: bool) -> None:
        """Whether the server answered just now."""
