"""What a printer can do, as far as rules need to know."""

from __future__ import annotations

import pytest

from ippgate.exchange.abilities import Abilities, KnownAbilities
from ippgate.exchange.capabilities import Question, Snapshot
from ippgate.exchange.ports import PrinterUnavailable
from ippgate.ipp.enums import GroupTag
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import boolean, integer, keyword, range_of_integer
from tests.support.exchange_fakes import FakePrinter, run


def abilities(*attributes: Attribute) -> Abilities:
    return Abilities({attribute.name: attribute for attribute in attributes})


def test_what_it_takes() -> None:
    can = abilities(
        Attribute("sides-supported", (keyword("one-sided"), keyword("two-sided-long-edge"))),
        Attribute("copies-supported", (range_of_integer(1, 9),)),
        Attribute("media-supported", (keyword("iso_a4_210x297mm"),)),
        Attribute("job-priority-supported", (integer(10),)),
    )
    assert can.takes("sides", "one-sided")
    assert not can.takes("sides", "two-sided-short-edge")
    assert can.takes("copies", 9)
    assert not can.takes("copies", 10)
    assert can.takes("media", "21000x29700"), "by whatever name"
    assert can.takes("job-priority", 50), "the number says how many levels there are"
    assert not can.takes("output-bin", "top")


def test_what_it_does_anyway() -> None:
    old = abilities(Attribute("color-supported", (boolean(False),)))
    assert old.does_anyway("print-color-mode", "monochrome")
    assert old.does_anyway("sides", "one-sided")
    assert not old.does_anyway("sides", "two-sided-long-edge")
    coloured = abilities(Attribute("color-supported", (boolean(True),)))
    assert not coloured.does_anyway("print-color-mode", "monochrome")
    assert not abilities().does_anyway("print-color-mode", "monochrome"), "nobody knows"


def test_what_it_does_where_nothing_is_asked() -> None:
    can = abilities(Attribute("copies-default", (integer(2),)))
    assert can.default("copies") == 2
    assert can.default("sides") is None


class Known(FakePrinter):
    snapshot = Snapshot(
        Message((1, 1), 0, 1, (Group(GroupTag.PRINTER, (Attribute("x", (integer(1),)),)),))
    )

    async def capabilities(self, question: Question) -> Snapshot:
        return self.snapshot


def test_a_description_is_read_once_for_as_long_as_it_stays() -> None:
    printer, known = Known(), KnownAbilities()
    first = run(known.of(printer))
    assert run(known.of(printer)) is first
    printer.snapshot = Snapshot(Known.snapshot.message)
    assert run(known.of(printer)) is not first


def test_a_printer_that_says_nothing_of_itself() -> None:
    printer = Known()
    printer.snapshot = Snapshot(Message((1, 1), 0, 1, ()))
    with pytest.raises(PrinterUnavailable):
        run(KnownAbilities().of(printer))
