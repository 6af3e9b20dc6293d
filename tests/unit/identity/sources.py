"""A source that answers at once."""

from __future__ import annotations

from ippgate.exchange.ports import CredentialsRefused, DirectoryUnavailable
from ippgate.policy.facts import Principal


class FakeSource:
    """Knows ``people``: names and passwords. Names in ``disabled`` may not be used."""

    def __init__(self, name: str, people: dict[str, str]) -> None:
        self.name = name
        self.people = people
        self.disabled: set[str] = set()
        self.asked: list[str] = []
        self.filters: list[str | None] = []
        self.ids: dict[str, str] = {}
        self.down = False

    async def verify(self, username: str, password: str) -> Principal | None:
        self._ask(username)
        if username not in self.people:
            return None
        if self.people[username] != password:
            raise CredentialsRefused("wrong password", claimed=username)
        return self._principal(username)

    async def look_up(self, username: str, filter_: str | None = None) -> Principal | None:
        self._ask(username)
        self.filters.append(filter_)
        return self._principal(username) if username in self.people else None

    def start(self) -> None: ...
    def stop(self) -> None: ...

    def _ask(self, username: str) -> None:
        self.asked.append(username)
        if self.down:
            raise DirectoryUnavailable(f"{self.name} is down")
        if username in self.disabled:
            raise CredentialsRefused("the account is disabled", claimed=username)

    def _principal(self, username: str) -> Principal:
        return Principal(username, self.ids.get(username, f"{self.name}:{username}"))
