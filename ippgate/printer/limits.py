"""How long a printer may take, and how much of it is used at a time."""

from __future__ import annotations

from dataclasses import dataclass

HEAD_OCTETS = 32 * 1024
"""Of a reply's head, and of interim replies before it."""
HEADERS = 100
CLOSING_SECONDS = 2.0
"""How long a connection that is closed may take to send what was written."""
ABANDONED_SECONDS = 0.5
DISCARDED_OCTETS = 64 * 1024
"""How long a reply that nobody reads may take to end, and what it may bring, until its connection
is worth no more."""
REPLY_RATE = 256
"""Octets a second that a reply must bring on average: less is a printer that keeps a place and a
person waiting."""


@dataclass(frozen=True, slots=True)
class PrinterLimits:
    """Seconds and counts for one printer.

    ``answer``: from the last octet sent to the reply's head; printers warm up before they answer.
    ``answer_to_document``: the same after a document, where printers answer when they have printed
    it; it counts from when the printer has taken the last octet.
    ``gap``: between octets of a reply, and how long a reply may be waited for in all beyond what
    REPLY_RATE allows. ``stall``: how long a printer may read nothing of a
    document: not taking octets is flow control (RFC 3196 section 7; out of paper, say), so this
    only ends what is dead.
    ``idle``: how long a connection is kept; old printers close theirs after 15 to 60 seconds.
    ``waiting`` requests wait for a connection at most, each for ``turn`` seconds.
    """

    connections: int = 4
    waiting: int = 256
    turn: float = 30.0
    connect: float = 5.0
    answer: float = 60.0
    answer_to_document: float = 300.0
    gap: float = 30.0
    stall: float = 3600.0
    idle: float = 10.0
