"""Rule files: YAML as people write it, to rules. All mistakes of all files are reported
together."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, ValidationInfo, field_validator

from ippgate.config.findings import ConfigurationError, Finding
from ippgate.config.validation import Section, alternative, validated
from ippgate.config.yaml_lines import Source, parse
from ippgate.policy.criteria.operations import Operations
from ippgate.policy.criteria.printers import Printers
from ippgate.policy.criteria.who import Scope, Who
from ippgate.policy.policy import Policy
from ippgate.policy.privacy import Privacy
from ippgate.policy.rule import Rule


@dataclass(frozen=True, slots=True)
class Known:
    """What rules are checked against besides the language itself.

    ``printers``: the names that exist, so that a pattern which fits none is found; None: not known.
    """

    printers: frozenset[str] | None


def _operation(word: str) -> str:
    Operations.of((word,))
    return word


def _pattern(pattern: str) -> str:
    Printers.of((pattern,))
    return pattern


Text = Annotated[str, Field(min_length=1, max_length=255)]
Texts = Annotated[list[Text], Field(min_length=1)]
OperationWord = Annotated[Text, AfterValidator(_operation)]
PrinterPattern = Annotated[Text, AfterValidator(_pattern)]


class People(Section):
    """Users by their canonical names, or groups; at least one of the two."""

    users: Texts | None = None
    groups: Texts | None = None


WhoWord = Literal["anyone", "authenticated", "owner"]
_WORD = alternative("word")
_PEOPLE = alternative("people")


def _who_kind(value: object) -> str:
    return _WORD if isinstance(value, str) else _PEOPLE


class RuleSection(Section):
    """One rule."""

    name: Text
    who: Annotated[
        Annotated[WhoWord, Tag(_WORD)] | Annotated[People, Tag(_PEOPLE)],
        Discriminator(_who_kind),
    ]
    printers: Annotated[list[PrinterPattern], Field(min_length=1)] | None = None
    operations: Annotated[list[OperationWord], Field(min_length=1)]
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

    @field_validator("printers")
    @classmethod
    def _some_printer(cls, patterns: list[str] | None, info: ValidationInfo) -> list[str] | None:
        known = info.context.printers if isinstance(info.context, Known) else None
        if patterns is None or known is None:
            return patterns
        fitting = Printers.of(tuple(patterns))
        if not any(fitting.names(name) for name in known):
            words = ", ".join(patterns)
            raise ValueError(f"no printer of the configuration fits {words}")
        return patterns

    @field_validator("message")
    @classmethod
    def _for_a_refusal(cls, message: str | None, info: ValidationInfo) -> str | None:
        if message is not None and info.data.get("decision") == "permit":
            raise ValueError("is for a refusal, and this rule permits")
        return message


class PrivacySection(Section):
    """What of a job is hidden, and from whom it is not. ``job_attributes``: names, or ``all``: jobs
    are left out altogether, or ``none``."""

    job_attributes: Texts | Literal["all", "none"]
    visible_to: list[
        Annotated[
            Annotated[WhoWord, Tag(_WORD)] | Annotated[People, Tag(_PEOPLE)],
            Discriminator(_who_kind),
        ]
    ]


class RuleFile(Section):
    """A file of the policy language, version 1."""

    version: Literal[1]
    rules: Annotated[list[RuleSection], Field(min_length=1)]
    privacy: PrivacySection | None = None


def load(texts: Sequence[tuple[str, str]], printers: Collection[str] | None = None) -> Policy:
    """The policy of files given as (name, text), in that order.

    ``printers``: the names that exist, so that a pattern which fits none is found. Raises
    ConfigurationError with every mistake of every file.
    """
    known = Known(None if printers is None else frozenset(printers))
    rules: list[Rule] = []
    findings: list[Finding] = []
    places: dict[str, str] = {}
    privacy: Privacy | None = None
    private_in = ""
    for file, text in texts:
        try:
            source = parse(text, file)
        except ConfigurationError as error:
            findings += error.findings
            continue
        try:
            sections = validated(RuleFile, source, known)
            rules += (_rule(section, source, index) for index, section in enumerate(sections.rules))
            if sections.privacy is not None and privacy is not None:
                words = f"stands in {private_in} already: there is one for all files"
                findings.append(source.finding(("privacy",), words))
            elif sections.privacy is not None:
                privacy, private_in = _privacy(sections.privacy), file
        except ConfigurationError as error:
            findings += error.findings
        findings += _names_given_twice(source, places)
    if not texts:
        findings.append(Finding("policies", None, "", "no rule file was found: nobody could print"))
    if findings:
        raise ConfigurationError(findings)
    return Policy(rules, revision(texts), privacy)


def revision(texts: Sequence[tuple[str, str]]) -> str:
    """A digest of rule files, in order: which rules decided, for the trail."""
    digest = hashlib.sha256()
    for _, text in texts:
        octets = text.encode()
        digest.update(len(octets).to_bytes(8, "big") + octets)
    return digest.hexdigest()


def _rule(section: RuleSection, source: Source, index: int) -> Rule:
    return Rule(
        name=section.name,
        permits=section.decision == "permit",
        who=_who(section.who),
        operations=Operations.of(tuple(section.operations)),
        printers=Printers.of(tuple(section.printers or ("*",))),
        message=section.message,
        file=source.file,
        line=source.lines.get(("rules", index)),
    )


def _privacy(section: PrivacySection) -> Privacy:
    names = section.job_attributes
    visible_to = tuple(_who(who) for who in section.visible_to)
    if names == "all":
        return Privacy(None, visible_to)
    return Privacy(frozenset(() if isinstance(names, str) else names), visible_to)


def _who(who: WhoWord | People) -> Who:
    if isinstance(who, People):
        return Who(Scope.PEOPLE, frozenset(who.users or ()), frozenset(who.groups or ()))
    return Who(Scope(who))


def _names_given_twice(source: Source, places: dict[str, str]) -> Iterator[Finding]:
    """Rules whose name another rule has, be the rest of either right or wrong.

    ``places``: where each name of the files before stands; those of this file are added.
    """
    rules = source.value.get("rules") if isinstance(source.value, dict) else None
    for index, rule in enumerate(rules if isinstance(rules, list) else ()):
        name = rule.get("name") if isinstance(rule, dict) else None
        if not isinstance(name, str):
            continue
        at = ("rules", index, "name")
        place = places.setdefault(name, f"{source.file}:{source.lines[at]}")
        if place != f"{source.file}:{source.lines[at]}":
            yield source.finding(at, f'a rule named "{name}" stands in {place} already')
