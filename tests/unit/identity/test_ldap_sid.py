"""Security identifiers, and the primary group that they tell."""

import pytest

from ippgate.identity.ldap_entry import Entry, EntryUnfit
from ippgate.identity.ldap_sid import as_filter_value, as_text, primary_group

ALICE = bytes.fromhex("010500000000000515000000 8a01fe7a def39c51 6fc364a6 51040000")
DOMAIN_USERS = bytes.fromhex("010500000000000515000000 8a01fe7a def39c51 6fc364a6 01020000")


def entry(sid: bytes | None, group: bytes | None) -> Entry:
    attributes = {}
    if sid is not None:
        attributes["objectsid"] = [sid]
    if group is not None:
        attributes["primarygroupid"] = [group]
    return Entry("CN=alice,DC=example,DC=org", attributes)


def test_the_group_is_of_the_persons_own_domain() -> None:
    assert primary_group(entry(ALICE, b"513")) == DOMAIN_USERS


def test_the_ways_to_write_it() -> None:
    assert as_text(ALICE) == "S-1-5-21-2063466890-1369240542-2791621487-1105"
    assert as_filter_value(b"\x01\xff(") == r"\01\ff\28"


@pytest.mark.parametrize(("sid", "group"), [(None, None), (ALICE, None), (None, b"513")])
def test_other_directories_have_none(sid: bytes | None, group: bytes | None) -> None:
    assert primary_group(entry(sid, group)) is None


@pytest.mark.parametrize(
    ("sid", "group"),
    [(b"", b"513"), (ALICE[:-1], b"513"), (ALICE + b"\0", b"513"), (ALICE, b"x"), (ALICE, b"-1")],
)
def test_malformed_ones_are_told(sid: bytes, group: bytes) -> None:
    with pytest.raises(EntryUnfit):
        primary_group(entry(sid, group))
