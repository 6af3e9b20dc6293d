"""Replies to Get-Printer-Attributes, kept encoded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ippgate.exchange import describing
from ippgate.exchange.capabilities import Snapshot
from ippgate.exchange.describing import Descriptions
from ippgate.ipp.decoder import decode
from ippgate.ipp.enums import GroupTag, Operation
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import enum, text
from tests.unit.exchange.test_to_client import VIEW

ALL = frozenset({"all"})


def snapshot(words: str = "x") -> Snapshot:
    attributes = (
        Attribute("printer-info", (text(words),)),
        Attribute("operations-supported", (enum(2), enum(0x0A))),
    )
    return Snapshot(Message((1, 1), 0, 1, (Group(GroupTag.PRINTER, attributes),)))


def attribute(octets: bytes, name: str) -> Attribute | None:
    message, _ = decode(octets)
    return message.groups[0].get(name)


def test_each_gets_a_reply_with_its_own_request_id() -> None:
    descriptions, known = Descriptions(), snapshot()
    for request_id in (1, 77, 2**32 - 1):
        message, rest = decode(descriptions.reply(known, VIEW, ALL, request_id))
        assert (message.request_id, message.version, rest) == (request_id, (1, 1), b"")


def test_each_gets_what_they_may_see_and_what_they_asked_for() -> None:
    descriptions, known = Descriptions(), snapshot()
    other = replace(VIEW, operations=frozenset({Operation.GET_JOBS}))
    for _ in range(2):
        first = descriptions.reply(known, VIEW, ALL, 1)
        second = descriptions.reply(known, other, ALL, 1)
        third = descriptions.reply(known, VIEW, frozenset({"printer-info"}), 1)
        assert attribute(first, "operations-supported") == (
            "operations-supported", (enum(2), enum(0x0A)),
        )  # fmt: skip
        assert attribute(second, "operations-supported") == ("operations-supported", (enum(0x0A),))
        assert attribute(third, "operations-supported") is None


def test_a_newer_snapshot_is_not_the_older_one() -> None:
    descriptions, view = Descriptions(), replace(VIEW, title=None)
    for words in ("before", "after"):
        octets = descriptions.reply(snapshot(words), view, ALL, 1)
        assert attribute(octets, "printer-info") == ("printer-info", (text(words),))


def test_what_is_kept_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(describing, "KEPT_OCTETS", 1000)
    descriptions, known = Descriptions(), snapshot("x" * 200)
    view = replace(VIEW, title=None)
    for number in range(100):
        wanted = frozenset({"printer-info", f"vendor-{number}"})
        assert len(descriptions.reply(known, view, wanted, 1)) > 200
    kept = sum(len(octets) for octets in descriptions._kept.values())
    assert 0 < kept <= 1000
