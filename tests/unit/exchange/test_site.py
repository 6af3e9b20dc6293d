"""The gateway's own names."""

from __future__ import annotations

from dataclasses import replace

from ippgate.exchange.ports import Head
from ippgate.exchange.site import PrinterText, Site
from tests.support.exchange_fakes import PEER

SITE = Site("Print.example.org", {"lab-1": PrinterText("Lab 1")})


def test_the_port_is_the_listener_s_unless_the_name_has_one() -> None:
    assert SITE.public(replace(PEER, local_port=8631)).port == 8631
    assert replace(SITE, public_name="print.example.org:443").public(PEER).port == 443


def test_it_is_known_by_its_name_and_by_what_it_was_called() -> None:
    head = Head("POST", "/printers/lab-1", (1, 1), (("host", "GATE.example.org:631"),), 0)
    assert SITE.hosts(head) == {"print.example.org", "gate.example.org"}
