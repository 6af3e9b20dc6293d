"""Which spellings of a name are refused before anybody is asked."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.identity.names import canonical_mistake, typed_mistake


@pytest.mark.parametrize(
    "name", ["alice", "ALICE", "alice@example.org", "EXAMPLE\\alice", "Ada L", "søren", "Ω-lab"]
)
def test_names_that_may_be_asked_for(name: str) -> None:
    assert typed_mistake(name) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "empty"),
        (" alice", "white space"),
        ("alice ", "white space"),
        ("alice\u00a0", "white space"),
        ("al\u00a0ice", "plainer form"),
        ("\uff41lice", "plainer form"),  # fullwidth a
        ("\ufb01na", "plainer form"),  # ligature fi
        ("ange\u0301lique", "plainer form"),  # decomposed accent: not NFC
        ("al\u00adice", "invisible"),  # soft hyphen, which directories drop
        ("al\u200bice", "invisible"),
        ("\u202ealice", "invisible"),
        ("al\x00ice", "invisible"),
        ("al\nice", "invisible"),
        ("al\x7fice", "invisible"),
        ("al\ud800ice", "invisible"),
        ("a" * 256, "longer"),
        ("ø" * 128, "longer"),
    ],
)
def test_aliases_and_oddities_are_refused(name: str, words: str) -> None:
    mistake = typed_mistake(name)

    assert mistake is not None
    assert words in mistake


def test_a_canonical_name_may_have_a_plainer_form_but_nothing_unseen() -> None:
    assert canonical_mistake("\uff41lice") is None
    assert canonical_mistake("alice\r\nX-Admin: 1") is not None


@given(st.text())
def test_what_passes_is_its_own_only_spelling(name: str) -> None:
    if typed_mistake(name) is None:
        assert unicodedata.normalize("NFKC", name) == name == name.strip()
        assert 0 < len(name.encode()) <= 255
