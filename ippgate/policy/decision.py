"""What policy says: permit, refuse, or what is needed before it can say."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ippgate.policy.facts import Scalar
from ippgate.policy.quota import Limit


class Effect(enum.Enum):
    """The outcome of evaluating the rules on some facts."""

    PERMIT = "permit"
    REFUSE = "refuse"
    IDENTIFY = "identify"
    """Nobody is identified yet, and somebody might be permitted: ask for credentials."""
    LOOK_UP_OWNER = "look-up-owner"
    """A rule about the job's owner decides, and ``facts.owner`` is None: look it up, decide
    again."""
    ASK = "ask"
    """A rule leaves it to a decision point elsewhere: ask it."""


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
    ATTRIBUTES = "attributes"
    """What the job asks for is refused; it could ask for something else."""
    FORMAT = "format"
    """The document's format is refused."""
    SIZE = "size"
    """The document is too large, or too small."""


Values = tuple[tuple[str, tuple[Scalar, ...]], ...]
"""Attributes by name, in the order of the rule."""


@dataclass(frozen=True, slots=True)
class Obligations:
    """What a permission asks for in return.

    ``enforce``: replaces what was asked; ``default``: only where nothing was; ``quota``: limits to
    count against.
    """

    enforce: Values = ()
    default: Values = ()
    quota: tuple[Limit, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.enforce or self.default or self.quota)


NONE = Obligations()


@dataclass(frozen=True, slots=True)
class Outside:
    """A decision point elsewhere, and how many seconds it may take."""

    url: str
    timeout: float


@dataclass(frozen=True, slots=True)
class Shadow:
    """A rule that is only tried out would have decided so."""

    rule: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class Decision:
    """Effect and reason; ``rule`` is the deciding rule's name; ``message`` is for the person.

    ``nearest``: where no rule matched, the first that did but for what the job asks for;
    ``refused``: what that is, by attribute. ``shadows``: rules on trial that matched before it was
    decided. ``pending``: the document, which is not known yet, may still change the decision.
    """

    effect: Effect
    reason: Reason
    rule: str | None = None
    message: str | None = None
    obligations: Obligations = NONE
    nearest: str | None = None
    refused: Values = ()
    shadows: tuple[Shadow, ...] = ()
    pending: bool = False
    outside: Outside | None = None
