"""Networks: IPv4 and IPv6, negation, and IPv4 clients of IPv6 sockets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ippgate.ipp.enums import Operation
from ippgate.policy.criteria.networks import Networks
from ippgate.policy.facts import Facts


def at(address: str) -> Facts:
    time = datetime(2026, 3, 2, tzinfo=UTC)
    return Facts(None, "lab-1", Operation.PRINT_JOB, None, address, time)


@pytest.mark.parametrize(
    ("words", "address", "matches"),
    [
        (("198.51.100.0/24",), "198.51.100.9", True),
        (("198.51.100.0/24",), "198.51.101.9", False),
        (("198.51.100.0/24",), "::ffff:198.51.100.9", True),
        (("198.51.100.0/24", "2001:db8::/32"), "2001:db8::1", True),
        (("198.51.100.0/24", "!198.51.100.9"), "198.51.100.9", False),
        (("198.51.100.0/24", "!198.51.100.9"), "198.51.100.8", True),
        (("!198.51.100.0/24",), "203.0.113.1", True),
        (("!198.51.100.0/24",), "198.51.100.1", False),
        (("fe80::/10",), "fe80::1%eth0", True),
        (("0.0.0.0/0", "::/0"), "not an address", False),
        (("!198.51.100.0/24",), "not an address", False),
    ],
)
def test_which_addresses_match(words: tuple[str, ...], address: str, matches: bool) -> None:
    networks = Networks.of(words)
    assert networks.matches(at(address)) is matches
    assert networks.sees(at(address)) == address


@pytest.mark.parametrize("word", ["198.51.100.1/24", "198.51.100", "x", "!", "1.2.3.4/33"])
def test_what_is_no_network(word: str) -> None:
    with pytest.raises(ValueError, match="is not a network"):
        Networks.of((word,))


def test_why_not() -> None:
    networks = Networks.of(("198.51.100.0/24",))
    assert networks.why_not(at("192.0.2.1")) == "192.0.2.1 is not in 198.51.100.0/24"
