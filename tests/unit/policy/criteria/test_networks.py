"""From where: addresses within and without networks, of both families."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.ipp.enums import Operation
from ippgate.policy.criteria.networks import Networks
from ippgate.policy.facts import Facts


def from_(address: str) -> Facts:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Facts(None, "lab-1", Operation.PRINT_JOB, None, address, at)


@pytest.mark.parametrize(
    ("words", "within", "without"),
    [
        (["198.51.100.0/24"], ["198.51.100.0", "198.51.100.255"], ["198.51.101.0", "2001:db8::1"]),
        (["198.51.100.7"], ["198.51.100.7"], ["198.51.100.8"]),
        (["2001:db8::/32"], ["2001:db8::1"], ["2001:db9::1", "198.51.100.7"]),
        (["198.51.100.0/24", "2001:db8::/32"], ["198.51.100.7", "2001:db8::1"], ["203.0.113.1"]),
        (["!203.0.113.0/24"], ["198.51.100.7", "2001:db8::1"], ["203.0.113.1"]),
        (["198.51.100.0/24", "!198.51.100.7"], ["198.51.100.8"], ["198.51.100.7", "203.0.113.1"]),
        (["0.0.0.0/0"], ["198.51.100.7", "::ffff:198.51.100.7"], ["2001:db8::1"]),
        (["198.51.100.0/24"], ["::ffff:198.51.100.7"], ["::ffff:203.0.113.1"]),
        (["fe80::/10"], ["fe80::1%eth0"], []),
    ],
)
def test_within_and_without(words: list[str], within: list[str], without: list[str]) -> None:
    networks = Networks.of(tuple(words))
    assert [address for address in within if not networks.matches(from_(address))] == []
    assert [address for address in without if networks.matches(from_(address))] == []


@pytest.mark.parametrize("word", ["0.0.0.0/0", "!203.0.113.0/24"])
@pytest.mark.parametrize("address", ["", "localhost", "198.51.100"])
def test_what_is_no_address_is_in_no_network_and_not_outside_of_one_either(
    word: str, address: str
) -> None:
    assert not Networks.of((word,)).matches(from_(address))


def test_an_unwanted_address_cannot_hide_in_another_notation() -> None:
    networks = Networks.of(("!203.0.113.0/24",))
    assert not networks.matches(from_("::ffff:203.0.113.9"))
    assert not networks.matches(from_("::ffff:cb00:7109"))


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("198.51.100.7/24", '"198.51.100.7/24" is not a network such as .* has host bits set'),
        ("office", '"office" is not a network such as'),
        ("!", '"" is not a network such as'),
        ("198.51.100.0/33", '"198.51.100.0/33" is not a network'),
    ],
)
def test_what_is_no_network(word: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Networks.of((word,))


@given(st.ip_addresses(), st.ip_addresses(v=4), st.integers(0, 32))
def test_all_but_a_network_is_exactly_what_it_is_not(
    address: ipaddress.IPv4Address, inside: ipaddress.IPv4Address, bits: int
) -> None:
    network = f"{ipaddress.ip_network((inside, bits), strict=False)}"
    asked = from_(str(address))
    assert Networks.of((network,)).matches(asked) is not Networks.of((f"!{network}",)).matches(
        asked
    )
    assert Networks.of((network,)).matches(from_(str(inside)))


def test_why_not() -> None:
    networks = Networks.of(("198.51.100.0/24", "!198.51.100.7"))
    assert networks.why_not(from_("198.51.100.7")) == (
        "198.51.100.7 is not in 198.51.100.0/24, !198.51.100.7"
    )
