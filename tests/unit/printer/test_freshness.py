"""A newer reply over an older one."""

from __future__ import annotations

from ippgate.exchange.capabilities import Snapshot
from ippgate.ipp.enums import GroupTag
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import as_text, enum, integer, keyword, text
from ippgate.printer.freshness import not_answering, renewed

MODEL = Attribute("printer-make-and-model", (text("Laser 9"),))
SIDES = Attribute("sides-supported", (keyword("one-sided"),))


def state(number: int) -> Attribute:
    return Attribute("printer-state", (enum(number),))


def up_time(seconds: int) -> Attribute:
    return Attribute("printer-up-time", (integer(seconds),))


def configured(at: int) -> Attribute:
    return Attribute("printer-config-change-time", (integer(at),))


def changed(at: int) -> Attribute:
    return Attribute("printer-state-change-time", (integer(at),))


def reply(*attributes: Attribute) -> Message:
    return Message(
        (2, 0), 0, 1, (Group(GroupTag.OPERATION, ()), Group(GroupTag.PRINTER, attributes))
    )


def test_what_changes_by_itself_is_renewed_in_its_place() -> None:
    old = reply(state(3), MODEL, up_time(100), SIDES)
    assert renewed(old, reply(up_time(101), state(4))) == reply(
        state(4), MODEL, up_time(101), SIDES
    )


def test_what_is_there_no_more_is_left_out_and_what_is_new_comes() -> None:
    message = Attribute("printer-state-message", (text("Tray 2 is empty"),))
    jammed = Attribute("printer-alert", (text("code=jam"),))
    old = reply(message, MODEL, state(5))
    assert renewed(old, reply(state(3), jammed)) == reply(MODEL, state(3), jammed)


def test_a_printer_that_tells_everything_anyhow_changes_only_what_changes_by_itself() -> None:
    other = Attribute("sides-supported", (keyword("two-sided-long-edge"),))
    assert renewed(reply(state(3), SIDES), reply(state(4), other)) == reply(state(4), SIDES)


def test_configured_since() -> None:
    old = reply(state(3), configured(10), changed(10))
    assert renewed(old, reply(state(3), configured(11), changed(10))) is None
    # Its state may change as it likes: it says of its configuration when that changed.
    assert renewed(old, reply(state(4), configured(10), changed(12))) is not None


def test_one_that_does_not_tell_when_it_was_configured() -> None:
    old = reply(state(3), changed(10))
    assert renewed(old, reply(state(3), changed(10))) is not None
    assert renewed(old, reply(state(3), changed(11))) is None


def test_started_again() -> None:
    old = reply(state(3), up_time(1000))
    assert renewed(old, reply(state(3), up_time(2))) is None


def test_not_answering_is_stopped_and_all_else_as_it_was() -> None:
    known = Snapshot(reply(state(3), MODEL, SIDES))
    group = not_answering(known, "it does not answer connections").message.group(GroupTag.PRINTER)
    assert group is not None
    assert group.get("printer-state") == state(5)
    assert group.get("sides-supported") == SIDES
    reasons = group.get("printer-state-reasons")
    assert reasons == ("printer-state-reasons", (keyword("timed-out-error"),))
    words = group.get("printer-state-message")
    assert words is not None
    assert "does not answer connections" in as_text(words.values[0])  # type: ignore[arg-type]
