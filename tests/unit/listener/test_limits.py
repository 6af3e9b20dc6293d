"""Caps on connections, by address and in all."""

from __future__ import annotations

import resource

import pytest

from ippgate.listener.limits import Caps, Census, network_of, short_of_descriptors


def test_caps_in_all() -> None:
    census = Census(Caps(connections=2, per_address=2))
    assert census.admit("192.0.2.1")
    assert census.admit("192.0.2.2")
    assert not census.admit("192.0.2.3")
    assert (census.total, census.refused) == (2, 1)
    census.leave("192.0.2.1")
    assert census.admit("192.0.2.3")


def test_caps_of_one_address() -> None:
    census = Census(Caps(connections=10, per_address=1))
    assert census.admit("192.0.2.1")
    assert not census.admit("192.0.2.1")
    assert not census.admit("::ffff:192.0.2.1")
    assert census.admit("192.0.2.2")
    census.leave("192.0.2.1")
    assert census.admit("192.0.2.1")


def test_one_host_has_a_whole_64() -> None:
    census = Census(Caps(connections=10, per_address=1))
    assert census.admit("2001:db8::1")
    assert not census.admit("2001:db8::ffff:1")
    assert census.admit("2001:db8:0:1::1")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("not:an:address", "not:an:address"),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network


def test_too_few_descriptors_are_told_in_words() -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert short_of_descriptors(Caps(connections=1)) is None
    words = short_of_descriptors(Caps(connections=soft + 1))
    assert words is not None
    assert "raise LimitNOFILE" in words
