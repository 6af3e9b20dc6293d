"""``ippgate audit verify`` proves a trail; ``ippgate audit show`` reads it as a table."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from ippgate.audit.line import LINE_OCTETS
from ippgate.audit.show import Filter, Table, clean, parse_since, read_entry
from ippgate.audit.verify import Stream, Verdict, Verification
from ippgate.cli.output import NO, OK, USAGE

PROGRESS_SECONDS = 1.0
"""What takes longer shows how far it is, and says so this often."""
PROGRESS_LINES = 5000
"""Between looks at the clock."""
FOLLOW_SECONDS = 0.5
"""Between looks at a file that is followed."""
SETTLE_SECONDS = 0.3
"""A last line that is not complete is looked at once more after this: it may just be written."""

_PAUSE = b""
"""Stands among lines for: all that is there was read."""


def add_parser(subparsers: Any) -> None:
    """Adds ``audit`` with its two commands."""
    parser = subparsers.add_parser("audit", help="prove the audit trail, or read it")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    verify = commands.add_parser(
        "verify",
        help="prove the trail, or say which line breaks it",
        description="Proves that no line was changed, taken out, put in or moved. Give rotated "
        "files oldest first; those that end in .gz are unpacked. Exit code: 0 proven, 1 broken, "
        "2 cannot be read.",
    )
    verify.add_argument("files", nargs="+", type=Path, metavar="FILE")
    verify.add_argument("--json", action="store_true", help="the verdict as one JSON object")
    verify.set_defaults(command=_verify)
    show = commands.add_parser(
        "show",
        help="read the trail as a table",
        description="Times are UTC. A name in brackets is one that was claimed, not proved. "
        "Exit code: 0, 1 when there are lines that cannot be read, 2 when the file cannot be.",
    )
    show.add_argument("file", type=Path, metavar="FILE")
    show.add_argument("--user", help="a name, a directory id, or a claimed name")
    show.add_argument("--printer", help="a printer's name; * and ? match")
    show.add_argument("--operation", help="an operation's name; * and ? match")
    show.add_argument("--since", help="30m, 2h, 7d or a time such as 2026-11-24T08:00:00Z")
    show.add_argument("--denied", action="store_true", help="only what was refused")
    show.add_argument("--follow", action="store_true", help="go on with lines as they are written")
    show.add_argument("--json", action="store_true", help="the lines themselves")
    show.set_defaults(command=_show)


# --- verify ---------------------------------------------------------------------------------------


def _verify(arguments: argparse.Namespace) -> int:
    verification = Verification()
    progress = _Progress()
    for path in arguments.files:
        verification.file(clean(str(path)))
        try:
            for line in _settled_lines(path):
                verification.line(line)
                if verification.lines % PROGRESS_LINES == 0:
                    progress.show(verification.lines)
        except (OSError, EOFError, zlib.error) as error:
            progress.clear()
            return _unreadable(path, error)
    progress.clear()
    verdict = verification.verdict()
    print(json.dumps(_as_json(verdict)) if arguments.json else _in_words(verdict))
    return OK if verdict.proven else NO


def _as_json(verdict: Verdict) -> dict[str, object]:
    return {
        "proven": verdict.proven,
        "lines": verdict.lines,
        "first": verdict.first,
        "last": verdict.last,
        "streams": [asdict(stream) for stream in verdict.streams],
        "breaks": [
            {"file": b.place.file, "line": b.place.line, "fault": b.fault.value, "words": b.words}
            for b in verdict.breaks
        ],
        "more_breaks": verdict.more,
    }


def _in_words(verdict: Verdict) -> str:
    if not verdict.lines:
        return "BROKEN: there is no line; a trail begins with stream.opened"
    words = [f"{b.place}: {b.fault.value}: {b.words}" for b in verdict.breaks]
    if verdict.more:
        words.append(f"and {verdict.more:,} breaks more")
    words += [_stream_in_words(stream) for stream in verdict.streams]
    lines = f"{verdict.lines:,} {'line' if verdict.lines == 1 else 'lines'}"
    span = f", {verdict.first} to {verdict.last}" if verdict.first else ""
    words.append(f"{'PROVEN' if verdict.proven else 'BROKEN'}: {lines}{span}")
    return "\n".join(words)


def _stream_in_words(stream: Stream) -> str:
    words = f"stream {stream.name}: {stream.first:,} to {stream.last:,}"
    if stream.follows is not None:
        words += f"\n  follows a file that was not given, whose last hash is\n  {stream.follows}"
    if not stream.closed:
        words += (
            "\n  not closed: it is being written, or the gateway crashed, or the end was"
            f"\n  cut off; the last hash is\n  {stream.last_hash or 'not known'}"
        )
    return words


class _Progress:
    """One line on standard error, on a terminal only."""

    def __init__(self) -> None:
        self._next = time.monotonic() + PROGRESS_SECONDS
        self._shown = False

    def show(self, lines: int) -> None:
        now = time.monotonic()
        if now >= self._next and sys.stderr.isatty():
            self._next = now + PROGRESS_SECONDS
            self._shown = True
            print(f"\r{lines:,} lines", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


# --- show -----------------------------------------------------------------------------------------


def _show(arguments: argparse.Namespace) -> int:
    try:
        since = parse_since(arguments.since, datetime.now(UTC)) if arguments.since else None
    except ValueError as error:
        print(f"--since: {error}", file=sys.stderr)
        return USAGE
    wanted = Filter(arguments.user, arguments.printer, arguments.operation, since, arguments.denied)
    table = Table(shutil.get_terminal_size().columns if sys.stdout.isatty() else 80)
    if not arguments.json:
        print(table.head())
    lines = _followed(arguments.file) if arguments.follow else _lines(arguments.file)
    unreadable = 0
    try:
        for line in lines:
            if line == _PAUSE:
                sys.stdout.flush()
                continue
            entry = read_entry(line)
            if entry is None:
                # Without newline: it is being written right now.
                unreadable += line.endswith(b"\n")
            elif wanted.matches(entry):
                print(_json_line(line) if arguments.json else table.row(entry))
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, BrokenPipeError):
            raise
        return _unreadable(arguments.file, error)
    except KeyboardInterrupt:
        return OK
    if unreadable:
        print(
            f"{unreadable:,} lines are no lines of a trail: ippgate audit verify says which",
            file=sys.stderr,
        )
    return NO if unreadable else OK


def _json_line(line: bytes) -> str:
    """The line as written, if a terminal may see it; its printable form otherwise."""
    text = line.decode("utf-8", "replace").rstrip("\n")
    if text.isprintable():
        return text
    # JSON in ASCII escapes everything but this one.
    return json.dumps(json.loads(line)).replace("\x7f", "\\u007f")


# --- reading --------------------------------------------------------------------------------------


def _unreadable(path: Path, error: Exception) -> int:
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    print(f"cannot read {clean(str(path))}: {words}", file=sys.stderr)
    return USAGE


def _open(path: Path) -> IO[bytes] | gzip.GzipFile:
    if path.suffix == ".gz":
        return gzip.open(path, "rb")
    return path.open("rb")


def _lines(path: Path) -> Iterator[bytes]:
    """Lines with their newline; the last one may have none. Of one that is too long, a part."""
    with _open(path) as file:
        while line := _next_line(file):
            yield line


def _settled_lines(path: Path) -> Iterator[bytes]:
    """As ``_lines``; a last line that is just being written is waited for."""
    with _open(path) as file:
        while line := _next_line(file):
            if not line.endswith(b"\n"):
                time.sleep(SETTLE_SECONDS)
                line += _next_line(file)
            yield line


def _next_line(file: IO[bytes] | gzip.GzipFile) -> bytes:
    line = file.readline(LINE_OCTETS)
    if len(line) < LINE_OCTETS or line.endswith(b"\n"):
        return line
    # No line of a trail is this long. Its beginning shows that it is none.
    while rest := file.readline(LINE_OCTETS):
        if rest.endswith(b"\n"):
            break
    return line[:1000] + b"\n"


def _followed(path: Path, pause: Callable[[float], None] = time.sleep) -> Iterator[bytes]:
    """All lines, then those that are written, without end, also after the file was rotated.

    ``_PAUSE`` stands for each wait.
    """
    while True:
        with path.open("rb") as file:
            pending = b""
            replaced = False
            while True:
                line = pending + _next_line(file)
                if line.endswith(b"\n"):
                    pending = b""
                    yield line
                    continue
                pending = line
                if replaced:
                    break
                yield _PAUSE
                pause(FOLLOW_SECONDS)
                # What came before it was replaced is read first.
                replaced = _replaced(path, file)


def _replaced(path: Path, file: IO[bytes]) -> bool:
    """Whether another file is at the path now, or this one was cut."""
    here = os.fstat(file.fileno())
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return False
    return (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino) or (
        there.st_size < file.tell()
    )
