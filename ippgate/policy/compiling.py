"""From sections of a policy file to rules, and the mistakes that show when values meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ippgate.config.findings import Finding
from ippgate.config.yaml_lines import Path, Source
from ippgate.policy.attributes import Syntax, scalar, syntax_of
from ippgate.policy.criteria import Circumstance, Demand
from ippgate.policy.criteria.documents import Formats, Size
from ippgate.policy.criteria.networks import Networks
from ippgate.policy.criteria.operations import Operations
from ippgate.policy.criteria.printers import Printers
from ippgate.policy.criteria.times import UTC, Times, days, hours
from ippgate.policy.criteria.tls import LeastTls
from ippgate.policy.criteria.values import Values
from ippgate.policy.criteria.who import Scope, Who
from ippgate.policy.decision import Obligations, Outside
from ippgate.policy.decision import Values as Written
from ippgate.policy.definitions import Definitions
from ippgate.policy.facts import Place, Scalar
from ippgate.policy.privacy import Privacy
from ippgate.policy.quota import Limit, Period, Unit
from ippgate.policy.rule import Rule
from ippgate.policy.sections import (
    PeopleSection,
    PrintersSection,
    PrivacySection,
    QuotaSection,
    RuleSection,
    ValuesSection,
)

_BECOMES = {("print-color-mode", "color"): "auto"}
"""A value, and the one that leaves its choice to the document: who refuses the first means both."""

HOLD = "job-hold-until"
INDEFINITELY = "indefinite"


@dataclass(slots=True)
class Compiling:
    """One file being compiled. ``findings``: the mistakes so far. ``printers``: those that exist;
    None: not known."""

    source: Source
    definitions: Definitions
    printers: Mapping[str, Place] | None = None
    timezone: str = UTC
    findings: list[Finding] = field(default_factory=list)

    def rule(self, section: RuleSection, index: int) -> Rule:
        """The rule; what is wrong with it is in ``findings``, and then it must not be used."""
        at: Path = ("rules", index)
        self._contradictions(section, at)
        permits = section.decision != "refuse"
        return Rule(
            name=section.name,
            permits=permits,
            who=self.who(section.who),
            operations=Operations.of(self.definitions.operation_words(section.operations)),
            printers=self._printers(section, at),
            circumstances=tuple(self._circumstances(section)),
            demands=tuple(self._demands(section, permits, at)),
            obligations=self._obligations(section, at),
            shadow=section.shadow,
            outside=None
            if section.decide is None
            else Outside(section.decide.http, section.decide.timeout),
            message=section.message,
            file=self.source.file,
            line=self.source.lines.get(at),
        )

    def who(self, who: str | PeopleSection) -> Who:
        """Of whom a ``who`` speaks."""
        if not isinstance(who, PeopleSection):
            return Who(Scope(who))
        users, groups = set(who.users or ()), set(who.groups or ())
        for name in who.people or ():
            defined = self.definitions.these_people(name)
            users.update(defined.users)
            groups.update(defined.groups)
        return Who(
            Scope.PEOPLE,
            frozenset(users),
            frozenset(groups),
            tuple(
                (name.lower(), frozenset(value.casefold() for value in values))
                for name, values in (who.attributes or {}).items()
            ),
            frozenset(who.methods or ()),
        )

    def privacy(self, section: PrivacySection) -> Privacy:
        """What is hidden of jobs."""
        visible_to = tuple(self.who(who) for who in section.visible_to)
        names = section.job_attributes
        if names == "all":
            return Privacy(None, visible_to)
        return Privacy(frozenset(() if isinstance(names, str) else names), visible_to)

    # --- parts of a rule --------------------------------------------------------------------------

    def _contradictions(self, section: RuleSection, at: Path) -> None:
        if (section.decision is None) == (section.decide is None):
            words = "a rule needs one of decision: permit, decision: refuse, decide: {http: …}"
            self._wrong(at, words)
        if section.decision == "refuse":
            for key in ("enforce", "default", "hold", "quota"):
                if getattr(section, key) not in (None, False):
                    self._wrong((*at, key), "is for a rule that permits, and this one refuses")
        if section.shadow and section.decide is not None:
            self._wrong((*at, "shadow"), "nobody is asked for a rule that is only tried out")
        can_refuse = (
            section.decision != "permit" or section.document or section.attributes or section.quota
        )
        if section.message is not None and not can_refuse:
            self._wrong((*at, "message"), "is for a refusal, and this rule permits")
        if section.hold and HOLD in {*(section.enforce or ()), *(section.default or ())}:
            self._wrong((*at, "hold"), f"writes {HOLD}, which this rule writes already")
        twice = set(section.enforce or ()) & set(section.default or ())
        for name in sorted(twice):
            self._wrong((*at, "default", name), "is enforced by this rule already")

    def _printers(self, section: RuleSection, at: Path) -> Printers:
        given = section.printers
        if given is None:
            return Printers.of(("*",))
        if not isinstance(given, PrintersSection):
            given = PrintersSection.model_construct(names=given)
        names = self.definitions.patterns(given.names or ("*",))
        printers = Printers.of(names, tuple(given.locations or ()), tuple(given.tags or ()))
        if self.printers is not None and not any(
            printers.fit(name, place) for name, place in self.printers.items()
        ):
            known_tags = sorted({tag for place in self.printers.values() for tag in place.tags})
            words = "no printer of the configuration fits"
            if given.tags:
                words += f"; their tags are {', '.join(known_tags) or 'none'}"
            self._wrong((*at, "printers"), words)
        return printers

    def _circumstances(self, section: RuleSection) -> Iterator[Circumstance]:
        when = section.when
        if when is None:
            return
        if when.networks is not None:
            yield Networks.of(tuple(when.networks))
        if when.tls is not None:
            yield LeastTls(f"TLSv{when.tls}")
        if when.days is not None or when.hours is not None:
            yield Times(
                days(tuple(when.days or ())),
                hours(tuple(when.hours or ())),
                when.timezone or self.timezone,
            )

    def _demands(self, section: RuleSection, permits: bool, at: Path) -> Iterator[Demand]:
        for name, values in (section.attributes or {}).items():
            demand = self._values(name, values, permits, (*at, "attributes", name))
            if demand is not None:
                yield demand
        document = section.document
        if document is None:
            return
        if document.formats is not None:
            yield Formats.of(tuple(document.formats), permits)
        if document.min_size is not None or document.max_size is not None:
            yield Size(permits, document.min_size, document.max_size)

    def _values(self, name: str, section: ValuesSection, permits: bool, at: Path) -> Values | None:
        try:
            syntax = syntax_of(name)
            if (section.min, section.max) != (None, None) and syntax not in (
                Syntax.INTEGER,
                Syntax.RANGES,
            ):
                raise ValueError(f"{name} has no numbers to compare with min and max")
            only = None
            if section.only is not None:
                only = tuple(scalar(name, value) for value in section.only)
            never = tuple(scalar(name, value) for value in section.never or ())
        except ValueError as error:
            self._wrong(at, str(error))
            return None
        if permits:
            never = (*never, *_what_may_become(name, never))
        elif only is not None:
            only = (*only, *_what_may_become(name, only))
        return Values(name, permits, only, never, section.min, section.max, section.present)

    def _obligations(self, section: RuleSection, at: Path) -> Obligations:
        enforce = self._written(section.enforce, (*at, "enforce"))
        if section.hold:
            word = INDEFINITELY if section.hold is True else section.hold
            enforce += ((HOLD, (word,)),)
        quotas = section.quota or []
        return Obligations(
            enforce,
            self._written(section.default, (*at, "default")),
            tuple(
                limit
                for quota in (quotas if isinstance(quotas, list) else [quotas])
                for limit in self._limits(quota)
            ),
        )

    def _written(self, values: dict[str, list[str | int | bool]] | None, at: Path) -> Written:
        written = []
        for name, plain in (values or {}).items():
            try:
                if "." in name:
                    raise ValueError("members of collections cannot be written")
                written.append((name, tuple(scalar(name, value) for value in plain)))
            except ValueError as error:
                self._wrong((*at, name), str(error))
        return tuple(written)

    def _limits(self, quota: QuotaSection) -> Iterator[Limit]:
        zone = quota.timezone or self.timezone
        for unit, most in (
            (Unit.PAGES, quota.pages),
            (Unit.JOBS, quota.jobs),
            (Unit.OCTETS, quota.octets),
        ):
            if most is not None:
                yield Limit(unit, most, Period(quota.per), quota.shared, zone)

    def _wrong(self, at: Path, words: str) -> None:
        self.findings.append(self.source.finding(at, words))


def _what_may_become(name: str, refused: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    choices = (_BECOMES.get((name, str(value))) for value in refused)
    return tuple(choice for choice in choices if choice is not None and choice not in refused)
