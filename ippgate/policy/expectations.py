"""Expectations beside policy files (``NAME.test.yaml``): what the rules must say, in examples."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from ippgate.config.findings import ConfigurationError, Finding, did_you_mean
from ippgate.config.quantities import Size
from ippgate.config.validation import Section, validated
from ippgate.config.yaml_lines import Source, parse
from ippgate.ipp.enums import Operation
from ippgate.policy.attributes import in_words, scalar
from ippgate.policy.decision import Decision, Reason
from ippgate.policy.facts import Document, Facts, Job, Place, Principal, Scalar
from ippgate.policy.policy import Policy
from ippgate.policy.sections import Plain, Written

ANONYMOUS = "anonymous"
SOMEWHERE = "192.0.2.1"
SOME_PRINTER = "any-printer"
SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)

Text = Annotated[str, Field(min_length=1, max_length=255)]


def _time(text: str) -> str:
    try:
        if datetime.fromisoformat(text).tzinfo is not None:
            return text
    except ValueError:
        pass
    raise ValueError(f'"{text}" is no time with a zone: write "2026-03-02T09:00+01:00"')


OneOrMore = Annotated[
    list[Text],
    BeforeValidator(
        lambda value: [value] if isinstance(value, str) else value,
        json_schema_input_type=list[Text] | Text,
    ),
    Field(min_length=1),
]


class PersonSection(Section):
    """Somebody that the expectations name. ``method``: how they signed in."""

    groups: list[Text] = Field(default_factory=list)
    attributes: dict[Text, list[Text]] = Field(default_factory=dict)
    method: Text = "basic"


class PrinterSection(Section):
    """A printer that the expectations name."""

    location: str = ""
    tags: list[Text] = Field(default_factory=list)


class GivenSection(Section):
    """Who asks for what. Lists stand for an example each. ``who``: of ``people``, or
    ``anonymous``; ``owner``: of the job in question; ``format``: declared, ``detected``: real."""

    who: OneOrMore
    printer: OneOrMore = Field(default_factory=lambda: [SOME_PRINTER])
    operation: OneOrMore
    owner: bool = False
    address: Text = SOMEWHERE
    at: Annotated[Text, AfterValidator(_time)] | None = None
    tls: Literal["1.2", "1.3"] = "1.3"
    attributes: dict[Text, Written] = Field(default_factory=dict)
    format: Text | None = None
    detected: Text | None = None
    size: Size | None = None


class ExpectSection(Section):
    """What the rules must say. ``rule``: which decides; left out where none does. What is not said
    of ``enforce``, ``default``, ``quota`` and ``shadows`` must not be. ``offers``: by attribute,
    which values this person may choose."""

    decision: Literal["permit", "refuse", "identify", "ask"]
    rule: Text | None = None
    reason: Literal[tuple(reason.value for reason in Reason)] | None = None  # type: ignore[valid-type]
    message: Text | None = None
    enforce: dict[Text, Written] = Field(default_factory=dict)
    default: dict[Text, Written] = Field(default_factory=dict)
    quota: list[Text] = Field(default_factory=list)
    shadows: list[Text] = Field(default_factory=list)
    offers: dict[Text, dict[Text, bool]] = Field(default_factory=dict)


class ExpectationSection(Section):
    """One example, or several that end alike."""

    given: GivenSection
    expect: Annotated[
        ExpectSection,
        BeforeValidator(
            lambda value: {"decision": value} if isinstance(value, str) else value,
            json_schema_input_type=ExpectSection | Literal["permit", "refuse", "identify"],
        ),
    ]


class ExpectationFile(Section):
    """A file of expectations, version 1."""

    version: Literal[1]
    people: dict[str, PersonSection] = Field(default_factory=dict)
    printers: dict[str, PrinterSection] = Field(default_factory=dict)
    expectations: Annotated[list[ExpectationSection], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Examined:
    """``examples``: how many; ``failed``: of them, each with what the rules say instead;
    ``reached``: names of rules that decided one of them, or matched on trial."""

    examples: int
    failed: tuple[Finding, ...]
    reached: frozenset[str]


def disappointed(policy: Policy, text: str, file: str) -> list[Finding]:
    """The expectations that the rules do not meet. Raises ConfigurationError when the file itself
    is wrong."""
    return list(examined(policy, text, file).failed)


def examined(policy: Policy, text: str, file: str) -> Examined:
    """Every expectation of a file. Raises ConfigurationError when the file itself is wrong."""
    source = parse(text, file)
    sections = validated(ExpectationFile, source)
    examining = _Examining(policy, sections, source)
    for index, section in enumerate(sections.expectations):
        examining.examine(section, index)
    if examining.mistakes:
        raise ConfigurationError(examining.mistakes)
    return Examined(examining.examples, tuple(examining.failed), frozenset(examining.reached))


class _Examining:
    def __init__(self, policy: Policy, sections: ExpectationFile, source: Source) -> None:
        self._sections = sections
        self._source = source
        places = {
            name: Place(printer.location, frozenset(printer.tags))
            for name, printer in sections.printers.items()
        }
        self._policy = policy.where(places) if places else policy
        self.examples = 0
        self.failed: list[Finding] = []
        self.mistakes: list[Finding] = []
        self.reached: set[str] = set()

    def examine(self, section: ExpectationSection, index: int) -> None:
        given = section.given
        for who, printer, word in itertools.product(given.who, given.printer, given.operation):
            operation = Operation.from_keyword(word)
            at = ("expectations", index, "given")
            if operation is None:
                near = did_you_mean(word, [known.keyword for known in Operation])
                self._mistake((*at, "operation"), f'"{word}" is no operation{near}')
                return
            if who != ANONYMOUS and who not in self._sections.people:
                near = did_you_mean(who, [*self._sections.people, ANONYMOUS])
                self._mistake((*at, "who"), f'"{who}" is nobody here{near}')
                return
            try:
                facts = self._facts(given, who, printer, operation)
                expected = _expected(section.expect)
            except ValueError as error:
                self._mistake(at, str(error))
                return
            self.examples += 1
            self._compare(facts, section.expect, expected, index)

    def _mistake(self, at: tuple[str | int, ...], words: str) -> None:
        self.mistakes.append(self._source.finding(at, words))

    def _facts(self, given: GivenSection, who: str, printer: str, operation: Operation) -> Facts:
        person = self._sections.people.get(who)
        principal = None
        if person is not None:
            attributes = {name: tuple(values) for name, values in person.attributes.items()}
            groups = frozenset(person.groups)
            principal = Principal(who, f"test:{who}", person.method, groups, attributes)
        asked = {
            name: tuple(scalar(name, value) for value in values)
            for name, values in given.attributes.items()
        }
        document = Document(given.format, given.detected or given.format, given.size)
        at = SOME_TIME if given.at is None else datetime.fromisoformat(given.at)
        job = Job(asked, document)
        tls = f"TLSv{given.tls}"
        return Facts(principal, printer, operation, given.owner, given.address, at, tls, job)

    def _compare(
        self,
        facts: Facts,
        expect: ExpectSection,
        expected: Mapping[str, object],
        index: int,
    ) -> None:
        decision = self._policy.decide(facts)
        if decision.rule is not None:
            self.reached.add(decision.rule)
        self.reached.update(shadow.rule for shadow in decision.shadows)
        said = _said(decision)
        differs = [
            f"expected {_in_words(key, value)}; the rules say {_in_words(key, said[key])}"
            for key, value in expected.items()
            if said[key] != value
        ]
        differs += self._offers(facts, expect)
        if differs:
            who = facts.principal.name if facts.principal is not None else ANONYMOUS
            what = f"{who} {facts.operation.keyword}"
            if facts.printer != SOME_PRINTER:
                what += f" at {facts.printer}"
            at = ("expectations", index)
            self.failed += [self._source.finding(at, f"{what}: {words}") for words in differs]

    def _offers(self, facts: Facts, expect: ExpectSection) -> Iterator[str]:
        offers = self._policy.offers(facts)
        for name, values in expect.offers.items():
            for word, offered in values.items():
                value: Scalar = int(word) if word.isdigit() else scalar(name, word)
                if (value in offers.of(name, value)) is not offered:
                    yield (
                        f"expected {name} {word} {'to be' if offered else 'not to be'} offered; "
                        f"it is{' not' if offered else ''}"
                    )


def _expected(expect: ExpectSection) -> dict[str, object]:
    """What must be said, in the order in which differences are told. Raises ValueError."""
    expected: dict[str, object] = {
        "decision": expect.decision,
        "rule": expect.rule,
        "enforce": _written(expect.enforce),
        "default": _written(expect.default),
        "quota": expect.quota,
        "shadows": expect.shadows,
    }
    if expect.reason is not None:
        expected["reason"] = expect.reason
    if expect.message is not None:
        expected["message"] = expect.message
    return expected


def _written(values: Mapping[str, list[Plain]]) -> dict[str, tuple[Scalar, ...]]:
    return {name: tuple(scalar(name, v) for v in given) for name, given in values.items()}


def _said(decision: Decision) -> dict[str, object]:
    obligations = decision.obligations
    return {
        "decision": decision.effect.value,
        "rule": decision.rule,
        "enforce": dict(obligations.enforce),
        "default": dict(obligations.default),
        "quota": [f"{q.most} {q.unit.value} a {q.period.value}" for q in obligations.quota],
        "shadows": [shadow.rule for shadow in decision.shadows],
        "reason": decision.reason.value,
        "message": decision.message,
    }


def _in_words(key: str, value: object) -> str:
    if key == "decision":
        return str(value)
    if value in (None, {}, []):
        return f"no {key}"
    if key == "rule":
        return f'by "{value}"'
    if isinstance(value, dict):
        pairs = (f"{name} {', '.join(in_words(name, v) for v in vs)}" for name, vs in value.items())
        return f"{key} {'; '.join(pairs)}"
    return f"{key} {', '.join(value)}" if isinstance(value, list) else f'{key} "{value}"'
