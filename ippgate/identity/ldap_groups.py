"""Which groups a person is in: by memberOf or by search, groups of groups if wanted.

Always asked by the person, never by listing a group's members: a group may have a hundred thousand.
"""

from __future__ import annotations

import re

from ippgate.identity.ldap_connection import DirectoryConnection
from ippgate.identity.ldap_entry import Entry, EntryUnfit, groups_of_member
from ippgate.identity.ldap_filter import fill
from ippgate.identity.ldap_sid import as_filter_value, as_text, primary_group
from ippgate.identity.settings import GroupSearch

MAX_GROUPS = 1000
"""Of one person. Active Directory puts 1,015 into a logon token at most."""
MAX_LEVELS = 10
"""Of groups in groups; more is a mistake in the directory."""
LEVEL_DNS = 50
"""Groups whose own groups are asked for in one search: a filter of some 5,000 octets."""
IN_CHAIN = "1.2.840.113556.1.4.1941"
"""LDAP_MATCHING_RULE_IN_CHAIN ([MS-ADTS] section 3.1.1.3.4.4.3): the server walks by itself."""

_MEMBER = re.compile(r"\(([A-Za-z][A-Za-z0-9-]*)=\{dn\}\)")
NOTHING = ["1.1"]
"""No attributes, only the DN (RFC 4511 section 4.5.1.8)."""


def groups_by_member_of(connection: DirectoryConnection, entry: Entry) -> frozenset[str]:
    """Names of the groups that the person's entry lists, and of their primary group.

    Raises EntryUnfit, Unreachable, Unanswerable.
    """
    names = groups_of_member(entry)
    sid = primary_group(entry)
    if sid is None:
        return names
    group = connection.read(f"<SID={as_text(sid)}>", ["cn"], "groups")
    return names | frozenset(group.texts("cn"))


def groups_by_search(
    connection: DirectoryConnection, search: GroupSearch, entry: Entry, username: str
) -> frozenset[str]:
    """Names of the groups of the person whose entry that is.

    Raises EntryUnfit when there are too many to know them all, Unreachable, Unanswerable.
    """
    members = [entry.dn]
    sid = primary_group(entry)
    if sid is not None and search.nested:
        # What the primary group is in counts, too, be that group itself below the base or not.
        members.append(connection.read(f"<SID={as_text(sid)}>", NOTHING, "groups").dn)
    if search.nested and connection.features.matches_in_chain:
        chained = _MEMBER.sub(rf"(\1:{IN_CHAIN}:={{dn}})", search.filter)
        found = _Found(search)
        found.add(_search(connection, search, _any(chained, members, username, sid)))
        return found.names()
    return _walked(connection, search, _any(search.filter, members, username, sid), username)


def _walked(
    connection: DirectoryConnection, search: GroupSearch, first: str, username: str
) -> frozenset[str]:
    """The groups that match, and level by level those that these are in."""
    found = _Found(search)
    level = found.add(_search(connection, search, first))
    if search.nested:
        for _ in range(MAX_LEVELS):
            if not level:
                break
            above: list[str] = []
            for start in range(0, len(level), LEVEL_DNS):
                members = level[start : start + LEVEL_DNS]
                either = _any(search.filter, members, username, None)
                above += found.add(_search(connection, search, either))
            level = above
        if level:
            raise EntryUnfit(f"groups are nested deeper than {MAX_LEVELS} at {level[0]}")
    return found.names()


def _any(template: str, members: list[str], username: str, sid: bytes | None) -> str:
    """A filter for the groups that one of ``members`` is in, or that have the identifier."""
    filters = [fill(template, dn=dn, username=username) for dn in members]
    if sid is not None:
        filters.append(f"(objectSid={as_filter_value(sid)})")
    return filters[0] if len(filters) == 1 else f"(|{''.join(filters)})"


def _search(connection: DirectoryConnection, search: GroupSearch, filter_: str) -> list[Entry]:
    entries = connection.search(search.base, filter_, [search.name], MAX_GROUPS, "groups")
    if len(entries) > MAX_GROUPS:
        raise EntryUnfit(f"more than {MAX_GROUPS} groups match {filter_[:200]}")
    return entries


class _Found:
    """Groups by their DNs."""

    def __init__(self, search: GroupSearch) -> None:
        self._search = search
        self._names: dict[str, list[str]] = {}

    def add(self, entries: list[Entry]) -> list[str]:
        """Notes groups; gives the DNs of those that are new. Raises EntryUnfit."""
        new = []
        for entry in entries:
            names = entry.texts(self._search.name)
            if not names:
                raise EntryUnfit(f"the group {entry.dn} has no {self._search.name}")
            if entry.dn not in self._names:
                self._names[entry.dn] = names
                new.append(entry.dn)
        if len(self._names) > MAX_GROUPS:
            raise EntryUnfit(f"more than {MAX_GROUPS} groups")
        return new

    def names(self) -> frozenset[str]:
        return frozenset(name for names in self._names.values() for name in names)
