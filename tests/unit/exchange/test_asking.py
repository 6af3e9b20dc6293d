"""What a request asks for, wherever and by whatever name it asks."""

from __future__ import annotations

from ippgate.exchange.asking import scalar
from ippgate.ipp.enums import Operation, Status
from ippgate.ipp.message import Attribute, Collection, Value
from ippgate.ipp.values import (
    boolean,
    integer,
    keyword,
    range_of_integer,
    uri,
)
from ippgate.policy.facts import Span
from tests.support.exchange_fakes import (
    request,
)
from tests.support.rules_gate import (
    NOT_SUPPORTED,
    gate_of,
    job,
    keywords,
    rule,
)


def test_a_rule_that_refuses_a_value_refuses_it_in_any_place() -> None:
    gate = gate_of(
        "name: grey, who: authenticated, operations: ['@print'], decision: refuse, "
        "attributes: {print-color-mode: [color]}",
        rule(""),
    )
    override = Collection(
        (
            Attribute("pages", (range_of_integer(2, 2),)),
            keywords("print-color-mode", "color"),
        )
    )
    hidden = job(keywords("print-color-mode", "monochrome"), Attribute("overrides", (override,)))
    assert gate.ask_status(hidden) == NOT_SUPPORTED
    assert gate.ask_status(job(keywords("output-mode", "color"))) == NOT_SUPPORTED
    assert gate.ask_status(job(keywords("print-color-mode", "monochrome"))) == 0


def test_media_are_the_same_by_whatever_name() -> None:
    gate = gate_of(rule("attributes: {media: {is: [iso_a4_210x297mm]}}"))
    a4 = Collection(
        (Attribute("x-dimension", (integer(21000),)), Attribute("y-dimension", (integer(29700),)))
    )
    a3 = Collection(
        (Attribute("x-dimension", (integer(29700),)), Attribute("y-dimension", (integer(42000),)))
    )
    for size, status in ((a4, Status.SUCCESSFUL_OK), (a3, NOT_SUPPORTED)):
        media_col = Collection((Attribute("media-size", (size,)),))
        assert gate.ask_status(job(Attribute("media-col", (media_col,)))) == status
    assert gate.ask_status(job(keywords("media", "na_letter_8.5x11in"))) == NOT_SUPPORTED


def test_media_of_covers_and_of_sheets_between_are_media() -> None:
    gate = gate_of(rule("attributes: {media: {is: [iso_a4_210x297mm]}}"))
    a3 = Collection(
        (Attribute("x-dimension", (integer(29700),)), Attribute("y-dimension", (integer(42000),)))
    )
    a4, letter = "iso_a4_210x297mm", "na_letter_8.5x11in"
    large = Attribute("media-col", (Collection((Attribute("media-size", (a3,)),)),))
    for member, status in (
        (keywords("media", a4), Status.SUCCESSFUL_OK),
        (keywords("media", letter), NOT_SUPPORTED),
        (large, NOT_SUPPORTED),
    ):
        for name in ("cover-front", "insert-sheet", "job-sheets-col"):
            asked = job(keywords("media", a4), Attribute(name, (Collection((member,)),)))
            assert gate.ask_status(asked) == status


def test_secrets_are_not_recorded() -> None:
    gate = gate_of(rule("attributes: {job-password: {present: true}}"))
    secret = Attribute("job-password", (keyword("canary"),))
    assert gate.ask_status(request(Operation.PRINT_JOB, secret)) == 0
    assert "canary" not in repr(gate.trail.records)
    assert gate.trail.records[-1].attributes == {"job-password": ["given"]}


def test_values_are_read_as_policy_has_them() -> None:
    assert scalar(range_of_integer(2, 5)) == Span(2, 5)
    assert scalar(boolean(True)) == "true"
    assert scalar(Value(0x32, b"\0\0\x02X\0\0\x02X\x03")) == "600dpi"
    assert scalar(Value(0x30, b"secret")) == "given"
    assert scalar(uri("urn:x")) == "urn:x"
