"""The order of a stream's lines: whatever was done to it shows, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ippgate.audit.line import Link, Position, read_link
from ippgate.audit.sequence import GAPS, Break, Fault, Place, Sequence
from tests.unit.audit.records import trail


def links(outcomes: int = 6) -> list[Link]:
    found = [read_link(line) for line in trail(outcomes)]
    return [link for link in found if link is not None]


LINKS = links()
NUMBERS = range(len(LINKS))


def breaks(of: list[Link], *, goes_on: bool = False) -> list[Break]:
    """What following these lines, as the file ``t``, finds."""
    sequence = Sequence(of[0], goes_on=goes_on)
    found = [each for n, link in enumerate(of, 1) for each in sequence.take(link, Place("t", n))]
    return [*found, *sequence.end()]


def told(of: list[Link]) -> list[tuple[int, str]]:
    return [(each.place.line, each.fault.value) for each in breaks(of)]


def edited(link: Link) -> Link:
    return replace(link, intact=False)


def rewritten(link: Link) -> Link:
    """Edited, and its hash made to fit."""
    position = Position(link.position.stream, link.position.seq, "e" * 64)
    return replace(link, position=position)


@given(st.integers(1, len(LINKS)))
def test_a_stream_in_order_has_no_break_wherever_it_is_cut(end: int) -> None:
    sequence = Sequence(LINKS[0], goes_on=False)
    for number, link in enumerate(LINKS[:end], 1):
        assert sequence.take(link, Place("t", number)) == []
    assert sequence.end() == []
    assert (sequence.begins_at, sequence.ends_at, sequence.lines) == (1, end, end)
    assert sequence.last_hash == LINKS[end - 1].position.hash


@settings(max_examples=500)
@given(st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=10))
def test_anything_but_the_beginning_in_order_shows(order: list[int]) -> None:
    """Lines deleted, repeated, moved: in any way at once."""
    changed = order != list(range(len(order)))
    assert bool(breaks([LINKS[number] for number in order])) == changed


@given(st.permutations(NUMBERS), st.sampled_from(NUMBERS), st.sampled_from([edited, rewritten]))
def test_an_edit_shows_however_the_lines_stand(
    order: list[int], victim: int, edit: Callable[[Link], Link]
) -> None:
    lines = [LINKS[number] for number in order]
    lines[victim] = edit(lines[victim])
    if edit is rewritten and order == list(NUMBERS) and victim == len(lines) - 1:
        return  # the last line's hash stands nowhere else: that is what is noted elsewhere
    assert breaks(lines)


@given(st.integers(0, 4), st.integers(1, 3))
def test_what_is_missing_is_named_by_its_numbers_in_front_of_the_line_behind_it(
    first: int, count: int
) -> None:
    found = breaks([*LINKS[:first], *LINKS[first + count :]])
    numbers = (
        f"number {first + 1} is" if count == 1 else f"numbers {first + 1} to {first + count} are"
    )
    words = f"{numbers} missing in front of this line"
    assert found == [Break(Place("t", first + 1), Fault.DELETED, words)]


@given(st.integers(0, len(LINKS) - 2))
def test_two_lines_that_changed_places_are_one_break(first: int) -> None:
    lines = [*LINKS]
    lines[first : first + 2] = reversed(lines[first : first + 2])
    assert [fault for _, fault in told(lines)] == ["reordered"]


@given(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS))
def test_one_line_that_was_moved_is_one_break(start: int, end: int) -> None:
    lines = [*LINKS]
    lines.insert(end, lines.pop(start))
    assert [fault for _, fault in told(lines)] == (["reordered"] if start != end else [])


@given(st.sampled_from(NUMBERS), st.integers(0, 7))
def test_a_line_that_stands_there_twice_is_repeated_or_came_too_early(
    victim: int, later: int
) -> None:
    place = min(victim + 1 + later, len(LINKS))
    lines = [*LINKS[:place], LINKS[victim], *LINKS[place:]]
    assert told(lines) == [(place + 1, "repeated")]


@given(st.sampled_from(NUMBERS))
def test_an_edited_line_is_named_itself_and_the_rest_goes_on(victim: int) -> None:
    lines = [*LINKS]
    lines[victim] = edited(lines[victim])
    assert told(lines) == [(victim + 1, "edited")]


@given(st.integers(0, len(LINKS) - 2))
def test_a_line_whose_hash_was_made_to_fit_is_betrayed_by_the_next(victim: int) -> None:
    lines = [*LINKS]
    lines[victim] = rewritten(lines[victim])
    (found,) = breaks(lines)
    assert (found.place.line, found.fault) == (victim + 1, Fault.EDITED)
    assert f"t, line {victim + 2}" in found.words


def test_a_stream_that_goes_on_from_another_file_begins_where_it_says() -> None:
    sequence = Sequence(LINKS[3], goes_on=True)
    assert (sequence.begins_at, sequence.follows) == (4, LINKS[2].position.hash)
    assert breaks(LINKS[3:], goes_on=True) == []
    assert [each.fault for each in breaks(LINKS[3:], goes_on=False)] == [Fault.DELETED]


def test_a_first_line_that_builds_on_something_is_no_first_line() -> None:
    found = breaks([replace(LINKS[0], prev="f" * 64), *LINKS[1:]])
    assert [(each.place.line, each.fault) for each in found] == [(1, Fault.EDITED)]
    assert "does not begin as a stream begins" in found[0].words


def test_a_stream_says_how_it_ended() -> None:
    sequence = Sequence(LINKS[0], goes_on=False)
    for number, link in enumerate(LINKS, 1):
        sequence.take(link, Place("t", number))
    assert sequence.last_event == "stream.closed"


def far_apart(seq: int) -> Link:
    position = Position("ab12cd34", seq, f"{seq:064x}")
    return replace(LINKS[1], position=position, prev=f"{seq - 1:064x}")


@pytest.mark.parametrize(
    "numbers",
    [
        range(2, 10 * GAPS, 2),
        range(10 * GAPS, 2, -2),
        [1, 100 * GAPS, *range(3, 10 * GAPS, 2)],
    ],
    ids=["every second", "backwards", "filled from within"],
)
def test_a_trail_torn_into_thousands_of_pieces_costs_bounded_memory(numbers: list[int]) -> None:
    lines = [far_apart(seq) for seq in numbers]
    sequence = Sequence(lines[0], goes_on=True)
    found = [each for n, link in enumerate(lines, 1) for each in sequence.take(link, Place("", n))]
    missing = sequence.end()
    assert found or missing
    assert len(missing) <= GAPS


def test_places_are_told_with_and_without_a_file() -> None:
    assert str(Place("audit.jsonl", 3)) == "audit.jsonl, line 3"
    assert str(Place("", 3)) == "line 3"
