"""Back-off: a name or an address that was refused too often is not asked about for a while.

A directory has a threshold of its own, after which it locks the account for everything that the
person does. Wrong passwords must stop here first, whether somebody guesses them or a device has an
old one saved. People whose right password is in the cache do not notice.

Counted are names as they are asked for, addresses, and accounts by their canonical names, since an
account may have several names to be asked for by.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from ippgate.exchange.ports import Clock, CredentialsRefused
from ippgate.identity.tallies import Tallies, Tally

T = TypeVar("T")

PEOPLE_AT_AN_ADDRESS = 10
"""Times as many failures as of one name: offices share addresses."""
IPV6_PREFIX = 64
"""One network is one place: whoever has it has 2^64 addresses (RFC 4291 section 2.5.4)."""
OUTCOME = "locked"

_WORDS = {
    "name": "too many wrong passwords for this name",
    "account": "too many wrong passwords for this account",
    "address": "too many wrong passwords from this address",
}


class Aside(Protocol):
    """Runs blocking calls somewhere else than in the reactor's thread."""

    def __call__(self, work: Callable[[], T]) -> Awaitable[T]:
        """What ``work`` returns or raises."""


async def at_once(work: Callable[[], T]) -> T:
    """For what only seems to block."""
    return work()


class Lockout:
    """Counts questions until they are answered well; ``failures`` of one name lock it.

    An address may ask PEOPLE_AT_AN_ADDRESS times as many. A question counts from when it is asked,
    so that many at once are not more than many in a row.
    """

    def __init__(
        self, failures: int, tallies: Tallies, clock: Clock, aside: Aside = at_once
    ) -> None:
        self._failures = failures
        self._tallies = tallies
        self._clock = clock
        self._aside = aside

    async def begin(self, username: str, address: str) -> None:
        """Sources are about to be asked about the name.

        Raises CredentialsRefused when it may not be asked about, DirectoryUnavailable when that
        cannot be found out.
        """
        tallies = [
            Tally(_name(username), self._failures),
            Tally(_place(address), self._failures * PEOPLE_AT_AN_ADDRESS),
        ]
        await self._aside(lambda: self._begin(tallies, username))

    async def accepted(self, username: str, address: str) -> None:
        """It was the right password: what went before was a slip."""

        def forgive() -> None:
            self._tallies.forget([_name(username)])
            self._tallies.take_back([_place(address)])

        await self._aside(forgive)

    async def unanswered(self, username: str, address: str) -> None:
        """No source could say: the question does not count."""
        keys = [_name(username), _place(address)]
        await self._aside(lambda: self._tallies.take_back(keys))

    @property
    def accounts(self) -> Accounts:
        """The part that a directory asks itself."""
        return Accounts(self._begin, self._tallies, self._failures)

    def _begin(self, tallies: list[Tally], claimed: str) -> None:
        locked = self._tallies.begin(tallies, self._clock.now().timestamp())
        if locked is not None:
            words = _WORDS[locked.partition(":")[0]]
            raise CredentialsRefused(words, outcome=OUTCOME, claimed=claimed)


class Accounts:
    """Implements AccountAttempts."""

    def __init__(
        self, begin: Callable[[list[Tally], str], None], tallies: Tallies, failures: int
    ) -> None:
        self._begin = begin
        self._tallies = tallies
        self._failures = failures

    def begin(self, account: str) -> None:
        """See AccountAttempts.begin."""
        self._begin([Tally(_account(account), self._failures)], account)

    def accepted(self, account: str) -> None:
        """See AccountAttempts.accepted."""
        self._tallies.forget([_account(account)])

    def unanswered(self, account: str) -> None:
        """See AccountAttempts.unanswered."""
        self._tallies.take_back([_account(account)])


def unlock(tallies: Tallies, username: str) -> int:
    """Lets a name be asked about again, as an alias and as an account; how many questions were
    counted. Blocks. Raises DirectoryUnavailable."""
    return tallies.forget([_name(username), _account(username)])


def _name(username: str) -> str:
    """Directories ignore case, and how many spaces there are (RFC 4518 sections 2.2, 2.6.1)."""
    return f"name:{_folded(username)}"


def _account(name: str) -> str:
    return f"account:{_folded(name)}"


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _place(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return f"address:{address}"
    if ip.version == 6:
        if ip.ipv4_mapped is not None:
            return f"address:{ip.ipv4_mapped}"
        return f"address:{ipaddress.ip_network((ip, IPV6_PREFIX), strict=False)}"
    return f"address:{ip}"
