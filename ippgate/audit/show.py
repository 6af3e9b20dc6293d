"""The trail as a table: which lines are asked for, and how one looks. Pure.

Nothing that is not printable ever leaves this file: a terminal obeys control characters, and what
stands in a trail was partly chosen by whoever sent a request.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

WIDTH = 80
"""Columns of a table, when nobody knows better."""

Entry = Mapping[str, object]
"""A line of the trail, decoded."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_AGO = re.compile(r"(\d{1,9})\s*([smhdw])")
_TITLES = ("TIME", "USER", "PRINTER", "OPERATION", "DECIDED", "RESULT")
_WIDTHS = (14, 10, 10, 17, 7, 17)
_GROWS = (0, 2, 2, 2, 0, 4)
"""How columns share what a wider terminal has to give, in tenths."""
_NONE = "-"


def read_entry(line: bytes) -> Entry | None:
    """The line as an object; None when it is none."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def parse_since(text: str, now: datetime) -> datetime:
    """``30m``, ``2h``, ``7d`` before ``now``, or an RFC 3339 time; without a zone: UTC.

    Raises ValueError with words for the person who typed it.
    """
    ago = _AGO.fullmatch(text.strip().lower())
    try:
        if ago is not None:
            return now - timedelta(seconds=int(ago[1]) * _UNITS[ago[2]])
        time = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise ValueError(
            f"not a time: {clean(text)} (write 30m, 2h, 7d or 2026-11-24T08:00:00Z)"
        ) from None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines are shown; None matches all.

    ``user``: a name, a directory id, or the name that was claimed when nobody was identified.
    ``printer`` and ``operation`` may have wildcards; upper and lower case are alike in all three.
    ``since``: in UTC. ``denied``: only what was refused.
    """

    user: str | None = None
    printer: str | None = None
    operation: str | None = None
    since: datetime | None = None
    denied: bool = False

    def matches(self, entry: Entry) -> bool:
        """Whether to show this line."""
        if self.since is not None and not _not_before(entry, self.since):
            return False
        if self.denied and not _denied(entry):
            return False
        if self.user is not None and self.user.casefold() not in _names(entry):
            return False
        return _like(self.printer, entry.get("printer")) and _like(
            self.operation, entry.get("operation")
        )


class Table:
    """Rows of fixed columns, ``width`` in all, not less than 80."""

    def __init__(self, width: int = WIDTH) -> None:
        more = max(0, width - WIDTH)
        self._widths = [w + more * g // 10 for w, g in zip(_WIDTHS, _GROWS, strict=True)]

    def head(self) -> str:
        return self._row(_TITLES)

    def row(self, entry: Entry) -> str:
        """One line, without newline."""
        return self._row(
            (
                _time(entry),
                _who(entry),
                _text(entry.get("printer")),
                _what(entry),
                _text(_member(entry, "decision", "effect")),
                _result(entry),
            )
        )

    def _row(self, cells: tuple[str, ...]) -> str:
        fitted = [fit(cell, width) for cell, width in zip(cells, self._widths, strict=True)]
        return " ".join(fitted).rstrip()


def clean(text: str) -> str:
    """The text with everything that is not printable written as ``\\xNN`` or ``\\uNNNN``."""
    if text.isprintable():
        return text
    return "".join(
        c
        if c.isprintable()
        else c.encode("ascii", "backslashreplace").decode()
        if ord(c) > 0x7F
        else f"\\x{ord(c):02x}"
        for c in text
    )


# --- filters --------------------------------------------------------------------------------------


def _not_before(entry: Entry, since: datetime) -> bool:
    try:
        time = datetime.fromisoformat(str(entry.get("time")))
    except ValueError:
        return True
    return time.tzinfo is None or time >= since


def _denied(entry: Entry) -> bool:
    return _member(entry, "decision", "effect") == "refuse" or (
        entry.get("event") == "authentication.refused"
    )


def _names(entry: Entry) -> set[str]:
    given = [_member(entry, "user", name) for name in ("name", "id")]
    if given == [None, None]:
        given = [_member(entry, "user", "claimed")]
    return {name.casefold() for name in given if isinstance(name, str)}


def _like(pattern: str | None, value: object) -> bool:
    if pattern is None:
        return True
    return isinstance(value, str) and fnmatchcase(value.casefold(), pattern.casefold())


# --- cells ----------------------------------------------------------------------------------------


def _member(entry: Entry, part: str, name: str) -> object:
    members = entry.get(part)
    return members.get(name) if isinstance(members, dict) else None


def _text(value: object) -> str:
    if value is None or value == "":
        return _NONE
    return clean(value if isinstance(value, str) else str(value))


def _time(entry: Entry) -> str:
    """Month, day and second, in UTC as written: ``11-24 01:02:03``."""
    time = _text(entry.get("time"))
    return time[5:19].replace("T", " ")


def _who(entry: Entry) -> str:
    """The name; in brackets when it is only what somebody claimed."""
    name = _member(entry, "user", "name")
    claimed = _member(entry, "user", "claimed")
    return f"({_text(claimed)})" if name is None and claimed is not None else _text(name)


def _what(entry: Entry) -> str:
    """The operation; for what is no request, the event."""
    operation = entry.get("operation")
    return _text(entry.get("event") if operation is None else operation)


def _result(entry: Entry) -> str:
    """What the client was told, as short as it is clear."""
    if entry.get("event") == "request.intent":
        return "(to be sent)"
    status = _member(entry, "result", "ipp")
    if isinstance(status, str):
        for prefix in ("successful-", "client-error-", "server-error-"):
            status = status.removeprefix(prefix)
        return _text(status)
    http = _member(entry, "result", "http")
    if http is not None:
        return f"HTTP {_text(http)}"
    return _text(_member(entry, "detail", "reason"))


def fit(text: str, width: int) -> str:
    """Exactly ``width`` columns: padded, or cut with an ellipsis."""
    columns = [_columns(c) for c in text]
    if sum(columns) <= width:
        return text + " " * (width - sum(columns))
    kept, used = "", 0
    for character, wide in zip(text, columns, strict=True):
        if used + wide > width - 1:
            break
        kept += character
        used += wide
    return kept + "…" + " " * (width - 1 - used)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
