"""What policy says: permit, refuse, or what is needed before it can say."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Effect(enum.Enum):
    """The outcome of evaluating the rules on some facts."""

    PERMIT = "permit"
    REFUSE = "refuse"
    IDENTIFY = "identify"
    """Nobody is identified yet, and somebody might be permitted: ask for credentials."""
    LOOK_UP_OWNER = "look-up-owner"
    """A rule about the job's owner decides, and ``facts.owner`` is None: look it up, decide
    again."""


class Reason(enum.Enum):
    """Why; the same words in the trail, the metrics and the reply's choice of status."""

    RULE = "rule"
    """A rule matched: it permits or refuses."""
    NO_RULE = "no-rule"
    """No rule matched: refused."""
    NOT_OWNER = "not-owner"
    """The job belongs to somebody else, and nothing else permits."""
    UNKNOWN_OPERATION = "unknown-operation"
    """No rule names the operation at that printer, for anybody: it is never forwarded."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Effect and reason; ``rule`` is the deciding rule's name; ``message`` is for the person."""

    effect: Effect
    reason: Reason
    rule: str | None = None
    message: str | None = None
