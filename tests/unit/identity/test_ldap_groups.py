"""Groups by search: all of a person's, or nobody signs in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

import pytest

from ippgate.identity.ldap_connection import DirectoryConnection
from ippgate.identity.ldap_entry import Entry, EntryUnfit
from ippgate.identity.ldap_features import Features
from ippgate.identity.ldap_groups import (
    LEVEL_DNS,
    MAX_GROUPS,
    MAX_LEVELS,
    groups_by_search,
)
from ippgate.identity.settings import GroupSearch

ALICE = "uid=alice,ou=people,dc=example,dc=org"
FLAT = GroupSearch("ou=groups,dc=example,dc=org", "(member={dn})", "cn")
NESTED = GroupSearch("ou=groups,dc=example,dc=org", "(member={dn})", "cn", nested=True)


def dn(name: str) -> str:
    return f"cn={name},ou=groups,dc=example,dc=org"


class Directory:
    """Groups by name, each with the DNs of its members; notes what was asked."""

    def __init__(self, groups: dict[str, list[str]]) -> None:
        self.groups = groups
        self.asked: list[tuple[str, str]] = []
        self.names: dict[str, list[bytes]] = {}
        self.features = Features()

    def search(
        self, base: str, filter_: str, attributes: Sequence[str], limit: int, call: str
    ) -> list[Entry]:
        assert (attributes, limit, call) == (["cn"], MAX_GROUPS, "groups")
        self.asked.append((base, filter_))
        wanted = set(re.findall(r"\(member=([^)]*)\)", filter_))
        found = [name for name, members in self.groups.items() if wanted & set(members)]
        return [
            Entry(dn(name), {"cn": self.names.get(name, [name.encode()])})
            for name in found[: limit + 1]
        ]


def groups(directory: Directory, search: GroupSearch = FLAT) -> frozenset[str]:
    entry = Entry(ALICE, {})
    return groups_by_search(cast(DirectoryConnection, directory), search, entry, "alice")


def test_the_groups_that_a_person_is_a_member_of() -> None:
    directory = Directory({"staff": [ALICE], "visitors": ["uid=bob"], "lab": [ALICE]})
    assert groups(directory) == {"staff", "lab"}
    assert directory.asked == [(FLAT.base, f"(member={ALICE})")]


def test_nobody_must_be_in_a_group() -> None:
    assert groups(Directory({})) == groups(Directory({}), NESTED) == frozenset()


def test_groups_of_groups_count_when_they_are_wanted() -> None:
    directory = Directory({"team": [ALICE], "staff": [dn("team")], "all": [dn("staff")]})
    assert groups(directory) == {"team"}
    assert groups(directory, NESTED) == {"team", "staff", "all"}


def test_a_circle_of_groups_has_an_end() -> None:
    directory = Directory({"a": [ALICE, dn("c")], "b": [dn("a")], "c": [dn("b"), dn("c")]})
    assert groups(directory, NESTED) == {"a", "b", "c"}
    assert len(directory.asked) == 4


def test_a_level_is_asked_for_in_as_few_searches_as_fit() -> None:
    wide = {f"g{number}": [ALICE] for number in range(LEVEL_DNS + 1)}
    directory = Directory({**wide, "top": [dn("g0"), dn(f"g{LEVEL_DNS}")]})
    assert groups(directory, NESTED) == {*wide, "top"}
    sizes = [filter_.count("(member=") for _, filter_ in directory.asked]
    assert sizes == [1, LEVEL_DNS, 1, 1]


def nested(levels: int) -> Directory:
    chain = {f"g{number}": [dn(f"g{number - 1}")] for number in range(1, levels)}
    return Directory({"g0": [ALICE], **chain})


def test_to_overlook_a_group_could_permit_what_its_members_are_refused() -> None:
    assert len(groups(nested(MAX_LEVELS), NESTED)) == MAX_LEVELS
    with pytest.raises(EntryUnfit, match="nested deeper than"):
        groups(nested(MAX_LEVELS + 1), NESTED)
    many = {f"g{number}": [ALICE] for number in range(MAX_GROUPS)}
    assert len(groups(Directory(many))) == MAX_GROUPS
    with pytest.raises(EntryUnfit, match=f"more than {MAX_GROUPS} groups"):
        groups(Directory({**many, "one more": [ALICE]}))


def test_levels_count_together() -> None:
    half = MAX_GROUPS // 2
    below = {f"a{number}": [ALICE] for number in range(half)}
    above = {f"b{number}": [dn("a0")] for number in range(half + 1)}
    with pytest.raises(EntryUnfit, match=f"more than {MAX_GROUPS} groups"):
        groups(Directory({**below, **above}), NESTED)


def test_a_group_that_a_rule_could_not_name_is_a_mistake_in_the_directory() -> None:
    directory = Directory({"staff": [ALICE]})
    directory.names["staff"] = []
    with pytest.raises(EntryUnfit, match="has no cn"):
        groups(directory)
    directory.names["staff"] = [b"\xff"]
    with pytest.raises(EntryUnfit, match="is not text"):
        groups(directory)


def test_every_name_of_a_group_is_a_name_for_rules() -> None:
    directory = Directory({"staff": [ALICE]})
    directory.names["staff"] = [b"staff", b"Mitarbeiter"]
    assert groups(directory) == {"staff", "Mitarbeiter"}


def test_what_stands_in_a_dn_cannot_change_the_question() -> None:
    hostile = "cn=x)(objectClass=*,dc=example,dc=org"
    directory = Directory({})
    groups_by_search(cast(DirectoryConnection, directory), FLAT, Entry(hostile, {}), "alice")
    ((_, filter_),) = directory.asked
    assert filter_ == r"(member=cn=x\29\28objectClass=\2a,dc=example,dc=org)"
