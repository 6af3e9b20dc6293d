"""Why: a decision, and for each rule above it the one criterion that did not match."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ippgate.ipp.enums import Operation
from ippgate.policy.attributes import SYNTAX, Syntax, in_words
from ippgate.policy.criteria import Verdict
from ippgate.policy.criteria.documents import Formats
from ippgate.policy.criteria.values import Values
from ippgate.policy.decision import Decision, Effect
from ippgate.policy.facts import NOWHERE, Facts, Scalar, Span
from ippgate.policy.policy import Policy
from ippgate.policy.rule import Rule

_WELL_KNOWN: dict[str, tuple[Scalar, ...]] = {
    "sides": ("one-sided", "two-sided-long-edge", "two-sided-short-edge"),
    "print-color-mode": ("color", "auto", "monochrome"),
    "print-quality": (3, 4, 5),
    "media": ("iso_a4_210x297mm", "iso_a3_297x420mm", "na_letter_8.5x11in"),
}
"""Values that are asked about without a printer at hand, besides those that rules speak of."""
_MANY = 10_000


@dataclass(frozen=True, slots=True)
class Passed:
    """A rule that did not decide, and why."""

    rule: Rule
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """``rule``: the one that decided; None: no rule matched. ``passed``: those above it, in order.
    ``choices``: by attribute, what this person may choose, in words; empty: everything."""

    decision: Decision
    rule: Rule | None
    passed: tuple[Passed, ...]
    choices: tuple[tuple[str, str], ...]


def explain(policy: Policy, facts: Facts) -> Explanation:
    """The decision on these facts, explained. ``facts.owner`` must be known for rules on owners."""
    decision = policy.decide(facts)
    passed = []
    deciding = None
    for rule in policy.rules:
        why = _why_not(policy, rule, facts)
        if why is None and rule.name == decision.rule:
            deciding = rule
            break
        if why is not None:
            passed.append(Passed(rule, why))
    choices: tuple[tuple[str, str], ...] = ()
    if decision.effect is Effect.PERMIT and facts.operation in _CHOOSES:
        choices = tuple(_choices(policy, facts))
    return Explanation(decision, deciding, tuple(passed), choices)


_CHOOSES = (
    Operation.PRINT_JOB,
    Operation.CREATE_JOB,
    Operation.VALIDATE_JOB,
    Operation.GET_PRINTER_ATTRIBUTES,
    Operation.GET_USER_PRINTER_ATTRIBUTES,
)


def _why_not(policy: Policy, rule: Rule, facts: Facts) -> str | None:
    why = rule.why_not(facts, policy.places.get(facts.printer, NOWHERE))
    if why is not None:
        return why
    if rule.shadow:
        return "it is on trial: it matches, and is not applied"
    if rule.asked_so(facts) is Verdict.OPEN and not rule.permits:
        return "it depends on the document, which is not known"
    return None


def _choices(policy: Policy, facts: Facts) -> Iterator[tuple[str, str]]:
    offers = policy.offers(facts)
    for name in sorted(offers.attributes):
        syntax = SYNTAX.get(name)
        if syntax is Syntax.INTEGER:
            span = offers.span(name, Span(1, _MANY))
            words = "none" if span is None else str(span)
            if span is not None and span.upper == _MANY:
                words = f"{span.lower} or more"
            yield name, words
        elif syntax in (Syntax.KEYWORD, Syntax.ENUM):
            given = dict.fromkeys(
                v for value in _spoken(policy, name) for v in offers.of(name, value)
            )
            yield name, ", ".join(in_words(name, value) for value in given) or "none"
    if offers.formats_limited:
        formats = _FORMATS + _spoken_formats(policy)
        yield (
            "document-format",
            ", ".join(
                media_type for media_type in dict.fromkeys(formats) if offers.format(media_type)
            ),
        )
    largest = offers.largest()
    if largest is not None:
        yield "document size", f"{largest:,} octets at most"


_FORMATS = (
    "application/pdf",
    "application/postscript",
    "image/jpeg",
    "image/pwg-raster",
    "image/urf",
    "text/plain",
)


def _spoken(policy: Policy, name: str) -> list[Scalar]:
    """Values of an attribute that stand in rules, and the well-known ones."""
    found = dict.fromkeys(_WELL_KNOWN.get(name, ()))
    for rule in policy.rules:
        for demand in rule.demands:
            if isinstance(demand, Values) and demand.name == name:
                found.update(dict.fromkeys((*(demand.only or ()), *demand.never)))
        found.update(dict.fromkeys(dict(rule.obligations.enforce).get(name, ())))
    return list(found)


def _spoken_formats(policy: Policy) -> tuple[str, ...]:
    return tuple(
        word
        for rule in policy.rules
        for demand in rule.demands
        if isinstance(demand, Formats)
        for word in demand.patterns.patterns
        if "*" not in word and not word.startswith("!")
    )
