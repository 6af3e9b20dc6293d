"""Attributes that rules may speak of, and their values as files have them."""

from __future__ import annotations

import pytest

from ippgate.policy.attributes import ALIASES, Syntax, comparable, in_words, scalar, syntax_of


@pytest.mark.parametrize(
    ("name", "syntax"),
    [
        ("copies", Syntax.INTEGER),
        ("media-col.media-type", Syntax.KEYWORD),
        ("smi2699-auth", Syntax.KEYWORD),
        ("com.example.tray", Syntax.KEYWORD),
        ("job-password", Syntax.OPAQUE),
    ],
)
def test_syntax(name: str, syntax: Syntax) -> None:
    assert syntax_of(name) is syntax


def test_unknown_names_and_those_of_people() -> None:
    with pytest.raises(ValueError, match='did you mean "copies"'):
        syntax_of("copis")
    with pytest.raises(ValueError, match="is not an attribute that rules know"):
        syntax_of("requesting-user-name")


@pytest.mark.parametrize("former", ALIASES)
def test_a_rule_that_would_never_see_a_former_name_is_told_the_new_one(former: str) -> None:
    with pytest.raises(ValueError, match=f"is a former name: write {ALIASES[former]},"):
        syntax_of(former)


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("copies", 3, 3),
        ("print-quality", "high", 5),
        ("print-quality", 5, 5),
        ("ipp-attribute-fidelity", True, "true"),
        ("ipp-attribute-fidelity", False, "false"),
        ("sides", "one-sided", "one-sided"),
    ],
)
def test_values(name: str, written: object, value: object) -> None:
    assert scalar(name, written) == value


@pytest.mark.parametrize(
    ("name", "written", "says"),
    [
        ("copies", "3", "copies is a whole number, not '3'"),
        ("copies", True, "copies is not true or false"),
        ("sides", True, "put the word in quotes"),
        ("sides", 3, "sides is text, not 3"),
        ("sides", "", "sides is text"),
        ("print-quality", "hihg", 'did you mean "high"'),
        ("print-quality", 0, "0 is no value of print-quality"),
        ("ipp-attribute-fidelity", "yes", "is true or false"),
        ("page-ranges", "1-2", "rules compare no values of page-ranges"),
        ("job-password", "x", "rules compare no values of job-password"),
    ],
)
def test_what_is_no_value(name: str, written: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        scalar(name, written)


def test_one_sheet_has_several_names() -> None:
    a4 = comparable("media", "iso_a4_210x297mm")
    assert comparable("media", "custom_mine_210x297mm") == a4 == "21000x29700"
    assert comparable("media", "na_letter_8.5x11in") == "21590x27940"
    assert comparable("media", "photo-tray") == "photo-tray"
    assert comparable("job-name", "iso_a4_210x297mm") == "iso_a4_210x297mm"


def test_in_words() -> None:
    assert in_words("print-quality", 5) == "high"
    assert in_words("print-quality", 9) == "9"
    assert in_words("copies", 3) == "3"
