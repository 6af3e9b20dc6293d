"""What is hidden of jobs, and from whom."""

from __future__ import annotations

import pytest

from ippgate.config.findings import ConfigurationError
from ippgate.policy.facts import Principal
from ippgate.policy.file import load
from ippgate.policy.privacy import Privacy

ALICE = Principal("alice", "1", "ldap", frozenset({"staff"}))
OLGA = Principal("olga", "2", "ldap", frozenset({"operators"}))
RULES = "version: 1\nrules:\n- {name: r, who: anyone, operations: ['@print'], decision: permit}\n"
SECTION = """privacy:
  job_attributes: [job-name, job-originating-user-name]
  visible_to: [owner, {groups: [operators]}]
"""


def privacy(section: str = "") -> Privacy:
    return load([("r.yaml", RULES + section)]).privacy


def test_without_a_section_names_are_the_owner_s() -> None:
    hidden = privacy()
    assert hidden.hides("job-name")
    assert not hidden.hides("job-state")
    assert hidden.visible(ALICE, owner=True)
    assert not hidden.visible(OLGA, owner=False)


def test_a_section_says_what_is_hidden_and_who_sees_it() -> None:
    hidden = privacy(SECTION)
    assert hidden.hides("job-originating-user-name")
    assert not hidden.hides("document-name")
    assert hidden.visible(ALICE, owner=True)
    assert not hidden.visible(ALICE, owner=False)
    assert hidden.visible(OLGA, owner=False)
    assert not hidden.visible(None, owner=False)


@pytest.mark.parametrize(("word", "hides"), [("all", True), ("none", False)])
def test_all_or_none(word: str, hides: bool) -> None:
    hidden = privacy(f"privacy: {{job_attributes: {word}, visible_to: [authenticated]}}\n")
    assert hidden.hides("job-state") is hides
    assert hidden.visible(ALICE, owner=False)
    assert not hidden.visible(None, owner=True)


def test_one_section_is_for_all_files() -> None:
    other = (RULES + SECTION).replace("name: r", "name: s")
    with pytest.raises(ConfigurationError, match=r"2\.yaml:4: privacy: stands in 1\.yaml already"):
        load([("1.yaml", RULES + SECTION), ("2.yaml", other)])
