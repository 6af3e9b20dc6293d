"""Which groups a directory has, of those that rules name. For commands: it blocks."""

from __future__ import annotations

import time
from collections.abc import Collection

from ippgate.exchange.ports import DirectoryUnavailable
from ippgate.identity import ldap_results as results
from ippgate.identity.ldap_connection import (
    DirectoryConnection,
    Journal,
    Unanswerable,
    Unreachable,
)
from ippgate.identity.ldap_filter import fill
from ippgate.identity.ldap_server import LdapServer
from ippgate.identity.ldap_tls import client_context
from ippgate.identity.settings import GroupSearch, LdapSettings

SECONDS = 30.0
"""For all names together."""


def existing_groups(settings: LdapSettings, names: Collection[str]) -> frozenset[str]:
    """Those of the names that are names of groups. ``settings.groups`` must be there.

    Raises DirectoryUnavailable.
    """
    search = settings.groups
    assert search is not None, "without a search for groups, nobody can tell which exist"
    failed = []
    for uri in settings.servers:
        try:
            return _ask(LdapServer.parse(uri), settings, search, names)
        except (Unreachable, Unanswerable) as error:
            failed.append(str(error))
    raise DirectoryUnavailable("; ".join(failed))


def _ask(
    server: LdapServer, settings: LdapSettings, search: GroupSearch, names: Collection[str]
) -> frozenset[str]:
    journal = Journal(time.monotonic() + SECONDS, SECONDS)
    context = client_context(settings.ca_file)
    connection = DirectoryConnection(server, context, start_tls=settings.start_tls, journal=journal)
    try:
        if settings.bind_dn is not None:
            code, message = connection.bind(
                settings.bind_dn, settings.bind_password, "bind-service"
            )
            if code != results.SUCCESS:
                raise Unanswerable(f"{server} refuses the account {settings.bind_dn}: {message}")
        filter_ = f"({search.name}={{name}})"
        return frozenset(
            name
            for name in names
            if connection.search(search.base, fill(filter_, name=name), [search.name], 1, "groups")
        )
    finally:
        connection.close()
