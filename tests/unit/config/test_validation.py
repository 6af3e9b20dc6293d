"""Validation: pydantic's errors as findings with path, line and the nearest known key."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator

from ippgate.config.findings import ConfigurationError
from ippgate.config.validation import Section, alternative, validated
from ippgate.config.yaml_lines import parse


class Circle(Section):
    radius: int


def _kind(value: object) -> str:
    return alternative("word") if isinstance(value, str) else alternative("circle")


class Item(Section):
    name: Annotated[str, Field(min_length=1)]
    shape: Annotated[
        Annotated[Literal["square"], Tag(alternative("word"))]
        | Annotated[Circle, Tag(alternative("circle"))],
        Discriminator(_kind),
    ] = "square"

    @field_validator("name")
    @classmethod
    def _allowed(cls, name: str, info: ValidationInfo) -> str:
        if info.context == name:
            raise ValueError("Is taken")
        return name


class Box(Section):
    title: str
    open: bool = False
    items: Annotated[list[Item], Field(min_length=1)]
    by_name: dict[str, Item] = Field(default_factory=dict)
    optional: Item | None = None


ITEMS = "items: [{name: a}]\n"


def findings(text: str, context: object = None) -> list[str]:
    with pytest.raises(ConfigurationError) as raised:
        validated(Box, parse(text, "f"), context)
    return [str(finding) for finding in raised.value.findings]


def test_what_is_right_becomes_the_model() -> None:
    box = validated(Box, parse("title: t\n" + ITEMS, "f"))
    assert box == Box(title="t", items=[Item(name="a")])


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("items: [{name: a}]", "f:1: title: is missing"),
        ("title: t\nitmes: []\n" + ITEMS, 'f:2: itmes: is not a known key - did you mean "items"?'),
        ("title: 5\n" + ITEMS, "f:1: title: must be text: put it in quotes"),
        ("title: t\nopen: 1\n" + ITEMS, "f:2: open: must be true or false"),
        ("title: t\nitems: []", "f:2: items: must not be empty"),
        ("title: t\nitems: x", "f:2: items: must be a list"),
        ("title: t\nitems:\n - x", "f:3: items[0]: must be a mapping of keys"),
        ("title: t\nitems:\n - {name: ''}", "f:3: items[0].name: must not be empty"),
        (
            "title: t\nby_name:\n x:\n  nam: b\n  name: c\n" + ITEMS,
            'f:4: by_name.x.nam: is not a known key - did you mean "name"?',
        ),
        (
            "title: t\noptional:\n  nam: b\n  name: c\n" + ITEMS,
            'f:3: optional.nam: is not a known key - did you mean "name"?',
        ),
        (
            "title: t\nitems:\n - name: a\n   shape: sqare\n",
            "f:4: items[0].shape: must be 'square' - did you mean \"square\"?",
        ),
        ("title: t\nitems:\n - name: a\n   shape: 5\n",
         "f:4: items[0].shape: must be a mapping of keys"),
        (
            "title: t\nitems:\n - name: a\n   shape: {radius: 1, circle: 2}\n",
            "f:4: items[0].shape.circle: is not a known key",
        ),
        ("title: t\nitems:\n - name: a\n   shape: {}\n", "f:4: items[0].shape.radius: is missing"),
        ("[]", "f:1: must be a mapping of keys"),
    ],
)  # fmt: skip
def test_one_mistake(text: str, finding: str) -> None:
    assert findings(text) == [finding]


def test_all_mistakes_at_once() -> None:
    assert findings("x: 1\nitems:\n - {nam: b}\n") == [
        "f:1: title: is missing",
        "f:3: items[0].name: is missing",
        'f:3: items[0].nam: is not a known key - did you mean "name"?',
        "f:1: x: is not a known key",
    ]


def test_an_empty_file_lacks_every_key() -> None:
    assert findings("") == ["f: title: is missing", "f: items: is missing"]


def test_a_validator_s_own_words_and_context() -> None:
    assert findings("title: t\n" + ITEMS, context="a") == ["f:2: items[0].name: is taken"]
