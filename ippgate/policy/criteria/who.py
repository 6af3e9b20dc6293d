"""Who: anyone, whoever is identified, the job's owner, people by name, group, directory attribute
or how they proved who they are."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from ippgate.policy.facts import Facts, Principal


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
    """The three words that ``who`` may be, and PEOPLE for people in particular."""

    ANYONE = "anyone"
    AUTHENTICATED = "authenticated"
    OWNER = "owner"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Who:
    """``users``: canonical names, ``groups``: groups' names; either is enough, and without both
    everybody is meant who fits the rest.

    ``attributes``: of the directory, name (lower case) and the values (case folded) of which the
    person must have one; all must fit. ``methods``: words of METHODS, of which one must have proved
    who they are.
    """

    scope: Scope
    users: frozenset[str] = field(default=frozenset())
    groups: frozenset[str] = field(default=frozenset())
    attributes: tuple[tuple[str, frozenset[str]], ...] = ()
    methods: frozenset[str] = field(default=frozenset())

    def fits(self, principal: Principal | None) -> bool:
        """Whether a person fits, as far as that does not depend on a job."""
        if self.scope is Scope.ANYONE:
            return True
        if principal is None or self.scope is Scope.OWNER:
            return False
        return self.scope is Scope.AUTHENTICATED or self._misfit(principal) is None

    def judge(self, facts: Facts) -> Match:
        if self.scope is Scope.ANYONE:
            return Match.YES
        principal = facts.principal
        if principal is None:
            return Match.IDENTIFY
        if self.scope is Scope.OWNER:
            if facts.owner is None:
                return Match.LOOK_UP_OWNER
            return Match.YES if facts.owner else Match.NOT_OWNER
        return Match.YES if self.fits(principal) else Match.NO

    def matches(self, facts: Facts) -> bool:
        return self.judge(facts) is Match.YES

    def why_not(self, facts: Facts) -> str:
        principal = facts.principal
        if principal is None:
            return "nobody is identified"
        if self.scope is Scope.OWNER:
            if facts.owner is None:
                return "whose job it is is not known"
            return f"{principal.name} is not the job's owner"
        return self._misfit(principal) or ""

    def _misfit(self, principal: Principal) -> str | None:
        """What of a person does not fit; None when everything does."""
        if self.users or self.groups:
            if principal.name not in self.users and self.groups.isdisjoint(principal.groups):
                wanted = [*sorted(self.users), *(f"group {name}" for name in sorted(self.groups))]
                return f"{principal.name}{_groups(principal)} is not one of {', '.join(wanted)}"
        for name, wanted_values in self.attributes:
            has = values_of(principal, name)
            if wanted_values.isdisjoint(has):
                found = ", ".join(sorted(has)) or "not set"
                return f"{name} is {found}, not one of {', '.join(sorted(wanted_values))}"
        if self.methods and principal.method not in self.methods:
            wanted = sorted(self.methods)
            return f"signed in by {principal.method}, not by one of {', '.join(wanted)}"
        return None


def values_of(principal: Principal, name: str) -> frozenset[str]:
    """A person's values of a directory attribute, case folded: directories ignore case, too."""
    return frozenset(
        value.casefold()
        for key, values in principal.attributes.items()
        if key.lower() == name
        for value in values
    )


def _groups(principal: Principal) -> str:
    return f" (of {', '.join(sorted(principal.groups))})" if principal.groups else ""
