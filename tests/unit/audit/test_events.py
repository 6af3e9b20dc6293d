"""The catalogue, what the code emits, and what the document says are the same."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from ippgate.audit.events import Event, Record

PACKAGE = Path(__file__).parents[3] / "ippgate"
DOCUMENT = (PACKAGE / "audit" / "EVENTS.md").read_text()


def rows(heading: str) -> list[str]:
    """First cells of the table below a heading."""
    section = DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_every_event_is_documented() -> None:
    assert rows("Events") == [event.value for event in Event]


def test_every_event_is_emitted_by_the_code_and_no_other() -> None:
    emitted = set()
    for path in PACKAGE.rglob("*.py"):
        if path.name != "events.py" or path.parent.name != "audit":
            emitted |= set(re.findall(r"\bEvent\.([A-Z_]+)\b", path.read_text()))
    assert emitted == {event.name for event in Event}


def test_every_field_is_documented_in_the_order_of_the_line() -> None:
    documented = rows("Fields")
    assert documented[: len(fields(Record))] == [field.name for field in fields(Record)]
    assert documented[len(fields(Record)) :] == ["stream", "seq", "prev", "hash"]


def test_members_are_those_of_the_record() -> None:
    words = Record.__doc__ or ""
    for part in ("client", "tls", "user", "decision", "job", "document", "result"):
        named = re.search(rf"``{part}``: ([^.]*)\.", words)
        assert named is not None
        members = re.sub(r"\([^)]*\)", "", named[1]).replace(",", " ").split()
        documented = re.search(rf"^\| `{part}` \| `([^`]*)` \|", DOCUMENT, re.MULTILINE)
        assert documented is not None
        assert documented[1].split() == members
