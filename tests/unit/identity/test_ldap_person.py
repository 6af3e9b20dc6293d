"""What is asked for of people, and what is made of it."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from ippgate.exchange.ports import CredentialsRefused
from ippgate.identity.ldap_connection import DirectoryConnection
from ippgate.identity.ldap_entry import Entry, EntryUnfit
from ippgate.identity.ldap_person import attributes_of_people, principal, refuse_unusable
from ippgate.identity.settings import GroupSearch, LdapSettings, UserSearch

ALICE = Entry(
    "uid=alice,dc=example,dc=org",
    {
        "uid": [b"alice"],
        "entryuuid": [b"id-alice"],
        "memberof": [b"cn=staff,dc=example,dc=org"],
        "mail": [b"alice@example.org", b"a@example.org"],
        "department": ["Küche".encode()],
    },
)
USERS = UserSearch(
    "dc=example,dc=org", "(uid={username})", attributes=("mail", "Department", "fax")
)
SETTINGS = LdapSettings(servers=(), users=USERS, bind_dn="cn=ippgate", bind_password="x")
NOBODY = cast(DirectoryConnection, None)
"""Nothing more is looked up."""


def test_every_attribute_is_asked_for_once() -> None:
    settings = replace(SETTINGS, users=replace(USERS, attributes=("UID", "objectsid", "mail")))
    wanted = attributes_of_people(settings)

    assert len({name.lower() for name in wanted}) == len(wanted)
    assert {"entryUUID", "mail", "memberOf", "userAccountControl"} <= set(wanted)
    by_search = replace(settings, groups=GroupSearch("dc=example,dc=org", "(member={dn})"))
    assert "memberOf" not in attributes_of_people(by_search)


def test_a_principal_has_the_attributes_by_the_configurations_names() -> None:
    person = principal(SETTINGS, ALICE, NOBODY)

    assert (person.name, person.id) == ("alice", "id-alice")
    assert person.groups == {"staff"}
    assert person.attributes == {
        "mail": ("alice@example.org", "a@example.org"),
        "Department": ("Küche",),
    }


@pytest.mark.parametrize(
    "values", [[b"x"] * 101, [b"x" * 10_001], [b"\xff"]], ids=["many", "long", "no text"]
)
def test_attributes_that_cannot_be_kept_whole_are_a_refusal(values: list[bytes]) -> None:
    entry = Entry(ALICE.dn, {**ALICE.attributes, "mail": values})
    with pytest.raises(EntryUnfit, match="mail"):
        principal(SETTINGS, entry, NOBODY)


def test_more_groups_than_are_shown_are_a_refusal() -> None:
    ranged = {**ALICE.attributes, "memberof": [], "memberof;range=0-1499": [b"cn=staff"]}
    with pytest.raises(EntryUnfit, match="more groups"):
        principal(SETTINGS, Entry(ALICE.dn, ranged), NOBODY)


def test_a_lock_counts_only_where_no_password_was_taken() -> None:
    locked = Entry(ALICE.dn, {"pwdaccountlockedtime": [b"000001010000Z"]})
    refuse_unusable(locked, proved=True)
    with pytest.raises(CredentialsRefused, match="locked"):
        refuse_unusable(locked, proved=False)
    disabled = Entry(ALICE.dn, {"useraccountcontrol": [b"514"]})
    for proved in (True, False):
        with pytest.raises(CredentialsRefused, match="disabled"):
            refuse_unusable(disabled, proved=proved)
