"""Rule files: YAML as people write it, to rules. All mistakes of all files are reported
together."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, field_validator

from ippgate.config.findings import ConfigurationError, Finding
from ippgate.config.validation import Section, validated
from ippgate.config.yaml_lines import Source, parse
from ippgate.policy.criteria.operations import Operations
from ippgate.policy.criteria.printers import Printers
from ippgate.policy.criteria.who import Scope, Who
from ippgate.policy.policy import Policy
from ippgate.policy.rule import Rule

Text = Annotated[str, Field(min_length=1, max_length=255)]
Texts = Annotated[list[Text], Field(min_length=1)]


class People(Section):
    """Users by their canonical names, or groups; at least one of the two."""

    users: Texts | None = None
    groups: Texts | None = None


def _who_kind(value: object) -> str:
    return "word" if isinstance(value, str) else "people"


WhoWord = Literal["anyone", "authenticated", "owner"]


class RuleSection(Section):
    """One rule."""

    name: Text
    who: Annotated[
        Annotated[WhoWord, Tag("word")] | Annotated[People, Tag("people")],
        Discriminator(_who_kind),
    ]
    printers: Texts | None = None
    operations: Texts
    decision: Literal["permit", "refuse"]
    message: Text | None = None

    @field_validator("who")
    @classmethod
    def _somebody(cls, who: WhoWord | People) -> WhoWord | People:
        if isinstance(who, People) and who.users is None and who.groups is None:
            raise ValueError(
                "names nobody: give users, or groups, or one of the words anyone, "
                "authenticated, owner"
            )
        return who


class RuleFile(Section):
    """A file of the policy language, version 1."""

    version: Literal[1]
    rules: Annotated[list[RuleSection], Field(min_length=1)]


def load(texts: Sequence[tuple[str, str]], printers: Collection[str] | None = None) -> Policy:
    """The policy of files given as (name, text), in that order.

    ``printers``: the names that exist, so that a pattern which fits none is found. Raises
    ConfigurationError with every mistake of every file.
    """
    rules: list[Rule] = []
    findings: list[Finding] = []
    names: dict[str, Rule] = {}
    for file, text in texts:
        try:
            source = parse(text, file)
            sections = validated(RuleFile, source).rules
        except ConfigurationError as error:
            findings += error.findings
            continue
        for index, section in enumerate(sections):
            rule, mistakes = _rule(section, source, index)
            findings += mistakes
            if rule is None:
                continue
            findings += _doubts(rule, source, index, names, printers)
            names.setdefault(rule.name, rule)
            rules.append(rule)
    if not texts:
        findings.append(Finding("policies", None, "", "no rule file was found: nobody could print"))
    if findings:
        raise ConfigurationError(findings)
    return Policy(rules, revision(texts))


def revision(texts: Sequence[tuple[str, str]]) -> str:
    """A digest of rule files, in order: which rules decided, for the trail."""
    digest = hashlib.sha256()
    for _, text in texts:
        octets = text.encode()
        digest.update(len(octets).to_bytes(8, "big") + octets)
    return digest.hexdigest()


def _rule(section: RuleSection, source: Source, index: int) -> tuple[Rule | None, list[Finding]]:
    findings = []
    at = ("rules", index)
    operations: Operations | None = None
    printers: Printers | None = None
    for number, word in enumerate(section.operations):
        try:
            Operations.of((word,))
        except ValueError as error:
            findings.append(source.finding((*at, "operations", number), str(error)))
    try:
        printers = Printers.of(tuple(section.printers or ("*",)))
    except ValueError as error:
        findings.append(source.finding((*at, "printers"), str(error)))
    if findings or printers is None:
        return None, findings
    operations = Operations.of(tuple(section.operations))
    return Rule(
        name=section.name,
        permits=section.decision == "permit",
        who=_who(section.who),
        operations=operations,
        printers=printers,
        message=section.message,
        file=source.file,
        line=source.lines.get(at),
    ), []


def _who(who: WhoWord | People) -> Who:
    if isinstance(who, People):
        return Who(Scope.PEOPLE, frozenset(who.users or ()), frozenset(who.groups or ()))
    return Who(Scope(who))


def _doubts(
    rule: Rule,
    source: Source,
    index: int,
    names: dict[str, Rule],
    printers: Collection[str] | None,
) -> Iterator[Finding]:
    at = ("rules", index)
    first = names.get(rule.name)
    if first is not None:
        words = f'a rule named "{rule.name}" stands in {first.file}:{first.line} already'
        yield source.finding((*at, "name"), words)
    if rule.message is not None and rule.permits:
        yield source.finding((*at, "message"), "is for a refusal, and this rule permits")
    if printers is not None and not any(rule.printers.names(name) for name in printers):
        patterns = ", ".join(rule.printers.patterns)
        words = f"no printer of the configuration fits {patterns}"
        yield source.finding((*at, "printers"), words)
