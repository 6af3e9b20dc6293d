"""``ippgate policy replay``: decides the requests of a trail again, under the rules of a
configuration, and lists those that would now end differently.

Exit code 0: none would; 1: some would.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import IO

from ippgate.audit.line import LINE_OCTETS
from ippgate.audit.show import clean, read_entry
from ippgate.cli.output import NO, OK, USAGE
from ippgate.clock import SystemClock
from ippgate.policy.replay import Difference, Entry, Replay, replay
from ippgate.preparing import prepare

_SHOWN = 3
"""People, printers, operations that one line names."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "replay", help="try rules on the requests of a trail", description=__doc__
    )
    parser.add_argument("-c", "--config", type=Path, required=True, metavar="FILE")
    parser.add_argument(
        "--audit", type=Path, required=True, nargs="+", metavar="LOG", help=".gz is unpacked"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(command=command)


def command(arguments: argparse.Namespace) -> int:
    """Prints the differences. Raises ConfigurationError."""
    prepared = prepare(arguments.config, os.environ, SystemClock().now())
    try:
        result = replay(prepared.policy, _entries(arguments.audit))
    except OSError as error:
        print(f"cannot read {error.filename}: {error.strerror}", file=sys.stderr)
        return USAGE
    except _Broken as error:
        print(f"cannot read {error}", file=sys.stderr)
        return USAGE
    if arguments.json:
        print(json.dumps(_as_json(result)))
    else:
        print("\n".join(_in_words(result)))
    return NO if result.differences else OK


def _entries(files: Sequence[Path]) -> Iterator[Entry]:
    for path in files:
        lines = entries = 0
        with _open(path) as file:
            while line := _line(file, path):
                lines += 1
                entry = read_entry(line)
                if entry is not None:
                    entries += 1
                    yield entry
        if lines and not entries:
            raise _Broken(f"{path}: no line of it is a trail's")


class _Broken(Exception):
    """A compressed file breaks off, or is none; or no trail: its name, and what is wrong."""


def _line(file: IO[bytes] | gzip.GzipFile, path: Path) -> bytes:
    try:
        return file.readline(LINE_OCTETS)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise _Broken(f"{path}: {error}") from None


def _open(path: Path) -> IO[bytes] | gzip.GzipFile:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _in_words(result: Replay) -> Iterator[str]:
    ordered = sorted(result.differences, key=_group)
    for (was, now, rule), group in groupby(ordered, key=_group):
        differences = list(group)
        by = f'by "{rule}"' if rule else f"({differences[0].reason})"
        count = len(differences)
        yield f"{count:,} {'request' if count == 1 else 'requests'}: {was} → {now} {by}"
        for label, name in (
            ("was decided by", "was_rule"),
            ("people", "user"),
            ("printers", "printer"),
            ("operations", "operation"),
        ):
            yield f"    {label}: {_most(differences, name)}"
        first, last = differences[0], differences[-1]
        yield f"    first: {_moment(first)}"
        if last is not first:
            yield f"    last: {_moment(last)}"
    changed = len(result.differences)
    yield f"{result.decided:,} requests decided again, {changed:,} would end differently"
    for why, count in sorted(result.undecided.items()):
        yield f"{count:,} not decided again: {why}"
    if result.unrecorded:
        names = ", ".join(sorted(result.unrecorded))
        yield f"no request has recorded {names}: they count as not given"


def _group(difference: Difference) -> tuple[str, str, str]:
    return difference.was, difference.now, difference.now_rule or ""


def _moment(difference: Difference) -> str:
    return f"{difference.time[:19].replace('T', ' ')} UTC [{difference.id}]"


def _most(differences: Sequence[Difference], name: str) -> str:
    counted = Counter(
        clean(str(getattr(difference, name) or "no rule")) for difference in differences
    )
    words = [f"{value} ({count:,})" for value, count in counted.most_common(_SHOWN)]
    more = len(counted) - _SHOWN
    return ", ".join(words) + (f" and {more} more" if more > 0 else "")


def _as_json(result: Replay) -> dict[str, object]:
    return {
        "decided": result.decided,
        "undecided": result.undecided,
        "unrecorded": sorted(result.unrecorded),
        "differences": [asdict(difference) for difference in result.differences],
    }
