"""Capabilities cut to what a person may choose."""

from __future__ import annotations

import pytest

from ippgate.exchange.cutting import NOT_FOR_STRANGERS
from ippgate.ipp.enums import GroupTag, Operation
from ippgate.ipp.message import Attribute, Collection, Group, Message
from ippgate.ipp.values import (
    boolean,
    enum,
    integer,
    keyword,
    mime_media_type,
    range_of_integer,
    text,
)
from tests.support.exchange_fakes import Gate, ipp_reply, message_of, request
from tests.support.policies import policy_of


def keywords(name: str, *words: str) -> Attribute:
    return Attribute(name, tuple(keyword(word) for word in words))


def formats(name: str, *words: str) -> Attribute:
    return Attribute(name, tuple(mime_media_type(word) for word in words))


def size(width: int, height: int) -> Collection:
    return Collection(
        (Attribute("x-dimension", (integer(width),)), Attribute("y-dimension", (integer(height),)))
    )


def medium(width: int, height: int, kind: str) -> Collection:
    return Collection(
        (Attribute("media-size", (size(width, height),)), keywords("media-type", kind))
    )


A4, A3 = (21000, 29700), (29700, 42000)
PRINTER = Group(
    GroupTag.PRINTER,
    (
        Attribute(
            "operations-supported",
            tuple(enum(code) for code in (2, 4, 5, 6, 8, 0xB)),
        ),
        keywords("print-color-mode-supported", "color", "monochrome"),
        keywords("print-color-mode-default", "color"),
        Attribute("color-supported", (boolean(True),)),
        keywords("urf-supported", "V1.4", "W8", "SRGB24", "DM1"),
        keywords("pwg-raster-document-type-supported", "srgb_8", "sgray_8"),
        keywords("sides-supported", "one-sided", "two-sided-long-edge", "two-sided-short-edge"),
        keywords("sides-default", "one-sided"),
        Attribute("copies-supported", (range_of_integer(1, 99),)),
        Attribute("copies-default", (integer(1),)),
        Attribute("print-quality-supported", (enum(3), enum(4), enum(5))),
        Attribute("print-quality-default", (enum(5),)),
        keywords("media-supported", "iso_a4_210x297mm", "iso_a3_297x420mm"),
        keywords("media-default", "iso_a3_297x420mm"),
        keywords("media-ready", "iso_a3_297x420mm", "iso_a4_210x297mm"),
        Attribute("media-size-supported", (size(*A4), size(*A3))),
        Attribute(
            "media-col-database",
            (medium(*A4, "stationery"), medium(*A4, "photographic"), medium(*A3, "stationery")),
        ),
        Attribute("media-col-ready", (medium(*A3, "stationery"),)),
        keywords("media-type-supported", "stationery", "photographic"),
        Attribute(
            "job-presets-supported",
            (
                Collection((keywords("preset-name", "x"), keywords("print-color-mode", "color"))),
                Collection((keywords("preset-name", "y"), keywords("sides", "one-sided"))),
            ),
        ),
        formats("document-format-supported", "application/postscript", "application/pdf"),
        formats("document-format-default", "application/postscript"),
        Attribute("job-k-octets-supported", (range_of_integer(0, 2_000_000),)),
        Attribute("printer-serial-number", (text("SN1"),)),
    ),
)


def shown(
    *rules: str, user: str | None = "alice", operation: int = Operation.GET_PRINTER_ATTRIBUTES
) -> dict[str, list[object]]:
    gate = Gate(
        policy_of(
            "version: 1\nrules:\n"
            "  - {name: look, who: anyone, operations: ['@query'], decision: permit}\n"
            + "".join(f"  - {{name: r{n}, {rule}}}\n" for n, rule in enumerate(rules))
        )
    )
    gate.printer.script = lambda message, _: ipp_reply(message, PRINTER)
    everything = keywords("requested-attributes", "all", "media-col-database")
    message = message_of(gate.ask(request(operation, everything), user=user))
    assert gate.printer.received[0][0].code == Operation.GET_PRINTER_ATTRIBUTES
    return _plain(message)


def _plain(message: Message) -> dict[str, list[object]]:
    group = message.group(GroupTag.PRINTER)
    assert group is not None
    return {
        attribute.name: [
            value if isinstance(value, Collection) else value.octets.decode("latin-1")
            for value in attribute.values
        ]
        for attribute in group.attributes
    }


PRINT = "operations: ['@print'], decision: permit"
STAFF = "who: {groups: [staff]}"


def test_without_limits_everything_is_shown_as_the_printer_says() -> None:
    found = shown(f"who: authenticated, {PRINT}")
    assert len(found) == len(PRINTER.attributes)
    assert found["print-color-mode-supported"] == ["color", "monochrome"]


def test_what_may_not_be_chosen_is_left_out_and_defaults_move_into_what_is_left() -> None:
    found = shown(
        f"who: authenticated, {PRINT}, attributes: {{print-color-mode: {{not: [color]}}, "
        "copies: {max: 5}, print-quality: [draft, normal], "
        "media: {is: [iso_a4_210x297mm]}, media-col.media-type: stationery}, "
        "document: {formats: [application/pdf], max_size: 10MB}"
    )
    assert found["print-color-mode-supported"] == ["monochrome"]
    assert found["print-color-mode-default"] == ["monochrome"]
    assert found["color-supported"] == ["\0"]
    assert found["urf-supported"] == ["V1.4", "W8", "DM1"]
    assert found["pwg-raster-document-type-supported"] == ["sgray_8"]
    assert found["copies-supported"] == ["\0\0\0\x01\0\0\0\x05"]
    assert found["copies-default"] == ["\0\0\0\x01"]
    assert found["print-quality-supported"] == ["\0\0\0\x03", "\0\0\0\x04"]
    assert found["print-quality-default"] == ["\0\0\0\x03"]
    assert found["media-supported"] == ["iso_a4_210x297mm"]
    assert found["media-default"] == ["iso_a4_210x297mm"]
    assert found["media-ready"] == ["iso_a4_210x297mm"]
    assert found["media-size-supported"] == [size(*A4)]
    assert found["media-col-database"] == [medium(*A4, "stationery")]
    assert "media-col-ready" not in found
    assert found["media-type-supported"] == ["stationery"]
    assert found["job-presets-supported"] == [
        Collection((keywords("preset-name", "y"), keywords("sides", "one-sided")))
    ]
    assert found["document-format-supported"] == ["application/pdf"]
    assert found["document-format-default"] == ["application/pdf"]
    assert found["job-k-octets-supported"] == ["\0\0\0\0\0\0\x26\x25"], "9765 times 1024 octets"
    assert found["sides-supported"] == ["one-sided", "two-sided-long-edge", "two-sided-short-edge"]


def test_what_is_enforced_is_all_that_can_be_chosen() -> None:
    found = shown(f"who: authenticated, {PRINT}, enforce: {{sides: two-sided-long-edge}}")
    assert found["sides-supported"] == ["two-sided-long-edge"]
    assert found["sides-default"] == ["two-sided-long-edge"]


def test_two_people_see_two_printers() -> None:
    rules = (
        f"{STAFF}, {PRINT}",
        f"who: authenticated, {PRINT}, attributes: {{print-color-mode: monochrome}}",
    )
    assert shown(*rules)["print-color-mode-supported"] == ["color", "monochrome"]
    assert shown(*rules, user="bob")["print-color-mode-supported"] == ["monochrome"]


def test_what_some_rule_permits_is_shown() -> None:
    found = shown(
        f"who: authenticated, {PRINT}, attributes: {{sides: one-sided, copies: {{max: 50}}}}",
        f"who: authenticated, {PRINT}, attributes: {{sides: two-sided-long-edge, copies: 2}}",
    )
    assert found["sides-supported"] == ["one-sided", "two-sided-long-edge"]
    assert found["copies-supported"] == ["\0\0\0\x01\0\0\0\x32"]


def test_what_a_rule_refuses_above_is_not_shown() -> None:
    found = shown(
        "who: authenticated, operations: ['@print'], decision: refuse, "
        "attributes: {print-color-mode: color}",
        f"who: authenticated, {PRINT}",
    )
    assert found["print-color-mode-supported"] == ["monochrome"]


def test_a_rule_on_trial_limits_nothing() -> None:
    found = shown(
        "who: authenticated, operations: ['@print'], decision: refuse, shadow: true, "
        "attributes: {print-color-mode: color}",
        f"who: authenticated, {PRINT}",
    )
    assert found["print-color-mode-supported"] == ["color", "monochrome"]


@pytest.mark.parametrize("name", sorted(NOT_FOR_STRANGERS & {"printer-serial-number"}))
def test_strangers_are_not_shown_what_is_not_their_business(name: str) -> None:
    rule = f"who: authenticated, {PRINT}"
    assert name in shown(rule)
    assert name not in shown(rule, user=None)


def test_get_user_printer_attributes_is_served_at_printers_that_do_not_know_it() -> None:
    rule = f"who: authenticated, {PRINT}, attributes: {{print-color-mode: monochrome}}"
    found = shown(rule, operation=Operation.GET_USER_PRINTER_ATTRIBUTES)
    assert found["print-color-mode-supported"] == ["monochrome"]
    assert "\0\0\0\x66" in found["operations-supported"]
    assert "\0\0\0\x08" not in found["operations-supported"], "nobody may cancel"
