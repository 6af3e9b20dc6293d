"""Groups found by search, groups of groups if wanted."""

from __future__ import annotations

from ippgate.identity.ldap_connection import DirectoryConnection
from ippgate.identity.ldap_entry import Entry, EntryUnfit
from ippgate.identity.ldap_filter import fill
from ippgate.identity.settings import GroupSearch

MAX_GROUPS = 1000
"""Of one person. Active Directory puts 1,015 into a logon token at most."""
MAX_LEVELS = 10
"""Of groups in groups; more is a mistake in the directory."""
LEVEL_DNS = 50
"""Groups whose own groups are asked for in one search: a filter of some 5,000 octets."""


def groups_by_search(
    connection: DirectoryConnection, search: GroupSearch, dn: str, username: str
) -> frozenset[str]:
    """Names of the groups of the person at ``dn``.

    Raises EntryUnfit when there are too many to know them all, Unreachable, Unanswerable.
    """
    found: dict[str, list[str]] = {}
    _add(found, _search(connection, search, fill(search.filter, dn=dn, username=username)), search)
    if search.nested:
        level = list(found)
        for _ in range(MAX_LEVELS):
            if not level:
                break
            level = _above(connection, search, username, level, found)
        if level:
            raise EntryUnfit(f"{dn} is in groups nested deeper than {MAX_LEVELS}")
    return frozenset(name for names in found.values() for name in names)


def _above(
    connection: DirectoryConnection,
    search: GroupSearch,
    username: str,
    level: list[str],
    found: dict[str, list[str]],
) -> list[str]:
    """DNs of the groups that those of ``level`` are in, as far as they are new."""
    new: list[str] = []
    for start in range(0, len(level), LEVEL_DNS):
        members = level[start : start + LEVEL_DNS]
        either = "".join(fill(search.filter, dn=dn, username=username) for dn in members)
        new += _add(found, _search(connection, search, f"(|{either})"), search)
    return new


def _search(connection: DirectoryConnection, search: GroupSearch, filter_: str) -> list[Entry]:
    entries = connection.search(search.base, filter_, [search.name], MAX_GROUPS, "groups")
    if len(entries) > MAX_GROUPS:
        raise EntryUnfit(f"more than {MAX_GROUPS} groups match {filter_[:200]}")
    return entries


def _add(found: dict[str, list[str]], entries: list[Entry], search: GroupSearch) -> list[str]:
    """Notes groups; gives the DNs of those that are new."""
    new = []
    for entry in entries:
        names = entry.texts(search.name)
        if not names:
            raise EntryUnfit(f"the group {entry.dn} has no {search.name}")
        if entry.dn not in found:
            found[entry.dn] = names
            new.append(entry.dn)
    if len(found) > MAX_GROUPS:
        raise EntryUnfit(f"more than {MAX_GROUPS} groups")
    return new
