"""Back-off: a name or an address that was refused too often is not asked about for a while.

A directory has a threshold of its own, after which it locks the account for everything that the
person does. Wrong passwords must stop here first, whether somebody guesses them or a device has an
old one saved. People whose right password is in the cache do not notice.
"""

from __future__ import annotations

import ipaddress
from collections import deque

from ippgate.exchange.ports import Clock

SIZE = 10_000
"""Names, and as many addresses: some 5 MB. Guessing at more names than these is stopped by the
address."""
PEOPLE_AT_AN_ADDRESS = 10
"""Times as many failures as of one name: offices share addresses."""
IPV6_PREFIX = 64
"""One network is one place: whoever has it has 2^64 addresses (RFC 4291 section 2.5.4)."""


class Lockout:
    """Counts questions by name and by address, in this process, until they are answered well.

    ``failures`` questions about a name ``within`` seconds lock it for ``for_`` seconds; an address
    may ask PEOPLE_AT_AN_ADDRESS times as many. A question counts from when it is asked, so that
    many at once are not more than many in a row.
    """

    def __init__(
        self, failures: int, within: float, for_: float, clock: Clock, size: int = SIZE
    ) -> None:
        self._monotonic = clock.monotonic
        self._names = _Tallies(failures, within, for_, size)
        self._addresses = _Tallies(failures * PEOPLE_AT_AN_ADDRESS, within, for_, size)

    def locked(self, username: str, address: str) -> str | None:
        """Which of the two is locked now, in words; None when the name may be asked about."""
        now = self._monotonic()
        if self._names.locked(_one_spelling(username), now):
            return "too many wrong passwords for this name"
        if self._addresses.locked(_place(address), now):
            return "too many wrong passwords from this address"
        return None

    def asked(self, username: str, address: str) -> None:
        """A source is asked about the name."""
        now = self._monotonic()
        self._names.count(_one_spelling(username), now)
        self._addresses.count(_place(address), now)

    def accepted(self, username: str, address: str) -> None:
        """It was the right password: what went before was a slip."""
        self._names.forget(_one_spelling(username))
        self._addresses.uncount(_place(address))

    def unanswered(self, username: str, address: str) -> None:
        """No source could say: the question does not count."""
        self._names.uncount(_one_spelling(username))
        self._addresses.uncount(_place(address))


class _Tallies:
    """Times of questions by key. So many ``within`` one time lock until ``for_`` after the last."""

    def __init__(self, most: int, within: float, for_: float, size: int) -> None:
        self._most = most
        self._within = within
        self._for = for_
        self._size = size
        self._times: dict[str, deque[float]] = {}

    def locked(self, key: str, now: float) -> bool:
        times = self._times.get(key)
        if times is None or len(times) < self._most:
            return False
        if now < times[-1] + self._for:
            return True
        del self._times[key]
        return False

    def count(self, key: str, now: float) -> None:
        times = self._times.pop(key, None) or deque()
        # The latest last, so that the oldest key is the first.
        self._times[key] = times
        if len(self._times) > self._size:
            del self._times[next(iter(self._times))]
        while times and times[0] <= now - self._within:
            times.popleft()
        times.append(now)

    def uncount(self, key: str) -> None:
        times = self._times.get(key)
        if times:
            times.pop()

    def forget(self, key: str) -> None:
        self._times.pop(key, None)


def _one_spelling(username: str) -> str:
    """Directories ignore case, and how many spaces there are (RFC 4518 sections 2.2, 2.6.1)."""
    return " ".join(username.casefold().split())


def _place(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if ip.version == 6:
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, IPV6_PREFIX), strict=False))
    return str(ip)
