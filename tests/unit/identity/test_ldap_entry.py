"""From an entry to a person."""

import uuid

import pytest

from ippgate.identity.ldap_entry import (
    Entry,
    EntryUnfit,
    canonical_name,
    groups_of_member,
    stable_id,
)

DN = "uid=alice,ou=people,dc=example"


def entry(**attributes: list[bytes]) -> Entry:
    return Entry(DN, {name.lower(): values for name, values in attributes.items()})


def test_the_name_is_the_attributes_value() -> None:
    assert canonical_name(entry(sAMAccountName=[b"Alice"]), "sAMAccountName") == "Alice"


def test_of_several_names_the_one_in_the_dn_counts() -> None:
    assert canonical_name(entry(uid=[b"al", b"alice"]), "uid") == "alice"


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"uid": []},
        {"uid": [b"al", b"ally"]},
        {"uid": [b"\xff"]},
        {"uid": [b"alice\n"]},
        {"uid": [b"a" * 256]},
        {"uid": [b""]},
    ],
)
def test_entries_without_a_usable_name(attributes: dict[str, list[bytes]]) -> None:
    with pytest.raises(EntryUnfit):
        canonical_name(entry(**attributes), "uid")


def test_ids() -> None:
    guid = uuid.uuid4()

    assert stable_id(entry(entryUUID=[str(guid).encode()]), "entryUUID") == str(guid)
    assert stable_id(entry(objectGUID=[guid.bytes_le]), "objectGUID") == str(guid)


@pytest.mark.parametrize("values", [[], [b""], [b"a", b"b"], [b"\xff"], [b"a\0"], [b"a" * 256]])
def test_entries_without_a_usable_id(values: list[bytes]) -> None:
    with pytest.raises(EntryUnfit):
        stable_id(entry(entryUUID=values), "entryUUID")


def test_groups_by_member_of() -> None:
    member_of = [b"cn=staff,ou=groups,dc=example", b"CN=Night\\, shift,DC=example"]

    assert groups_of_member(entry(memberOf=member_of)) == {"staff", "Night, shift"}
    assert groups_of_member(entry()) == frozenset()


def test_a_group_that_cannot_be_read_is_not_overlooked() -> None:
    with pytest.raises(EntryUnfit):
        groups_of_member(entry(memberOf=[b"cn=staff,dc=example", b"nonsense"]))
