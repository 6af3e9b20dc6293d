"""How a printer is, as it says itself."""

from __future__ import annotations

import pytest
from hypothesis import given

from ippgate.ipp.decoder import decode
from ippgate.ipp.enums import GroupTag
from ippgate.ipp.limits import REPLY_LIMITS
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import enum, integer, keyword, name, text
from ippgate.printer.health import MARKERS, Health, health
from tests.support.messages import messages
from tests.support.peers import corpora


def of(*attributes: Attribute) -> Health:
    return health(Message((2, 0), 0, 1, (Group(GroupTag.PRINTER, attributes),)))


def test_a_printer_in_words() -> None:
    assert of(
        Attribute("printer-state", (enum(4),)),
        Attribute("printer-state-reasons", (keyword("media-low-warning"), keyword("toner-low"))),
        Attribute("queued-job-count", (integer(3),)),
        Attribute("marker-names", (name("Black"), name("Waste"), name("Cyan"))),
        Attribute("marker-levels", (integer(40), integer(-2), integer(100))),
    ) == Health("processing", ("media-low-warning", "toner-low"), 3, {"Black": 40, "Cyan": 100})


def test_no_reasons_are_none() -> None:
    assert of(Attribute("printer-state-reasons", (keyword("none"),))).reasons == ()


@pytest.mark.parametrize(
    "attributes",
    [
        (),
        (Attribute("printer-state", (enum(99),)),),
        (Attribute("printer-state", (text("idle"),)),),
        (Attribute("marker-levels", (integer(10),)),),
        (Attribute("marker-names", (name("Black"),)), Attribute("marker-levels", (text("1"),))),
    ],
)
def test_nonsense_is_left_out(attributes: tuple[Attribute, ...]) -> None:
    assert of(*attributes) == Health()


def test_supplies_have_a_bound() -> None:
    names = tuple(name(f"{number}-{'x' * 200}") for number in range(500))
    levels = tuple(integer(50) for _ in range(500))
    markers = of(Attribute("marker-names", names), Attribute("marker-levels", levels)).markers
    assert len(markers) == MARKERS
    assert max(map(len, markers)) <= 64


@given(messages())
def test_whatever_a_printer_says_there_is_an_answer(message: Message) -> None:
    told = health(message)
    assert all(0 <= level <= 100 for level in told.markers.values())


def test_a_real_printer() -> None:
    octets = (corpora() / "ipp/goipp/attrsHPOfficeJetPro8730.ipp").read_bytes()
    told = health(decode(octets, limits=REPLY_LIMITS)[0])
    assert told.state == "idle"
    assert told.markers
