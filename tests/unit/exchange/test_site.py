"""Under which names the gateway is known."""

from __future__ import annotations

from dataclasses import replace

from ippgate.exchange.ports import Head
from ippgate.exchange.site import Site
from tests.support.exchange_fakes import PEER


def head(*hosts: str) -> Head:
    return Head("POST", "/", (1, 1), tuple(("host", host) for host in hosts), 0)


def test_its_names_are_the_public_one_and_the_one_it_was_asked_by() -> None:
    site = Site("Print.Example.org:8631", {})
    assert site.hosts(head()) == {"print.example.org"}
    assert site.hosts(head("GATE.example.org:631")) == {"print.example.org", "gate.example.org"}


def test_the_port_is_the_one_that_the_client_came_by() -> None:
    site = Site("print.example.org", {})
    assert site.public(replace(PEER, local_port=8631)).port == 8631
    assert site.public(replace(PEER, local_port=0)).port == 631
    assert Site("print.example.org:443", {}).public(PEER).port == 443
