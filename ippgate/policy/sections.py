"""A policy file, section by section: its shape, and the mistakes that a value shows by itself.

What a value means beside others is judged in ippgate.policy.compiling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from ippgate.config.findings import did_you_mean
from ippgate.config.quantities import Duration, Size
from ippgate.config.validation import Section, alternative
from ippgate.policy.criteria import times
from ippgate.policy.criteria.networks import Networks
from ippgate.policy.criteria.printers import Printers
from ippgate.policy.definitions import Definitions
from ippgate.policy.facts import METHODS
from ippgate.policy.operations import SETS, resolve

Text = Annotated[str, Field(min_length=1, max_length=255)]
Texts = Annotated[list[Text], Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_ -]{0,62}$")]


@dataclass(frozen=True, slots=True)
class Known:
    """What a file is checked against besides the language itself.

    ``printers``: names of those that exist, so that a pattern which fits none is found; None: not
    known.
    """

    definitions: Definitions
    printers: frozenset[str] | None = None


_NOTHING = Known(Definitions())


def _known(info: ValidationInfo) -> Known:
    return info.context if isinstance(info.context, Known) else _NOTHING


def _operation(word: str, info: ValidationInfo) -> str:
    for written_out in _known(info).definitions.operation_words([word]):
        resolve(written_out)
    return word


def _pattern(pattern: str, info: ValidationInfo) -> str:
    """Each pattern must mean some printer, be it wanted or not."""
    known = _known(info)
    for written_out in known.definitions.patterns([pattern]):
        fitting = Printers.of((written_out.removeprefix("!"),))
        if known.printers is not None and not any(map(fitting.fit, known.printers)):
            near = did_you_mean(written_out.removeprefix("!"), known.printers)
            raise ValueError(f'no printer of the configuration fits "{written_out}"{near}')
    return pattern


def _people(name: str, info: ValidationInfo) -> str:
    _known(info).definitions.these_people(name)
    return name


def _network(word: str) -> str:
    Networks.of((word,))
    return word


def _day(word: str) -> str:
    times.days((word,))
    return word


def _hours(word: str) -> str:
    times.hours((word,))
    return word


def _listed(value: object) -> object:
    """One value stands for a list of it."""
    return [value] if isinstance(value, str) else value


def _media_type(word: str) -> str:
    kind, slash, rest = word.removeprefix("!").partition("/")
    if not (kind and slash and rest) or word != word.lower() or " " in word:
        raise ValueError(
            f'"{word}" is not a document format such as application/pdf or image/*, in small '
            "letters"
        )
    return word


OperationWord = Annotated[Text, AfterValidator(_operation)]
PrinterPattern = Annotated[Text, AfterValidator(_pattern)]
Zone = Annotated[Text, AfterValidator(times.zone)]
Days = Annotated[
    list[Annotated[Text, AfterValidator(_day)]],
    BeforeValidator(_listed, json_schema_input_type=str | list[str]),
    Field(min_length=1),
]
Hours = Annotated[
    list[Annotated[Text, AfterValidator(_hours)]],
    BeforeValidator(_listed, json_schema_input_type=str | list[str]),
    Field(min_length=1),
]


class PeopleSection(Section):
    """People in particular.

    ``users`` by their canonical names, ``groups``, and ``people`` that are defined: each of them is
    enough. ``attributes`` of the directory and ``methods`` of signing in limit these further.
    """

    users: Texts | None = None
    groups: Texts | None = None
    people: (
        Annotated[list[Annotated[Text, AfterValidator(_people)]], Field(min_length=1)] | None
    ) = None
    attributes: dict[Text, Texts] | None = None
    methods: Annotated[list[Literal[tuple(sorted(METHODS))]], Field(min_length=1)] | None = None  # type: ignore[valid-type]

    @property
    def nobody(self) -> bool:
        """Whether it says nothing about anybody."""
        return not (self.users or self.groups or self.people or self.attributes or self.methods)


WhoWord = Literal["anyone", "authenticated", "owner"]
_WORD = alternative("word")
_PEOPLE = alternative("people")
_LIST = alternative("list")
_MAPPING = alternative("mapping")


def _who_kind(value: object) -> str:
    return _WORD if isinstance(value, str) else _PEOPLE


def _list_kind(value: object) -> str:
    return _LIST if isinstance(value, list) else _MAPPING


def _somebody(who: WhoWord | PeopleSection) -> WhoWord | PeopleSection:
    if isinstance(who, PeopleSection) and who.nobody:
        raise ValueError(
            "names nobody: give users, groups, people, attributes or methods, or one of the words "
            "anyone, authenticated, owner"
        )
    return who


WhoSection = Annotated[
    Annotated[WhoWord, Tag(_WORD)] | Annotated[PeopleSection, Tag(_PEOPLE)],
    Discriminator(_who_kind),
    AfterValidator(_somebody),
]
Patterns = Annotated[list[PrinterPattern], Field(min_length=1)]


class PrintersSection(Section):
    """Printers by what the configuration says of them: all that is given must fit."""

    names: Patterns | None = None
    locations: Texts | None = None
    tags: Texts | None = None


class WhenSection(Section):
    """How and when a request comes: all that is given must match."""

    days: Days | None = None
    hours: Hours | None = None
    timezone: Zone | None = None
    networks: (
        Annotated[list[Annotated[Text, AfterValidator(_network)]], Field(min_length=1)] | None
    ) = None
    tls: Literal["1.2", "1.3"] | None = None


class DocumentSection(Section):
    """What a document may be."""

    formats: (
        Annotated[list[Annotated[Text, AfterValidator(_media_type)]], Field(min_length=1)] | None
    ) = None
    min_size: Size | None = None
    max_size: Size | None = None

    @model_validator(mode="after")
    def _upside_down(self) -> DocumentSection:
        if self.min_size is not None and self.max_size is not None:
            if self.min_size > self.max_size:
                raise ValueError("min_size is larger than max_size: nothing could match")
        return self


Plain = str | int | bool


class ValuesSection(Section):
    """What a job may ask for in one attribute."""

    only: Annotated[list[Plain], Field(min_length=1)] | None = Field(default=None, alias="is")
    never: Annotated[list[Plain], Field(min_length=1)] | None = Field(default=None, alias="not")
    min: int | None = None
    max: int | None = None
    present: bool | None = None

    @model_validator(mode="after")
    def _meaning(self) -> ValuesSection:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is more than max {self.max}: nothing could match")
        given = (self.only, self.never, self.min, self.max, self.present)
        if all(part is None for part in given):
            raise ValueError("asks for nothing: give is, not, min, max or present")
        if self.present is False and any(part is not None for part in given[:4]):
            raise ValueError("present: false goes with nothing else")
        return self


def _values(value: object) -> object:
    """``copies: 1`` stands for ``copies: {is: [1]}``."""
    if isinstance(value, list):
        return {"is": value}
    return value if isinstance(value, dict) else {"is": [value]}


Demanded = Annotated[
    ValuesSection,
    BeforeValidator(_values, json_schema_input_type=ValuesSection | list[Plain] | Plain),
]
Written = Annotated[
    list[Plain],
    BeforeValidator(
        lambda value: value if isinstance(value, list) else [value],
        json_schema_input_type=list[Plain] | Plain,
    ),
    Field(min_length=1),
]


class QuotaSection(Section):
    """How much in a day, week or month; ``shared``: by all whom the rule matches together."""

    pages: Annotated[int, Field(ge=0)] | None = None
    jobs: Annotated[int, Field(ge=0)] | None = None
    octets: Size | None = None
    per: Literal["day", "week", "month"]
    shared: bool = False
    timezone: Zone | None = None

    @model_validator(mode="after")
    def _something(self) -> QuotaSection:
        if self.pages is None and self.jobs is None and self.octets is None:
            raise ValueError("limits nothing: give pages, jobs or octets")
        return self


class DecideSection(Section):
    """A decision point elsewhere, as Open Policy Agent is one. No answer in time is a refusal."""

    http: Annotated[str, Field(pattern=r"^https?://[^\s]+$")]
    timeout: Duration = 2.0

    @field_validator("timeout")
    @classmethod
    def _some_time(cls, timeout: float) -> float:
        if not 0.05 <= timeout <= 30:
            raise ValueError("must be between 50ms and 30s")
        return timeout


class RuleSection(Section):
    """One rule: it decides when all that is given matches, and no rule above did."""

    name: Text
    who: WhoSection
    printers: (
        Annotated[
            Annotated[Patterns, Tag(_LIST)] | Annotated[PrintersSection, Tag(_MAPPING)],
            Discriminator(_list_kind),
        ]
        | None
    ) = None
    operations: Annotated[list[OperationWord], Field(min_length=1)]
    when: WhenSection | None = None
    document: DocumentSection | None = None
    attributes: dict[Text, Demanded] | None = None
    decision: Literal["permit", "refuse"] | None = None
    decide: DecideSection | None = None
    message: Text | None = None
    enforce: dict[Text, Written] | None = None
    default: dict[Text, Written] | None = None
    hold: bool | Text | None = None
    quota: (
        Annotated[
            Annotated[list[QuotaSection], Tag(_LIST)] | Annotated[QuotaSection, Tag(_MAPPING)],
            Discriminator(_list_kind),
        ]
        | None
    ) = None
    shadow: bool = False


class DefineSection(Section):
    """Groups that rules name: ``who: {people: [NAME]}``, ``printers: ["@NAME"]``,
    ``operations: ["@NAME"]``."""

    people: dict[Name, PeopleSection] = Field(default_factory=dict)
    printers: dict[Name, Patterns] = Field(default_factory=dict)
    operations: dict[Name, Annotated[list[OperationWord], Field(min_length=1)]] = Field(
        default_factory=dict
    )

    @field_validator("people")
    @classmethod
    def _by_name(cls, people: dict[str, PeopleSection]) -> dict[str, PeopleSection]:
        for name, who in people.items():
            if who.people or who.attributes or who.methods or who.nobody:
                raise ValueError(f"{name}: people are defined by users and groups alone")
        return people

    @field_validator("operations")
    @classmethod
    def _own_names(cls, operations: dict[str, Any]) -> dict[str, Any]:
        for name in operations:
            if f"@{name}".lower() in SETS:
                raise ValueError(f'"{name}" is the name of a set that exists')
        return operations


class PrivacySection(Section):
    """What of a job is hidden, and from whom it is not. ``job_attributes``: names, or ``all``: jobs
    are left out altogether, or ``none``."""

    job_attributes: Texts | Literal["all", "none"]
    visible_to: list[WhoSection]


class PolicyFile(Section):
    """A file of the policy language, version 1."""

    version: Literal[1]
    timezone: Zone | None = None
    include: Texts | None = None
    define: DefineSection | None = None
    rules: Annotated[list[RuleSection], Field(min_length=1)] | None = None
    privacy: PrivacySection | None = None

    @model_validator(mode="after")
    def _something(self) -> PolicyFile:
        if self.rules is None and self.define is None and self.privacy is None:
            raise ValueError("says nothing: give rules, define or privacy")
        return self
