"""One question to a directory, from a name and a password to a person. Blocking, in a thread.

===============================  ==================================================
what happens                     what the question ends with
===============================  ==================================================
no entry has that name           None, after a bind that fails (as long as the others)
two entries or more have it      CredentialsRefused
the bind as the person fails     CredentialsRefused; no other server is asked
the bind succeeds, as nobody     CredentialsRefused
the entry has no usable name     CredentialsRefused
a server cannot be reached       the next server is asked; DirectoryUnavailable after the last
a server answers otherwise       DirectoryUnavailable
===============================  ==================================================
"""

from __future__ import annotations

import ssl
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ippgate.exchange.ports import CredentialsRefused, DirectoryUnavailable
from ippgate.identity import ldap_results as results
from ippgate.identity.kept_connections import KeptConnections
from ippgate.identity.ldap_connection import (
    DirectoryConnection,
    Journal,
    Unanswerable,
    Unreachable,
)
from ippgate.identity.ldap_entry import (
    Entry,
    EntryUnfit,
    canonical_name,
    groups_of_member,
    stable_id,
)
from ippgate.identity.ldap_filter import fill
from ippgate.identity.ldap_groups import groups_by_search
from ippgate.identity.ldap_server import LdapServer
from ippgate.identity.settings import LdapSettings
from ippgate.policy.facts import Principal

_NOBODY = frozenset({"", "dn:"})
"""Authorization identities of an anonymous association (RFC 4532 section 2.2, RFC 4513 section
5.2.1.8)."""


class Question:
    """Asks the servers in turn; ``journal`` and the attributes below tell how it went.

    ``asking``: the server that it waits for, or waited for last. ``failed``: servers that could not
    be reached, and why. ``answered``: whether ``asking`` answered in the end.
    """

    def __init__(
        self,
        settings: LdapSettings,
        servers: Sequence[LdapServer],
        context: ssl.SSLContext,
        kept: KeptConnections,
        journal: Journal,
    ) -> None:
        self.journal = journal
        self.asking: LdapServer | None = None
        self.failed: dict[str, str] = {}
        self.answered = False
        self._settings = settings
        self._servers = servers
        self._context = context
        self._kept = kept

    def ask(self, username: str, password: str) -> Principal | None:
        """The person; None when the directory does not know the name.

        Raises CredentialsRefused, DirectoryUnavailable.
        """
        for server in self._servers:
            if self.journal.seconds_left <= 0:
                break
            self.asking = server
            try:
                principal = self._ask(server, username, password)
            except Unreachable as error:
                self.failed[server.label] = str(error)
                continue
            except Unanswerable as error:
                self.answered = True
                raise DirectoryUnavailable(str(error)) from None
            except (CredentialsRefused, EntryUnfit) as error:
                self.answered = True
                raise CredentialsRefused(str(error), claimed=username) from None
            self.answered = True
            return principal
        raise DirectoryUnavailable("; ".join(self.failed.values()) or "no server was asked in time")

    def _ask(self, server: LdapServer, username: str, password: str) -> Principal | None:
        with self._service_and_entries(server, username) as (service, entries):
            if len(entries) > 1:
                reason = f"{username} matches several entries, {entries[0].dn} among them"
                raise CredentialsRefused(reason)
            with self._connected(server) as person:
                if not entries:
                    self._bind_as_nobody(person, password)
                    return None
                (entry,) = entries
                self._prove(person, entry, password)
                return self._principal(entry, person if service is None else service)

    @contextmanager
    def _service_and_entries(
        self, server: LdapServer, username: str
    ) -> Iterator[tuple[DirectoryConnection | None, list[Entry]]]:
        """The service account's connection (None: there is no account), and who has that name.

        A kept connection may have been closed by the server meanwhile: then, while there is time
        for it, a new one is tried.
        """
        connection = self._kept.take(server, self.journal)
        entries = None
        if connection is not None:
            try:
                entries = self._find(connection, username)
            except Unreachable:
                if self.journal.seconds_left < self._settings.step_seconds:
                    raise
        if connection is None or entries is None:
            connection = self._service(server)
            entries = self._find(connection, username)
        try:
            yield connection if self._settings.bind_dn is not None else None, entries
        except (CredentialsRefused, EntryUnfit):
            self._kept.give(connection)
            raise
        except BaseException:
            connection.close()
            raise
        self._kept.give(connection)

    def _service(self, server: LdapServer) -> DirectoryConnection:
        connection = self._open(server)
        settings = self._settings
        if settings.bind_dn is not None:
            code, message = connection.bind(
                settings.bind_dn, settings.bind_password, "bind-service"
            )
            if code != results.SUCCESS:
                connection.close()
                raise Unanswerable(f"{server} refuses the account {settings.bind_dn}: {message}")
        return connection

    def _find(self, connection: DirectoryConnection, username: str) -> list[Entry]:
        users = self._settings.users
        attributes = [users.name, users.id]
        if self._settings.groups is None:
            attributes.append("memberOf")
        try:
            return connection.search(
                users.base, fill(users.filter, username=username), attributes, 1, "search"
            )
        except Unanswerable:
            connection.close()
            raise

    def _prove(self, connection: DirectoryConnection, entry: Entry, password: str) -> None:
        """Binds as the person. Raises CredentialsRefused."""
        if not entry.dn:
            raise CredentialsRefused("the entry has no DN")
        code, message = connection.bind(entry.dn, password, "bind")
        if code != results.SUCCESS:
            reason = results.refusal(code, message)
            if reason is None:
                raise Unanswerable(f"{connection.server}: the bind failed with {code} {message}")
            raise CredentialsRefused(reason)
        if connection.who_am_i() in _NOBODY:
            raise CredentialsRefused("the directory took the bind, but as anonymous")

    def _bind_as_nobody(self, connection: DirectoryConnection, password: str) -> None:
        """As many steps as for a known name, whatever they bring."""
        nobody = f"cn={uuid.uuid4()},{self._settings.users.base}"
        connection.bind(nobody, password, "bind")

    def _principal(self, entry: Entry, reader: DirectoryConnection) -> Principal:
        users, groups = self._settings.users, self._settings.groups
        name = canonical_name(entry, users.name)
        id_ = stable_id(entry, users.id)
        if groups is not None:
            names = groups_by_search(reader, groups, entry.dn, name)
        elif self._settings.bind_dn is not None:
            names = groups_of_member(entry)
        else:
            # What the anonymous search may not have been shown.
            names = groups_of_member(reader.read(entry.dn, ["memberOf"], "groups"))
        return Principal(name, id_, groups=names)

    def _open(self, server: LdapServer) -> DirectoryConnection:
        return DirectoryConnection(
            server, self._context, start_tls=self._settings.start_tls, journal=self.journal
        )

    @contextmanager
    def _connected(self, server: LdapServer) -> Iterator[DirectoryConnection]:
        connection = self._open(server)
        try:
            yield connection
        finally:
            connection.close()
