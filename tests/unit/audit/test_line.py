"""Lines: what stands in a record, how it is cut and escaped, how lines are chained."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ippgate.audit.events import Event, Record
from ippgate.audit.line import (
    FIRST_PREV,
    LINE_OCTETS,
    TEXT_CHARACTERS,
    Position,
    chain,
    encode,
    read_link,
    timestamp,
)
from tests.unit.audit.records import START, outcome

FIRST = Position("ab12cd34", 0, FIRST_PREV)
HOSTILE = "x\r\n\x1b[31m\x00\x7f\x85\u2028\u2029\u202e\ud800\U000e0041é"
TEXTS = st.text(st.characters(codec=None), max_size=40) | st.sampled_from(
    [HOSTILE, "\n", "\\", '"']
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXTS
    | st.binary(max_size=8)
    | st.just(START),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXTS, inner, max_size=4)
        | st.dictionaries(st.integers(), inner, max_size=2)
    ),
    max_leaves=20,
)


def read(record: Record) -> dict[str, Any]:
    """The record as a reader of the trail finds it."""
    line, _ = chain(encode(record), FIRST)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    text = line[:-1].decode("utf-8")
    assert text.isprintable()
    assert len(text.splitlines()) == 1
    assert len(line) <= LINE_OCTETS
    link = read_link(line)
    assert link is not None
    assert link.intact
    entry = json.loads(text)
    assert isinstance(entry, dict)
    return entry


def test_a_record_reads_back() -> None:
    entry = read(outcome(7))
    assert entry["time"] == "2026-11-24T01:02:10.000004Z"
    assert entry["event"] == "request.outcome"
    assert entry["user"] == {
        "name": "alice",
        "id": "id-alice",
        "method": "basic",
        "claimed": "somebody",
    }
    assert entry["result"] == {"http": 200, "ipp": "successful-ok", "ms": 1.5}
    assert "tls" not in entry
    assert list(entry) == [
        *("time", "event", "id", "client", "user", "printer", "operation", "decision"),
        *("document", "result", "stream", "seq", "prev", "hash"),
    ]


@pytest.mark.parametrize(
    "place",
    [
        *("id", "printer", "operation", "client", "tls", "user", "attributes", "decision"),
        *("job", "document", "result", "detail"),
    ],
)
@pytest.mark.parametrize(
    "text", [HOSTILE, "a\r\n" + '{"time":"2026"}', "a\x1b]0;owned\x07", "a\u2028b"]
)
def test_what_a_client_sends_stays_in_its_line(place: str, text: str) -> None:
    plain = place in ("id", "printer", "operation")
    changed: Any = text if plain else {"x": text, text: "y", "list": [text]}
    entry = read(replace(outcome(), **{place: changed}))
    assert entry[place] == changed


def test_names_stay_readable() -> None:
    body = encode(outcome(user="Jürgen 山田"))
    assert "Jürgen 山田".encode() in body


def test_long_texts_are_cut() -> None:
    entry = read(replace(outcome(), printer="p" * 5000, attributes={"a": ["é" * 5000], "b": "ok"}))
    assert entry["printer"] == "p" * (TEXT_CHARACTERS - 1) + "…"
    assert len(entry["attributes"]["a"][0]) == TEXT_CHARACTERS
    assert entry["attributes"]["b"] == "ok"
    assert entry["result"]["http"] == 200


def test_a_text_of_the_greatest_length_is_not_cut() -> None:
    assert read(replace(outcome(), printer="p" * TEXT_CHARACTERS))["printer"] == "p" * 1024


def test_many_texts_are_cut_together() -> None:
    many: dict[str, object] = {f"n{i}": "\U000e0041" * 1024 for i in range(5000)}
    entry = read(replace(outcome(), attributes=many))
    assert entry["attributes"]["…"] == "…"
    assert entry["decision"]["effect"] == "permit"
    assert entry["result"]["http"] == 200
    endless: list[object] = []
    endless.append(endless)
    assert "…" in str(read(replace(outcome(), attributes={"endless": endless})))


def test_numbers_that_json_lacks_become_text() -> None:
    entry = read(
        replace(outcome(), result={"a": float("nan"), "b": float("inf"), "c": 10**5000, "d": b"x"})
    )
    assert entry["result"] == {"a": "nan", "b": "inf", "c": "a number of 16610 bits", "d": "b'x'"}


@settings(deadline=None)
@given(st.dictionaries(TEXTS, ANYTHING, max_size=5), TEXTS)
def test_every_record_is_one_whole_line(part: dict[str, object], text: str) -> None:
    entry = read(replace(outcome(), attributes=part, detail={"deep": part}, printer=text))
    assert entry["decision"]["rule"] == "staff print"


@settings(deadline=None)
@given(st.datetimes(timezones=st.just(UTC)))
def test_times_read_back(time: datetime) -> None:
    assert len(timestamp(time)) == 27
    assert datetime.fromisoformat(timestamp(time)) == time


def test_times_are_in_utc() -> None:
    berlin = datetime(2026, 11, 24, 2, 2, 3, 4, tzinfo=timezone(timedelta(hours=1)))
    assert timestamp(berlin) == "2026-11-24T01:02:03.000004Z"
    with pytest.raises(ValueError, match="zone"):
        timestamp(datetime(2026, 11, 24))  # noqa: DTZ001


def test_the_hash_is_over_the_line_as_written() -> None:
    line, after = chain(encode(outcome()), FIRST)
    entry = json.loads(line)
    without = line.rstrip(b"\n").rpartition(b',"hash":')[0] + b"}"
    assert json.loads(without) == {k: v for k, v in entry.items() if k != "hash"}
    assert hashlib.sha256(without).hexdigest() == entry["hash"] == after.hash
    assert (entry["seq"], entry["prev"]) == (1, "0" * 64)


def test_lines_name_the_one_before() -> None:
    first, after = chain(encode(outcome(1)), FIRST)
    second, last = chain(encode(outcome(2)), after)
    link = read_link(second)
    assert link is not None
    assert link.prev == json.loads(first)["hash"]
    assert link.position == last == Position("ab12cd34", 2, last.hash)
    assert link.event == Event.REQUEST_OUTCOME.value


@settings(deadline=None)
@given(st.data())
def test_any_changed_octet_is_noticed(data: st.DataObject) -> None:
    line, _ = chain(encode(outcome()), FIRST)
    at = data.draw(st.integers(0, len(line) - 1))
    octet = data.draw(st.integers(0, 255).filter(lambda o: o != line[at]))
    link = read_link(line[:at] + bytes([octet]) + line[at + 1 :])
    assert link is None or not link.intact


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_anything_else_is_no_line(octets: bytes) -> None:
    assert read_link(octets) is None
