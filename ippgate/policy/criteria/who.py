"""Who: anyone, whoever is identified, the job's owner, people by name or group."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from ippgate.policy.facts import Facts


class Match(enum.Enum):
    """Whether a person fits; two answers ask for more to be found out first."""

    YES = enum.auto()
    NO = enum.auto()
    NOT_OWNER = enum.auto()
    IDENTIFY = enum.auto()
    """Nobody is identified yet, and somebody might fit."""
    LOOK_UP_OWNER = enum.auto()
    """The job's owner fits, and is not looked up yet."""


class Scope(enum.Enum):
    """The three words that ``who`` may be, and PEOPLE for users and groups."""

    ANYONE = "anyone"
    AUTHENTICATED = "authenticated"
    OWNER = "owner"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Who:
    """``users``: canonical names, ``groups``: groups' names; either is enough."""

    scope: Scope
    users: frozenset[str] = field(default=frozenset())
    groups: frozenset[str] = field(default=frozenset())

    def judge(self, facts: Facts) -> Match:
        if self.scope is Scope.ANYONE:
            return Match.YES
        principal = facts.principal
        if principal is None:
            return Match.IDENTIFY
        if self.scope is Scope.AUTHENTICATED:
            return Match.YES
        if self.scope is Scope.OWNER:
            if facts.owner is None:
                return Match.LOOK_UP_OWNER
            return Match.YES if facts.owner else Match.NOT_OWNER
        fits = principal.name in self.users or not self.groups.isdisjoint(principal.groups)
        return Match.YES if fits else Match.NO

    def matches(self, facts: Facts) -> bool:
        return self.judge(facts) is Match.YES

    def why_not(self, facts: Facts) -> str:
        if facts.principal is None:
            return "nobody is identified"
        if self.scope is Scope.OWNER:
            return f"{facts.principal.name} is not the job's owner"
        wanted = [*sorted(self.users), *(f"group {group}" for group in sorted(self.groups))]
        return f"{facts.principal.name} is not one of {', '.join(wanted)}"
