"""From which networks: CIDR, and ``!`` for all but these."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from ippgate.policy.facts import Facts

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Networks:
    """Matches addresses within one of ``wanted`` (any, when there is none), and in none of
    ``unwanted``. ``words``: as written."""

    words: tuple[str, ...]
    wanted: tuple[Network, ...]
    unwanted: tuple[Network, ...]

    @classmethod
    def of(cls, words: tuple[str, ...]) -> Networks:
        """Raises ValueError for what is no network."""
        wanted = tuple(_network(word) for word in words if not word.startswith("!"))
        unwanted = tuple(_network(word[1:]) for word in words if word.startswith("!"))
        return cls(words, wanted, unwanted)

    @staticmethod
    def sees(facts: Facts) -> str:
        return facts.address

    def matches(self, facts: Facts) -> bool:
        address = _address(facts.address)
        if address is None or any(address in network for network in self.unwanted):
            return False
        return not self.wanted or any(address in network for network in self.wanted)

    def why_not(self, facts: Facts) -> str:
        return f"{facts.address} is not in {', '.join(self.words)}"


def _network(word: str) -> Network:
    try:
        return ipaddress.ip_network(word)
    except ValueError as error:
        raise ValueError(f'"{word}" is not a network such as 198.51.100.0/24: {error}') from None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address; of an IPv4 client on an IPv6 socket the IPv4 one."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
