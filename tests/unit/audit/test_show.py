"""The table: which lines are shown, and that no terminal is ever told more than text."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ippgate.audit.events import Event, Record
from ippgate.audit.line import encode
from ippgate.audit.show import WIDTH, Entry, Filter, Table, clean, parse_since, read_entry
from tests.unit.audit.records import START, outcome, stream_event

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
PARTS = ["time", "event", "id", "user", "printer", "operation", "decision", "result", "detail"]
MEMBERS = st.dictionaries(st.sampled_from(["name", "claimed", "effect", "ipp", "http"]), JSON)


def entry(record: Record) -> Entry:
    read = read_entry(encode(record))
    assert read is not None
    return read


def refused() -> Record:
    return replace(
        outcome(effect="refuse"), result={"http": 200, "ipp": "client-error-not-authorized"}
    )


def unknown() -> Record:
    return Record(
        START, Event.AUTHENTICATION_REFUSED, "r", user={"claimed": "mallory"}, result={"http": 401}
    )


def test_the_table() -> None:
    intent = replace(outcome(), event=Event.REQUEST_INTENT, result=None)
    opened = stream_event(Event.STREAM_OPENED, 0, {"reason": "crash"})
    table = Table()
    rows = [table.head(), *(table.row(entry(r)) for r in (opened, intent, refused(), unknown()))]
    assert rows == [
        "TIME           USER       PRINTER    OPERATION         DECIDED RESULT",
        "11-24 01:02:03 -          -          stream.opened     -       crash",
        "11-24 01:02:04 alice      lab-1      Print-Job         permit  (to be sent)",
        "11-24 01:02:04 alice      lab-1      Print-Job         refuse  not-authorized",
        "11-24 01:02:03 (mallory)  -          authentication.r… -       HTTP 401",
    ]


def test_a_wide_terminal_is_used() -> None:
    row = Table(140).row(entry(replace(outcome(), operation="Get-Printer-Supported-Values")))
    assert "…" not in row
    assert "Get-Printer-Supp…" in Table().row(
        entry(replace(outcome(), operation="Get-Printer-Supported-Values"))
    )


def test_wide_characters_keep_the_columns() -> None:
    row = Table().row(entry(replace(outcome(user="山田太郎さん"), printer="lab-1")))
    before = row[: row.index("lab-1")]
    assert sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in before) == 26


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(PARTS), JSON | MEMBERS), st.integers(0, 200))
def test_any_line_is_one_printable_row(given_entry: dict[str, Any], width: int) -> None:
    row = Table(width).row(given_entry)
    assert row.isprintable()
    columns = sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in row
    )
    assert columns <= max(WIDTH, width)
    for filter_ in (
        Filter(user="x", printer="*", operation="*"),
        Filter(denied=True, since=NOW),
    ):
        filter_.matches(given_entry)


@settings(deadline=None)
@given(st.binary())
def test_any_octets_are_an_entry_or_none(octets: bytes) -> None:
    read = read_entry(octets)
    assert read is None or isinstance(read, dict)


@settings(deadline=None)
@given(st.text(st.characters(codec=None)))
def test_clean_text_is_printable(text: str) -> None:
    assert clean(text).isprintable()
    assert not text.isprintable() or clean(text) == text


def test_what_a_terminal_obeys_is_spelt_out() -> None:
    assert clean("a\x1b[31m\r\n\u2028\x85\x7f") == r"a\x1b[31m\x0d\x0a\u2028\x85\x7f"


@pytest.mark.parametrize(
    ("filter_", "shown"),
    [
        (Filter(), "alice bob refused unknown opened"),
        (Filter(user="ALICE"), "alice refused"),
        (Filter(user="id-bob"), "bob"),
        (Filter(user="mallory"), "unknown"),
        (Filter(user="somebody"), ""),
        (Filter(denied=True), "refused unknown"),
        (Filter(denied=True, user="alice"), "refused"),
        (Filter(printer="LAB-*"), "alice bob refused"),
        (Filter(printer="lab"), ""),
        (Filter(operation="print-job"), "alice bob refused"),
        (Filter(operation="Get-*"), ""),
        (Filter(since=START + timedelta(seconds=1)), "alice bob refused"),
        (Filter(since=START + timedelta(seconds=2)), "bob"),
    ],
)
def test_filters(filter_: Filter, shown: str) -> None:
    entries = {
        "alice": outcome(1),
        "bob": outcome(2, user="bob"),
        "refused": refused(),
        "unknown": unknown(),
        "opened": stream_event(Event.STREAM_OPENED),
    }
    assert " ".join(n for n, r in entries.items() if filter_.matches(entry(r))) == shown


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2h", NOW - timedelta(hours=2)),
        ("30m", NOW - timedelta(minutes=30)),
        ("7d", NOW - timedelta(days=7)),
        (" 10 S ", NOW - timedelta(seconds=10)),
        ("2026-11-24T08:00:00Z", NOW - timedelta(hours=4)),
        ("2026-11-24T09:00:00+01:00", NOW - timedelta(hours=4)),
        ("2026-11-24", NOW - timedelta(hours=12)),
    ],
)
def test_since(text: str, time: datetime) -> None:
    assert parse_since(text, NOW) == time


@pytest.mark.parametrize("text", ["", "yesterday", "2", "h", "999999999w", "-2h", "2h\x1b[31m"])
def test_since_that_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="write 30m, 2h, 7d") as error:
        parse_since(text, NOW)
    assert str(error.value).isprintable()


def test_a_line_that_is_no_object() -> None:
    assert read_entry(b"[1]\n") is None
    assert read_entry(b"[" * 100_000) is None
    assert json.loads("{}") == read_entry(b"{}")
