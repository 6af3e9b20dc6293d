"""The end of a file after a crash: what is whole, what is torn, and what is no trail at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ippgate.audit.tail import TAIL_OCTETS, Tail, read_tail
from tests.unit.audit.records import trail

LINES = trail(3)
WHOLE = b"".join(LINES)


def tail_of(path: Path, octets: bytes) -> Tail:
    path.write_bytes(octets)
    fd = os.open(path, os.O_RDONLY)
    try:
        return read_tail(fd)
    finally:
        os.close(fd)


def last_of(tail: Tail) -> int:
    assert tail.last is not None
    return tail.last.position.seq


def test_a_whole_file(tmp_path: Path) -> None:
    tail = tail_of(tmp_path / "a", WHOLE)
    assert (last_of(tail), tail.end, tail.torn) == (5, len(WHOLE), b"")


def test_an_empty_file(tmp_path: Path) -> None:
    assert tail_of(tmp_path / "a", b"") == Tail(None, 0, b"")


def test_torn_at_every_octet(tmp_path: Path) -> None:
    before = b"".join(LINES[:-1])
    for length in range(1, len(LINES[-1])):
        tail = tail_of(tmp_path / "a", before + LINES[-1][:length])
        assert (last_of(tail), tail.end) == (4, len(before))
        assert tail.torn == LINES[-1][:length]


@pytest.mark.parametrize("torn", [b"\0" * 4096, b"\0\0\n\0\0\n", b'{"time":\n', b'{"a":1'])
def test_what_is_no_json_is_torn(tmp_path: Path, torn: bytes) -> None:
    tail = tail_of(tmp_path / "a", WHOLE + torn)
    assert (last_of(tail), tail.end, tail.torn) == (5, len(WHOLE), torn)


def test_a_foreign_line_stays_as_evidence(tmp_path: Path) -> None:
    tail = tail_of(tmp_path / "a", WHOLE + b'{"a":1}\n')
    assert (last_of(tail), tail.end, tail.torn) == (5, len(WHOLE) + 8, b"")


@pytest.mark.parametrize("torn", [LINES[0][:5], LINES[0][:200], b"\0" * 512])
def test_a_crash_in_the_very_first_line(tmp_path: Path, torn: bytes) -> None:
    assert tail_of(tmp_path / "a", torn) == Tail(None, 0, torn)


@pytest.mark.parametrize(
    "octets", [b"root:x:0:0:\n", b"no newline", b'{"a":1}\n', b"x" * (TAIL_OCTETS + 10)]
)
def test_no_trail_at_all(tmp_path: Path, octets: bytes) -> None:
    tail = tail_of(tmp_path / "a", octets)
    assert tail.last is None
    assert tail.end == len(octets)
