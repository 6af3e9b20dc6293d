"""Verification: every way to change a trail is found, at the line where it was done."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ippgate.audit.line import FIRST_PREV, Position, chain
from ippgate.audit.sequence import Fault
from ippgate.audit.verify import BREAKS, Verdict, Verification, verify
from tests.unit.audit.records import trail

LINES = trail(8)
COUNT = len(LINES)
EVERY = range(COUNT)


def found(verdict: Verdict) -> list[tuple[int, Fault]]:
    assert not verdict.proven or not verdict.breaks
    return [(b.place.line, b.fault) for b in verdict.breaks]


def rewritten(line: bytes) -> bytes:
    """The line with other content, and the hash that this content gives."""
    entry = json.loads(line)
    position = Position(entry["stream"], entry["seq"] - 1, entry["prev"])
    body = line[: line.index(b',"stream":"')].replace(b'"id":"', b'"id":"forged') + b"}"
    return chain(body, position)[0]


def test_an_untouched_trail_is_proven() -> None:
    verdict = verify(LINES)
    assert verdict.proven
    assert verdict.lines == COUNT
    assert verdict.first == "2026-11-24T01:02:03.000004Z"
    assert verdict.last == "2026-11-24T01:02:12.000004Z"
    (stream,) = verdict.streams
    assert (stream.name, stream.first, stream.last, stream.closed) == ("ab12cd34", 1, COUNT, True)
    assert stream.follows is None
    assert stream.last_hash == json.loads(LINES[-1])["hash"]


def test_nothing_proves_nothing() -> None:
    assert not verify([]).proven


@pytest.mark.parametrize("at", EVERY)
def test_edited(at: int) -> None:
    changed = LINES[at].replace(b"2026-11-24", b"2026-11-23")
    assert found(verify([*LINES[:at], changed, *LINES[at + 1 :]])) == [(at + 1, Fault.EDITED)]


@pytest.mark.parametrize("at", EVERY)
@pytest.mark.parametrize("member", [b'"hash":"', b'"prev":"'])
def test_edited_links(at: int, member: bytes) -> None:
    head, _, tail = LINES[at].rpartition(member)
    changed = head + member + (b"0" if tail[0:1] != b"0" else b"1") + tail[1:]
    assert found(verify([*LINES[:at], changed, *LINES[at + 1 :]])) == [(at + 1, Fault.EDITED)]


@pytest.mark.parametrize("at", range(COUNT - 1))
def test_rewritten_with_a_hash_that_fits(at: int) -> None:
    verdict = verify([*LINES[:at], rewritten(LINES[at]), *LINES[at + 1 :]])
    assert found(verdict) == [(at + 1, Fault.EDITED)]
    assert f"line {at + 2}" in verdict.breaks[0].words


@pytest.mark.parametrize(
    ("at", "count"), [(at, n) for n in (1, 2, 3) for at in EVERY if at + n < COUNT]
)
def test_deleted(at: int, count: int) -> None:
    left = [*LINES[:at], *LINES[at + count :]]
    assert found(verify(left)) == [(at + 1, Fault.DELETED)]


@pytest.mark.parametrize("end", range(1, COUNT))
def test_cut_at_the_end_of_a_line_shows_as_not_closed(end: int) -> None:
    verdict = verify(LINES[:end])
    assert [s.closed for s in verdict.streams] == [False]
    assert verdict.streams[0].last == end


@settings(deadline=None)
@given(st.integers(1, len(b"".join(LINES)) - 1))
def test_cut_anywhere(end: int) -> None:
    left = b"".join(LINES)[:end].splitlines(keepends=True)
    verdict = verify(left)
    if left[-1].endswith(b"\n"):
        assert not verdict.streams[0].closed
    else:
        assert found(verdict) == [(len(left), Fault.TORN)]


@settings(deadline=None)
@given(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1))
def test_moved(source: int, target: int) -> None:
    lines = list(LINES)
    line = lines.pop(source)
    lines.insert(target, line)
    verdict = verify(lines)
    if source == target:
        assert verdict.proven
        return
    assert {fault for _, fault in found(verdict)} == {Fault.REORDERED}
    if abs(source - target) == 1:
        assert [place for place, _ in found(verdict)] == [min(source, target) + 1]
    else:
        assert target + 1 in [place for place, _ in found(verdict)]


@settings(deadline=None)
@given(st.permutations(range(COUNT)))
def test_shuffled(order: list[int]) -> None:
    verdict = verify(LINES[i] for i in order)
    assert verdict.proven == (order == sorted(order))
    assert {fault for _, fault in found(verdict)} <= {Fault.REORDERED}


@pytest.mark.parametrize("at", EVERY)
def test_repeated(at: int) -> None:
    lines = [*LINES[: at + 1], *LINES[at:]]
    assert found(verify(lines)) == [(at + 2, Fault.REPEATED)]


@pytest.mark.parametrize("at", range(1, COUNT + 1))
def test_spliced_from_another_trail(at: int) -> None:
    other = trail(3, stream="ffff0000")
    for piece in (other[:1], other[1:3], other):
        verdict = verify([*LINES[:at], *piece, *LINES[at:]])
        assert found(verdict) == [(at + 1 + i, Fault.FOREIGN) for i in range(len(piece))]


@pytest.mark.parametrize("at", range(COUNT + 1))
@pytest.mark.parametrize("line", [b"hello\n", b"{}\n", b"\n", b"\0" * 50 + b"\n", b"\xff\n"])
def test_foreign(at: int, line: bytes) -> None:
    assert found(verify([*LINES[:at], line, *LINES[at:]])) == [(at + 1, Fault.FOREIGN)]


def test_a_new_chain_grafted_on_the_old_one() -> None:
    grafted = trail(4)
    grafted[3:] = [rewritten(line) for line in grafted[3:]]
    position = Position("ab12cd34", 3, json.loads(grafted[2])["hash"])
    for at in range(3, len(grafted)):
        body = grafted[at][: grafted[at].index(b',"stream":"')] + b"}"
        grafted[at], position = chain(body, position)
    # Whoever may write the file can write a new end: that takes a signature to notice. But lines
    # of both do not fit together.
    assert verify(grafted).proven
    original = trail(4)
    for at in range(4, len(original)):
        assert not verify([*original[:at], *grafted[at:]]).proven


def test_rotated_files_in_their_order() -> None:
    last = json.loads(LINES[-1])
    second = trail(3, start=Position("ab12cd34", last["seq"], last["hash"]))
    both = Verification()
    for name, lines in (("a.1", LINES), ("a", second)):
        both.file(name)
        for line in lines:
            both.line(line)
    assert both.verdict().proven
    assert both.verdict().streams[0].last == COUNT + 5
    alone = verify(second)
    assert alone.proven
    assert alone.streams[0].follows == last["hash"]
    assert alone.streams[0].first == COUNT + 1


def test_a_file_missing_between_two() -> None:
    last = json.loads(LINES[-1])
    second = trail(3, start=Position("ab12cd34", last["seq"], last["hash"]))
    last = json.loads(second[-1])
    third = trail(2, start=Position("ab12cd34", last["seq"], last["hash"]))
    given_ = Verification()
    for name, lines in (("a.2", LINES), ("a", third)):
        given_.file(name)
        for line in lines:
            given_.line(line)
    (gap,) = given_.verdict().breaks
    assert (str(gap.place), gap.fault) == ("a, line 1", Fault.DELETED)
    assert "11 to 15" in gap.words


def test_streams_in_files_of_their_own() -> None:
    given_ = Verification()
    for name in ("aaaa", "bbbb"):
        given_.file(name)
        for line in trail(2, stream=name):
            given_.line(line)
    assert given_.verdict().proven
    assert [s.name for s in given_.verdict().streams] == ["aaaa", "bbbb"]


def test_the_head_of_a_file_cannot_be_cut_at_a_restart() -> None:
    position = Position("ab12cd34", COUNT, json.loads(LINES[-1])["hash"])
    reopened = trail(2, start=position)
    body = reopened[0][: reopened[0].index(b',"stream":"')].replace(b"rotated", b"restart") + b"}"
    assert verify([*LINES, chain(body, position)[0]]).proven
    assert found(verify([chain(body, position)[0]])) == [(1, Fault.DELETED)]


def test_memory_is_bounded() -> None:
    verdict = verify(b"x\n" for _ in range(BREAKS + 500))
    assert len(verdict.breaks) == BREAKS
    assert verdict.more == 500
    assert FIRST_PREV == "0" * 64
