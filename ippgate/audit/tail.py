"""What a crash left at the end of a trail's file: the last whole line, and what is torn."""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from ippgate.audit.line import LINE_OCTETS, Link, read_link

TAIL_OCTETS = 4 * LINE_OCTETS
"""How far back the last whole line is looked for: more than one batch of the longest lines that a
crash can leave unfinished."""


class Tail(NamedTuple):
    """``last``: the last line of a trail, or None. ``end``: where whole lines end, in octets.

    ``torn``: what stands behind: a line without newline, or lines that are no JSON (a power cut may
    leave zeros).
    """

    last: Link | None
    end: int
    torn: bytes


def read_tail(fd: int) -> Tail:
    """Looks at the end of the file. Raises OSError.

    ``last`` None and ``end`` > 0: there are whole lines, but none is of a trail.
    """
    size = os.fstat(fd).st_size
    start = max(0, size - TAIL_OCTETS)
    octets = _read(fd, start, size - start)
    lines = _lines(octets)
    end = size
    while lines and not _whole(lines[-1]):
        end -= len(lines.pop())
    torn = octets[end - start :]
    last = next((link for line in reversed(lines) if (link := read_link(line))), None)
    if last is None and not lines and start > 0:
        # Nothing whole in sight: this is no trail. The whole file is left as it is.
        return Tail(None, size, b"")
    if last is None and not lines and not _could_begin(torn):
        return Tail(None, size, b"")
    return Tail(last, end, torn)


def _could_begin(torn: bytes) -> bool:
    """Whether this can be what is left of a trail's very first lines."""
    return b'{"time":"'.startswith(torn[:9]) or not torn.strip(b"\0")


def _whole(line: bytes) -> bool:
    if not line.endswith(b"\n"):
        return False
    if read_link(line) is not None:
        return True
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _lines(octets: bytes) -> list[bytes]:
    """Lines end at LF alone, unlike those of ``splitlines``."""
    pieces = octets.split(b"\n")
    lines = [piece + b"\n" for piece in pieces[:-1]]
    return [*lines, pieces[-1]] if pieces[-1] else lines


def _read(fd: int, start: int, length: int) -> bytes:
    pieces: list[bytes] = []
    while length > 0:
        piece = os.pread(fd, length, start)
        if not piece:
            break
        pieces.append(piece)
        start += len(piece)
        length -= len(piece)
    return b"".join(pieces)
