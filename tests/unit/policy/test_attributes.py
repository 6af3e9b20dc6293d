"""The attributes that rules know, and their values."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from ippgate.policy.attributes import (
    ALIASES,
    OPERATION_ATTRIBUTES,
    SYNTAX,
    Syntax,
    comparable,
    in_words,
    scalar,
    syntax_of,
)


def test_every_table_speaks_of_attributes_that_are_known() -> None:
    assert SYNTAX.keys() >= OPERATION_ATTRIBUTES
    assert set(ALIASES.values()) <= SYNTAX.keys()


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("copies", 3, 3),
        ("sides", "one-sided", "one-sided"),
        ("print-quality", "high", 5),
        ("print-quality", 4, 4),
        ("finishings", "staple", 4),
        ("ipp-attribute-fidelity", True, "true"),
        ("com.example.stapler", "on", "on"),
    ],
)
def test_values_as_people_write_them(name: str, value: object, meant: object) -> None:
    assert scalar(name, value) == meant


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("copies", "3"),
        ("copies", True),
        ("sides", 1),
        ("sides", ""),
        ("sides", False),
        ("print-quality", "hihg"),
        ("print-quality", -1),
        ("job-password", "x"),
        ("page-ranges", "1-2"),
        ("ipp-attribute-fidelity", "true"),
        ("nothing", "x"),
    ],
)
def test_values_that_cannot_be(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        scalar(name, value)


def test_words_for_numbers() -> None:
    assert in_words("print-quality", 5) == "high"
    assert in_words("copies", 5) == "5"


def test_the_nearest_name() -> None:
    with pytest.raises(ValueError, match='did you mean "print-color-mode"'):
        syntax_of("print-colour-mode")


def test_sizes_of_media() -> None:
    assert comparable("media", "iso_a4_210x297mm") == "21000x29700"
    assert comparable("media", "na_letter_8.5x11in") == "21590x27940"
    assert comparable("media", "tray-1") == "tray-1"
    assert comparable("sides", "iso_a4_210x297mm") == "iso_a4_210x297mm"


@pytest.mark.skipif("IPPGATE_CORPORA" not in os.environ, reason="IPPGATE_CORPORA is not set")
def test_names_and_syntaxes_are_those_of_the_registry() -> None:
    registry = Path(os.environ["IPPGATE_CORPORA"]) / "ipp" / "iana" / "ipp-registrations.xml"
    space = "{http://www.iana.org/assignments}"
    registered: dict[str, str] = {}
    for record in ET.parse(registry).getroot().iter(f"{space}record"):
        parts = {child.tag.removeprefix(space): "".join(child.itertext()) for child in record}
        if parts.get("collection") in ("Job Template", "Operation"):
            name = parts["name"].partition("(")[0]
            registered.setdefault(name, parts.get("syntax", ""))
    for name, syntax in SYNTAX.items():
        assert name in registered, name
        if syntax is not Syntax.OPAQUE:
            assert syntax.value in registered[name], (name, registered[name])
