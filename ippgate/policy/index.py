"""Which rules could match: by printer, operation and person, so that the others cost nothing.

What is compiled is kept for as long as somebody like this asks at a printer like this; all of it
is bounded, since names that no printer has are asked for, too.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ippgate.ipp.enums import Operation
from ippgate.policy.criteria import Circumstance
from ippgate.policy.criteria.who import Scope
from ippgate.policy.facts import NOWHERE, Facts, Place, Principal
from ippgate.policy.rule import Rule

K = TypeVar("K")
V = TypeVar("V")

MOST_PRINTERS = 2048
MOST_PEOPLE = 4096
"""Kinds of people at one kind of printer: those of the same groups are alike."""

MOST_MOMENTS = 4096
"""Addresses and minutes, when rules look at them: a minute later all are new."""

Moment = tuple[Hashable, ...]
"""What of a request's circumstances the rules at a printer look at."""
Like = tuple[object, ...]
"""What of a person the rules at a printer look at; people who are alike have the same rules."""


@dataclass(slots=True)
class AtPrinter:
    """The rules that could match at a printer, in order, by operation. Printers with the same rules
    share one.

    ``free``: whether one of them permits something to callers who are not identified.
    ``circumstances``: all that its rules look at, each once. ``limits``: whether a rule limits what
    a job may ask for.
    """

    by_operation: dict[Operation, list[Rule]]
    free: bool
    circumstances: tuple[Circumstance, ...]
    users: frozenset[str]
    looks_at_directory: bool
    looks_at_method: bool
    limits: bool
    _seen: tuple[Callable[[Facts], Hashable], ...]
    _looks_at: dict[Operation, frozenset[str]] = field(default_factory=dict)
    _chosen: dict[tuple[Operation, Like | None], tuple[Rule, ...]] = field(default_factory=dict)
    _now: dict[tuple[Operation, Like | None, Moment], tuple[Rule, ...]] = field(
        default_factory=dict
    )
    _came: dict[Moment, tuple[bool, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> AtPrinter:
        by_operation: dict[Operation, list[Rule]] = {}
        for rule in rules:
            for operation in rule.operations.codes:
                by_operation.setdefault(operation, []).append(rule)
        applied = [rule for rule in rules if not rule.shadow]
        circumstances = dict.fromkeys(c for rule in rules for c in rule.circumstances)
        return cls(
            by_operation,
            any(rule.permits and rule.who.scope is Scope.ANYONE for rule in applied),
            tuple(circumstances),
            frozenset().union(*(rule.who.users for rule in rules)),
            any(rule.who.attributes for rule in rules),
            any(rule.who.methods for rule in rules),
            any(rule.demands or rule.obligations.enforce for rule in applied),
            tuple({type(c): c.sees for c in circumstances}.values()),
        )

    def serves(self, operation: Operation) -> bool:
        """Whether a rule that counts names the operation, for anybody."""
        return any(not rule.shadow for rule in self.by_operation.get(operation, ()))

    def looks_at(self, operation: Operation) -> frozenset[str]:
        """Attributes of jobs that rules for an operation look at, or write."""
        names = self._looks_at.get(operation)
        if names is None:
            bounded(self._looks_at, MOST_PEOPLE)
            rules = self.by_operation.get(operation, ())
            names = self._looks_at[operation] = frozenset(
                name for rule in rules for name in rule.attributes
            )
        return names

    def like(self, principal: Principal | None) -> Like | None:
        """What the rules can tell of a person; None: nobody is identified."""
        if principal is None:
            return None
        return (
            principal.groups,
            principal.name if principal.name in self.users else None,
            tuple(principal.attributes.items()) if self.looks_at_directory else None,
            principal.method if self.looks_at_method else None,
        )

    def rules_now(self, facts: Facts, like: Like | None) -> tuple[Rule, ...]:
        """As ``rules``, and only those whose circumstances match."""
        if not self.circumstances:
            return self.rules(facts.operation, facts.principal, like)
        key = (facts.operation, like, self._moment(facts))
        chosen = self._now.get(key)
        if chosen is None:
            bounded(self._now, MOST_MOMENTS)
            rules = self.rules(facts.operation, facts.principal, like)
            coming = [rule for rule in rules if rule.comes_so(facts)]
            chosen = self._now[key] = tuple(_reachable(coming, facts.principal, now=True))
        return chosen

    def came_so(self, facts: Facts) -> tuple[bool, ...]:
        """For each circumstance that the rules look at, whether it matches."""
        if not self.circumstances:
            return ()
        moment = self._moment(facts)
        came = self._came.get(moment)
        if came is None:
            bounded(self._came, MOST_MOMENTS)
            came = self._came[moment] = tuple(c.matches(facts) for c in self.circumstances)
        return came

    def _moment(self, facts: Facts) -> Moment:
        return tuple(sees(facts) for sees in self._seen)

    def rules(
        self, operation: Operation, principal: Principal | None, like: Like | None
    ) -> tuple[Rule, ...]:
        """Those that could match for this person, in order, up to one that certainly does."""
        key = (operation, like)
        chosen = self._chosen.get(key)
        if chosen is None:
            bounded(self._chosen, MOST_PEOPLE)
            chosen = self._chosen[key] = tuple(
                _reachable(self.by_operation.get(operation, ()), principal)
            )
        return chosen


class Index:
    """Rules by printer. ``places``: what is known of printers by name."""

    def __init__(self, rules: Sequence[Rule], places: Mapping[str, Place]) -> None:
        self._rules = rules
        self._places = places
        self._printers: dict[str, AtPrinter] = {}
        self._alike: dict[tuple[int, ...], AtPrinter] = {}

    def at(self, printer: str) -> AtPrinter:
        at = self._printers.get(printer)
        if at is None:
            if bounded(self._printers, MOST_PRINTERS):
                self._alike.clear()
            place = self._places.get(printer, NOWHERE)
            matching = tuple(
                index for index, rule in enumerate(self._rules) if rule.printers.fit(printer, place)
            )
            at = self._alike.get(matching)
            if at is None:
                at = AtPrinter.of([self._rules[index] for index in matching])
                self._alike[matching] = at
            self._printers[printer] = at
        return at


def bounded(kept: dict[K, V], most: int) -> bool:
    """Forgets all of what is kept when it is too much; whether it did."""
    full = len(kept) >= most
    if full:
        kept.clear()
    return full


def _reachable(
    rules: Sequence[Rule], principal: Principal | None, *, now: bool = False
) -> list[Rule]:
    """``now``: circumstances match."""
    reachable = []
    for rule in rules:
        certain = rule.who.scope is not Scope.OWNER and rule.who.fits(principal)
        if principal is None or certain or rule.who.scope is Scope.OWNER:
            reachable.append(rule)
        free = not rule.demands if now else rule.unconditional
        if certain and free and not rule.shadow:
            break
    return reachable
