"""From the entry that a search found to a principal: what is asked for, and what is made of it."""

from __future__ import annotations

from datetime import UTC, datetime

from ippgate.exchange.ports import CredentialsRefused
from ippgate.identity import ldap_account, ldap_sid
from ippgate.identity.ldap_connection import DirectoryConnection
from ippgate.identity.ldap_entry import Entry, canonical_name, named_attributes, stable_id
from ippgate.identity.ldap_groups import groups_by_member_of, groups_by_search
from ippgate.identity.settings import LdapSettings
from ippgate.policy.facts import Principal


def attributes_of_people(settings: LdapSettings) -> list[str]:
    """What is asked for when somebody is searched for; all of it may be missing but name and id."""
    users = settings.users
    wanted = [users.name, users.id, *users.attributes, *ldap_account.ATTRIBUTES]
    wanted += ldap_sid.ATTRIBUTES
    if settings.groups is None:
        wanted.append("memberOf")
    return list({name.lower(): name for name in wanted}.values())


def refuse_unusable(entry: Entry, *, proved: bool) -> None:
    """``proved``: the directory itself took the person's password just now.

    Raises CredentialsRefused, EntryUnfit.
    """
    reason = ldap_account.unusable(entry, datetime.now(UTC))
    if reason is None and not proved:
        reason = ldap_account.locked(entry)
    if reason is not None:
        raise CredentialsRefused(reason)


def principal(settings: LdapSettings, entry: Entry, reader: DirectoryConnection) -> Principal:
    """The person; ``reader`` looks up groups. Raises EntryUnfit, Unreachable, Unanswerable."""
    users = settings.users
    name = canonical_name(entry, users.name)
    id_ = stable_id(entry, users.id)
    attributes = named_attributes(entry, users.attributes)
    if settings.groups is not None:
        groups = groups_by_search(reader, settings.groups, entry, name)
    elif settings.bind_dn is not None:
        groups = groups_by_member_of(reader, entry)
    else:
        # What the anonymous search may not have been shown.
        wanted = ["memberOf", *ldap_sid.ATTRIBUTES]
        groups = groups_by_member_of(reader, reader.read(entry.dn, wanted, "groups"))
    return Principal(name, id_, groups=groups, attributes=attributes)
