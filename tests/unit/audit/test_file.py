"""The trail's file: chained, locked, recovered; and what a disk refuses is not in it."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from ippgate.audit.events import Event
from ippgate.audit.file import Opened, TrailFile
from ippgate.audit.line import encode
from ippgate.audit.verify import Verdict, Verification, verify
from ippgate.exchange.ports import TrailUnwritable
from tests.unit.audit.records import START, outcome, stream_event, trail


def bodies(*numbers: int) -> list[bytes]:
    return [encode(outcome(number)) for number in numbers]


def opened(path: Path, stream: str = "ab12cd34", *, required: bool = False) -> TrailFile:
    """A file with its opening record written."""
    file = TrailFile(path, stream, required=required)
    announce(file)
    return file


def announce(file: TrailFile) -> Opened:
    how = file.open()
    file.append([encode(stream_event(Event.STREAM_OPENED, 0, how.detail()))])
    return how


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def proven(*paths: Path) -> Verdict:
    verification = Verification()
    for path in paths:
        verification.file(path.name)
        for line in path.read_bytes().splitlines(keepends=True):
            verification.line(line)
    verdict = verification.verdict()
    assert verdict.proven, verdict.breaks
    return verdict


def test_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    file = TrailFile(path, "ab12cd34")
    assert announce(file) == Opened("new", "0" * 64, b"")
    file.append(bodies(1, 2, 3))
    file.sync()
    file.close()
    assert proven(path).lines == 4
    assert path.stat().st_mode & 0o777 & ~0o640 == 0


def test_a_restart_goes_on_in_the_same_stream(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    file = opened(path)
    file.append([*bodies(1), encode(stream_event(Event.STREAM_CLOSED))])
    file.close()
    again = TrailFile(path, "99999999")
    assert announce(again).reason == "restart"
    again.append(bodies(2))
    again.close()
    (stream,) = proven(path).streams
    assert (stream.name, stream.last) == ("ab12cd34", 5)
    crashed = TrailFile(path, "88888888")
    assert crashed.open().reason == "crash"
    crashed.close()


def test_a_torn_line_is_moved_out_of_the_way_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    whole = b"".join(trail(3))
    for length in (1, 100, 400):
        path.write_bytes(whole + trail(1)[1][:length])
        file = opened(path)
        file.append(bodies(1))
        file.close()
        assert proven(path).lines == 7
        torn = lines(path)[5]["detail"]["torn"]
        assert torn["octets"] == length
    kept = (tmp_path / "audit.jsonl.torn").read_bytes()
    assert kept == b"".join(trail(1)[1][:n] + b"\n" for n in (1, 100, 400))


@pytest.mark.parametrize("content", [b"root:x:0:0\n", b"a photograph"])
def test_what_is_no_trail_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "passwd"
    path.write_bytes(content)
    with pytest.raises(TrailUnwritable, match="something else than a trail"):
        TrailFile(path, "ab12cd34").open()
    assert path.read_bytes() == content


def test_two_gateways_do_not_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    first = opened(path)
    second = TrailFile(path, "99999999")
    with pytest.raises(TrailUnwritable, match="another gateway"):
        second.open()
    first.close()
    assert announce(second).reason == "crash"
    second.close()


def test_a_stream_of_another_name(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    opened(path, "worker-1").close()
    with pytest.raises(TrailUnwritable, match=r"holds the stream worker-1, not worker-2"):
        TrailFile(path, "worker-2", required=True).open()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing/audit.jsonl", "create the folder"),
        ("", "Is a directory"),
        ("fifo", "not a regular file"),
        ("audit.jsonl/x", "Not a directory"),
    ],
)
def test_what_cannot_be_opened_is_said(tmp_path: Path, name: str, words: str) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "audit.jsonl").touch()
    with pytest.raises(TrailUnwritable, match=words):
        TrailFile(tmp_path / name, "ab12cd34").open()
    assert not (tmp_path / "missing").exists()


def test_a_rotated_file_names_the_one_before(tmp_path: Path) -> None:
    path, old = tmp_path / "audit.jsonl", tmp_path / "audit.jsonl.1"
    file = opened(path)
    file.append(bodies(1))
    assert file.in_place()
    path.rename(old)
    assert not file.in_place()
    assert announce(file).reason == "rotated"
    file.append(bodies(2))
    file.close()
    assert lines(path)[0]["detail"]["previous"] == lines(old)[-1]["hash"]
    assert proven(old, path).streams[0].last == 4
    assert proven(path).streams[0].first == 3


@pytest.mark.parametrize("removed", [True, False])
def test_removed_or_truncated_files_begin_anew(tmp_path: Path, removed: bool) -> None:
    path = tmp_path / "audit.jsonl"
    file = opened(path)
    if removed:
        path.unlink()
    else:
        os.truncate(path, 0)
    assert not file.in_place()
    assert announce(file).reason == "rotated"
    file.close()
    assert proven(path).lines == 1


def test_a_copy_in_its_place_is_another_file(tmp_path: Path) -> None:
    path, copy = tmp_path / "audit.jsonl", tmp_path / "copy"
    file = opened(path)
    copy.write_bytes(path.read_bytes())
    copy.rename(path)
    assert not file.in_place()
    assert announce(file).reason == "changed"
    file.close()
    assert proven(path).lines == 2


def test_lines_that_somebody_cut_off_are_missed(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    file = opened(path)
    file.append(bodies(1, 2, 3))
    whole = path.read_bytes().splitlines(keepends=True)
    os.truncate(path, len(whole[0]) + len(whole[1]))
    assert not file.in_place()
    assert announce(file).reason == "changed"
    file.close()
    (gap,) = verify(path.read_bytes().splitlines(keepends=True)).breaks
    assert (gap.place.line, gap.words) == (3, "numbers 3 to 4 are missing in front of this line")


def test_what_somebody_else_appends_is_kept_and_found(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    file = opened(path)
    with path.open("ab") as other:
        other.write(b'{"forged":1}\n')
    assert not file.in_place()
    assert announce(file).reason == "changed"
    file.close()
    assert [
        (b.place.line, b.fault.value)
        for b in verify(path.read_bytes().splitlines(keepends=True)).breaks
    ] == [(2, "foreign")]


def test_taken_back_lines_are_gone(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    file = opened(path)
    kept = file.append(bodies(1, 2, 3), keep=2)
    file.back_to(kept)
    file.append(bodies(4))
    file.close()
    assert [line["id"] for line in lines(path)] == ["", "r1", "r2", "r4"]
    assert proven(path).lines == 4


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("taken", [0, 1, 100, 700])
def test_a_part_of_a_write_does_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, taken: int
) -> None:
    path = tmp_path / "audit.jsonl"
    file = opened(path)
    file.append(bodies(1))
    before = path.read_bytes()
    left = [taken]
    write = os.write

    def full(fd: int, octets: bytes) -> int:
        if not left[0]:
            raise OSError(code, os.strerror(code))
        written = write(fd, octets[: left[0]])
        left[0] = 0
        return written

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(TrailUnwritable, match=os.strerror(code)):
            file.append(bodies(2, 3))
    assert path.read_bytes() == before
    assert file.in_place()
    file.append(bodies(4))
    file.close()
    assert proven(path).lines == 3


def test_a_disk_that_refuses_even_to_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "audit.jsonl"
    file = opened(path)
    mark = file.mark
    file.append(bodies(1))

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "ftruncate", refuse)
        file.back_to(mark)
        assert len(lines(path)) == 2
        with pytest.raises(TrailUnwritable, match="cannot cut"):
            file.in_place()
    assert file.in_place()
    file.append(bodies(2))
    file.close()
    assert [line["id"] for line in lines(path)] == ["", "r2"]
    assert proven(path).lines == 2
    assert START.tzinfo is not None
