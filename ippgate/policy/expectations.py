"""Expectations beside rule files (``NAME.test.yaml``): what the rules must say, in examples."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field

from ippgate.config.findings import ConfigurationError, Finding, did_you_mean
from ippgate.config.validation import Section, validated
from ippgate.config.yaml_lines import Source, parse
from ippgate.ipp.enums import Operation
from ippgate.policy.facts import Facts, Principal
from ippgate.policy.policy import Policy

ANONYMOUS = "anonymous"
SOMEWHERE = "192.0.2.1"
SOME_PRINTER = "any-printer"
_SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)

Text = Annotated[str, Field(min_length=1, max_length=255)]


class PersonSection(Section):
    """Somebody that the expectations name."""

    groups: list[Text] = Field(default_factory=list)


class ExpectationSection(Section):
    """One example. ``who``: of ``people``, or ``anonymous``; ``owner``: of the job in question."""

    who: Text
    printer: Text = SOME_PRINTER
    operation: Text
    owner: bool = False
    decision: Literal["permit", "refuse", "identify"]
    rule: Text | None = None


class ExpectationFile(Section):
    """A file of expectations, version 1."""

    version: Literal[1]
    people: dict[str, PersonSection] = Field(default_factory=dict)
    expectations: Annotated[list[ExpectationSection], Field(min_length=1)]


def disappointed(policy: Policy, text: str, file: str) -> list[Finding]:
    """The expectations that the rules do not meet, each with what they say instead.

    Raises ConfigurationError when the file itself is wrong.
    """
    source = parse(text, file)
    sections = validated(ExpectationFile, source)
    mistakes = []
    found = []
    for index, section in enumerate(sections.expectations):
        at = ("expectations", index)
        operation = Operation.from_keyword(section.operation)
        if operation is None:
            near = did_you_mean(section.operation, [known.keyword for known in Operation])
            words = f'"{section.operation}" is no operation{near}'
            mistakes.append(source.finding((*at, "operation"), words))
        elif section.who != ANONYMOUS and section.who not in sections.people:
            near = did_you_mean(section.who, [*sections.people, ANONYMOUS])
            mistakes.append(source.finding((*at, "who"), f'"{section.who}" is nobody here{near}'))
        else:
            found += _differs(policy, section, operation, sections, source, index)
    if mistakes:
        raise ConfigurationError(mistakes)
    return found


def _differs(
    policy: Policy,
    section: ExpectationSection,
    operation: Operation,
    sections: ExpectationFile,
    source: Source,
    index: int,
) -> list[Finding]:
    principal = None
    if section.who != ANONYMOUS:
        groups = frozenset(sections.people[section.who].groups)
        principal = Principal(section.who, f"test:{section.who}", "test", groups)
    facts = Facts(principal, section.printer, operation, section.owner, SOMEWHERE, _SOME_TIME)
    decision = policy.decide(facts)
    if (decision.effect.value, decision.rule) == (section.decision, section.rule):
        return []
    expected = _in_words(section.decision, section.rule)
    words = f"expected {expected}; the rules say {_in_words(decision.effect.value, decision.rule)}"
    what = f"{section.who} {section.operation}"
    return [source.finding(("expectations", index), f"{what}: {words}")]


def _in_words(effect: str, rule: str | None) -> str:
    return effect if rule is None else f'{effect} by "{rule}"'
