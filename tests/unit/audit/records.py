"""Records and trails to test with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ippgate.audit.events import Event, JsonObject, Record
from ippgate.audit.line import FIRST_PREV, Position, chain, encode

START = datetime(2026, 11, 24, 1, 2, 3, 4, tzinfo=UTC)


def outcome(number: int = 1, *, user: str = "alice", effect: str = "permit") -> Record:
    """The outcome of a Print-Job, a second after the one before."""
    return Record(
        time=START + timedelta(seconds=number),
        event=Event.REQUEST_OUTCOME,
        id=f"r{number}",
        client={"address": "198.51.100.7", "port": 50000},
        user={"name": user, "id": f"id-{user}", "method": "basic", "claimed": "somebody"},
        printer="lab-1",
        operation="Print-Job",
        decision={"effect": effect, "rule": "staff print", "revision": "abc"},
        document={"declared": "application/pdf", "octets": number, "sha256": "0" * 64},
        result={"http": 200, "ipp": "successful-ok", "ms": 1.5},
    )


def stream_event(event: Event, number: int = 0, detail: JsonObject | None = None) -> Record:
    return Record(START + timedelta(seconds=number), event, "", detail=detail)


def trail(
    outcomes: int = 6, *, stream: str = "ab12cd34", start: Position | None = None
) -> list[bytes]:
    """A stream from its opening to its closing, as lines."""
    position = start or Position(stream, 0, FIRST_PREV)
    detail: dict[str, object] = {"reason": "new"}
    if start is not None:
        detail = {"reason": "rotated", "previous": start.hash}
    records = [
        stream_event(Event.STREAM_OPENED, 0, detail),
        *(outcome(number) for number in range(1, outcomes + 1)),
        stream_event(Event.STREAM_CLOSED, outcomes + 1),
    ]
    lines = []
    for record in records:
        line, position = chain(encode(record), position)
        lines.append(line)
    return lines
