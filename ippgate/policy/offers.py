"""What somebody may choose: the values of a printer's capabilities that a job of theirs could have.

A value is offered when a job with it could be permitted, whatever else it asks for; where a rule
would replace it, the replacement is offered. So nobody is shown what they are certainly refused,
and what they are shown is decided again when they print.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ippgate.ipp.enums import Operation as Op
from ippgate.policy.criteria import Verdict
from ippgate.policy.criteria.documents import Formats, Size
from ippgate.policy.criteria.values import Values
from ippgate.policy.criteria.who import Match
from ippgate.policy.facts import Document, Facts, Job, Scalar, Span
from ippgate.policy.rule import Rule

_MAKES_JOB = (Op.PRINT_JOB, Op.CREATE_JOB)
_BRINGS_DOCUMENT = (Op.PRINT_JOB, Op.SEND_DOCUMENT)
CHOOSES = (Op.PRINT_JOB, Op.CREATE_JOB, Op.SEND_DOCUMENT)
"""Operations whose rules say what may be chosen."""
_LARGEST = 2**31 - 1
_NO_SIZE = 2**63
_REMEMBERED = 4096


class Offers:
    """For people of the same rights at one printer. ``rules``: those that could match, by
    operation.

    ``memory`` is for whoever cuts a printer's replies by this, and is bounded by them.
    """

    def __init__(self, facts: Facts, rules: Mapping[Op, Sequence[Rule]]) -> None:
        self._facts = facts
        self._rules = rules
        self._offered: dict[tuple[str, Scalar], tuple[Scalar, ...]] = {}
        self.memory: dict[object, object] = {}
        demands = [demand for chosen in rules.values() for r in chosen for demand in r.demands]
        self.attributes = frozenset(
            [demand.name for demand in demands if isinstance(demand, Values)]
            + [name for chosen in rules.values() for r in chosen for name in _enforced(r)]
        )
        """Names of attributes that not everything may be chosen of."""
        self.formats_limited = any(isinstance(demand, Formats) for demand in demands)

    def of(self, name: str, value: Scalar) -> tuple[Scalar, ...]:
        """What a job gets that asks for this value: it, others in its place, or nothing."""
        if name not in self.attributes:
            return (value,)
        key = (name, value)
        offered = self._offered.get(key)
        if offered is None:
            if len(self._offered) >= _REMEMBERED:
                self._offered.clear()
            job = Job({name: (value,)}, undecided=True)
            offered = self._offered[key] = tuple(dict.fromkeys(self._given(name, value, job)))
        return offered

    def span(self, name: str, span: Span) -> Span | None:
        """The part of a range of numbers that may be chosen; None: nothing of it."""
        if name not in self.attributes:
            return span
        given = [v for point in self._points(name, span) for v in self.of(name, point)]
        numbers = [value for value in given if isinstance(value, int)]
        within = [number for number in numbers if span.lower <= number <= span.upper]
        return Span(min(within), max(within)) if within else None

    def format(self, media_type: str) -> bool:
        """Whether a document of that format could be printed."""
        if not self.formats_limited:
            return True
        document = Document(declared=media_type, detected=media_type)
        job = Job({}, document, undecided=True)
        return any(
            verdict is not Verdict.NO and rule.permits
            for rule, verdict in self._matching(_BRINGS_DOCUMENT, job)
        )

    def largest(self) -> int | None:
        """Octets that a document may have at most; None: no rule says."""
        most = 0
        for rule, _ in self._matching(_BRINGS_DOCUMENT, Job(undecided=True)):
            if rule.permits:
                bounds = [d.most for d in rule.demands if isinstance(d, Size)]
                limits = [bound for bound in bounds if bound is not None]
                most = max(most, min(limits, default=_NO_SIZE))
        for rule in self._rules[Op.PRINT_JOB]:
            if not rule.permits and not rule.shadow and self._comes(rule) is Match.YES:
                only_size = [d for d in rule.demands if isinstance(d, Size) and d.most is None]
                if only_size and len(only_size) == len(rule.demands):
                    most = min(most, min((d.least or 0) for d in only_size) - 1)
        return most if 0 < most < _NO_SIZE else None

    def _given(self, name: str, value: Scalar, job: Job) -> Iterator[Scalar]:
        for rule, _ in self._matching(_MAKES_JOB, job):
            if rule.permits:
                yield from dict(rule.obligations.enforce).get(name, (value,))

    def _matching(self, operations: Sequence[Op], job: Job) -> Iterator[tuple[Rule, Verdict]]:
        """Rules that match, or could, up to one that certainly does; for each operation."""
        for operation in operations:
            facts = replace(self._facts, operation=operation, owner=True, job=job)
            for rule in self._rules[operation]:
                match = self._comes(rule)
                if rule.shadow or match is Match.NO:
                    continue
                verdict = rule.asked_so(facts)
                if verdict is Verdict.NO:
                    continue
                certain = verdict is Verdict.YES and match is Match.YES
                if rule.permits or certain:
                    yield rule, verdict
                if certain:
                    break

    def _comes(self, rule: Rule) -> Match:
        if not rule.comes_so(self._facts):
            return Match.NO
        match = rule.who.judge(replace(self._facts, owner=True))
        return match if match in (Match.YES, Match.NO) else Match.IDENTIFY

    def _points(self, name: str, span: Span) -> list[int]:
        """Numbers of a range that stand for all of it: its ends, and those that rules speak of."""
        points = {span.lower, span.upper}
        for chosen in self._rules.values():
            for rule in chosen:
                for demand in rule.demands:
                    if isinstance(demand, Values) and demand.name == name:
                        spoken = (*(demand.only or ()), *demand.never, demand.least, demand.most)
                        for number in spoken:
                            if isinstance(number, int):
                                points |= {number - 1, number, number + 1}
        return sorted(point for point in points if span.lower <= point <= span.upper)


class Unrestricted(Offers):
    """Where no rule limits what may be chosen."""

    def __init__(self) -> None:
        self.attributes = frozenset()
        self.formats_limited = False
        self.memory = {}

    def largest(self) -> int | None:
        return None


UNRESTRICTED: Offers = Unrestricted()


def _enforced(rule: Rule) -> list[str]:
    return [name for name, _ in rule.obligations.enforce] if not rule.shadow else []
