"""Names with a domain or realm: what the table says, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.exchange.ports import CredentialsRefused
from ippgate.identity.name_forms import NameForms, mistakes

TABLE = {
    r"CORP\{username}": "{username}",
    "{username}@corp.example.org": "{username}@corp.example.org",
    "{username}@old.example.org": "{username}",
    r"PC-*\{username}": "{username}",
}
FORMS = NameForms(TABLE)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("alice", "alice"),
        ("Ålice B", "Ålice B"),
        (r"CORP\alice", "alice"),
        (r"corp\Alice", "Alice"),
        ("alice@corp.example.org", "alice@corp.example.org"),
        ("alice@CORP.EXAMPLE.ORG", "alice@corp.example.org"),
        ("alice@old.example.org", "alice"),
        (r"PC-0815\alice", "alice"),
        (r"pc-x\{username}", "{username}"),
    ],
)
def test_forms_of_the_table(typed: str, asked: str) -> None:
    assert FORMS.asked(typed) == asked


@pytest.mark.parametrize(
    "typed",
    [
        r"OTHER\alice",
        r"CORP.EVIL\alice",
        r"XCORP\alice",
        "alice@example.org",
        "alice@corpXexample.org",
        "alice@corp.example.org.evil.example",
        r"CORP\alice@corp.example.org",
        r"CORP\CORP\alice",
        "alice@corp.example.org@corp.example.org",
        r"CORP\ ",
        r"CORP\ alice",
        "alice @corp.example.org\\",
        "CORP\\",
        "\\alice",
        "@corp.example.org",
        r"PC-\alice",
        r"PC-a\b\alice",
        f"PC-{'a' * 65}\\alice",
    ],
)
def test_nothing_else(typed: str) -> None:
    with pytest.raises(CredentialsRefused) as caught:
        FORMS.asked(typed)
    assert caught.value.claimed == typed


@given(st.text(alphabet="alice\\@CORPcorp.example-*{}", max_size=30))
def test_what_is_asked_for_has_a_separator_only_if_the_table_puts_it_there(typed: str) -> None:
    try:
        asked = FORMS.asked(typed)
    except CredentialsRefused:
        return
    assert "\\" not in asked
    assert "@" not in asked or asked.endswith("@corp.example.org")


def test_a_good_table_has_no_mistakes() -> None:
    assert mistakes(TABLE) == []
    assert mistakes({}) == []


@pytest.mark.parametrize(
    ("typed", "asked", "words"),
    [
        ("CORP\\", "{username}", "must stand in it once"),
        (r"{username}\{username}", "{username}", "must stand in it once"),
        ("{username}", "{username}", "neither \\ nor @"),
        (r"CORP\{username}", "alice", "must have"),
        (r"*\{username}", r"*\{username}", "cannot have *"),
    ],
)
def test_mistakes_are_told(typed: str, asked: str, words: str) -> None:
    assert any(words in mistake for mistake in mistakes({typed: asked}))
