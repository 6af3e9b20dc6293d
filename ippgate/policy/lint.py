"""What a policy says that it can hardly mean: rules that never match, doors that stand open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ippgate.config.findings import Finding, Severity, did_you_mean
from ippgate.ipp.enums import Operation
from ippgate.policy.criteria.times import UTC, Times
from ippgate.policy.criteria.who import Scope, Who
from ippgate.policy.operations import ADMINISTER, NEVER_IN_A_SET, OPERATE
from ippgate.policy.policy import Policy
from ippgate.policy.rule import Rule

_DANGEROUS = ADMINISTER | OPERATE | NEVER_IN_A_SET


def lint(policy: Policy, groups: frozenset[str] | None = None) -> list[Finding]:
    """All warnings, in the order of the rules. ``groups``: those that exist; None: not known."""
    found: list[Finding] = []
    for index, rule in enumerate(policy.rules):
        found += _never_reached(policy, index)
        found += _open_doors(rule)
        found += _whose_clock(rule)
        if groups is not None:
            found += _unknown_groups(rule.who, rule, groups)
    return found


def _never_reached(policy: Policy, index: int) -> Iterator[Finding]:
    """A rule of which everything is taken by rules above it: it can never decide."""
    rule = policy.rules[index]
    above = [r for r in policy.rules[:index] if not r.shadow and _takes_all_of(r.who, rule.who)]
    above = [r for r in above if _asks_no_more(r, rule)]
    above = [r for r in above if not r.operations.codes.isdisjoint(rule.operations.codes)]
    takers = [r for r in above if _same_printers(policy, r, rule)]
    left = rule.operations.codes.difference(*(r.operations.codes for r in takers))
    if takers and not left:
        names = ", ".join(f'"{taker.name}"' for taker in takers)
        yield _warning(rule, f"it can never decide: {names} above it takes everything")
    elif left != rule.operations.codes:
        dead = sorted(o.keyword for o in rule.operations.codes - left)
        names = ", ".join(f'"{taker.name}"' for taker in takers)
        contrary = any(taker.permits is not rule.permits for taker in takers)
        if contrary:
            words = f"it never decides {', '.join(dead)}: {names} above it does, otherwise"
            yield _warning(rule, words)


def _takes_all_of(one: Who, other: Who) -> bool:
    """Whether everybody whom ``other`` means is meant by ``one``, certainly."""
    if one.scope is Scope.ANYONE or one == other:
        return True
    if one.scope is Scope.AUTHENTICATED:
        return other.scope is not Scope.ANYONE
    if one.scope is not Scope.PEOPLE or other.scope is not Scope.PEOPLE:
        return False
    if not set(one.attributes) <= set(other.attributes):
        return False
    if one.methods and not (other.methods and other.methods <= one.methods):
        return False
    if not one.users and not one.groups:
        return True
    return bool(other.users or other.groups) and (
        other.users <= one.users and other.groups <= one.groups
    )


def _asks_no_more(one: Rule, other: Rule) -> bool:
    """Whether ``one`` matches whenever ``other`` does, printers, operations and people aside."""
    return set(one.circumstances) <= set(other.circumstances) and (
        not one.demands or (one.permits is other.permits and set(one.demands) <= set(other.demands))
    )


def _same_printers(policy: Policy, one: Rule, other: Rule) -> bool:
    if one.printers == other.printers or one.printers.patterns.patterns == ("*",):
        unlimited = one.printers.locations is None and one.printers.tags is None
        if one.printers == other.printers or unlimited:
            return True
    if not policy.places:
        return False
    return all(
        one.printers.fit(name, place)
        for name, place in policy.places.items()
        if other.printers.fit(name, place)
    )


def _open_doors(rule: Rule) -> Iterator[Finding]:
    if not rule.permits or rule.shadow:
        return
    everybody = rule.who.scope in (Scope.ANYONE, Scope.AUTHENTICATED)
    dangerous = rule.operations.codes & _DANGEROUS
    vendors = {o for o in rule.operations.codes if not o.known}
    if everybody and (dangerous or vendors) and not rule.circumstances:
        names = sorted(operation.keyword for operation in dangerous | vendors)
        shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        who = "anyone" if rule.who.scope is Scope.ANYONE else "everybody with an account"
        yield _warning(rule, f"it permits {shown} to {who}")
    elif rule.who.scope is Scope.ANYONE and Operation.PRINT_JOB in rule.operations.codes:
        if not rule.circumstances:
            yield _warning(rule, "it lets anyone print, who is then not known to the trail")


def _whose_clock(rule: Rule) -> Iterator[Finding]:
    for circumstance in rule.circumstances:
        if isinstance(circumstance, Times) and circumstance.zone == UTC:
            words = "its days and hours are those of UTC: say timezone: Europe/Berlin, or UTC"
            yield _warning(rule, words)


def _unknown_groups(who: Who, rule: Rule, groups: frozenset[str]) -> Iterator[Finding]:
    for group in sorted(who.groups - groups):
        near = did_you_mean(group, groups)
        yield _warning(rule, f'no group is called "{group}"{near}')


def groups_of(rules: Sequence[Rule]) -> frozenset[str]:
    """All groups that rules name."""
    return frozenset().union(*(rule.who.groups for rule in rules))


def _warning(rule: Rule, words: str) -> Finding:
    return Finding(rule.file, rule.line, rule.name, words, Severity.WARNING)
