"""One question to a directory, from a name and a password to a person. Blocking, in a thread.

===============================  ==================================================
what happens                     what the question ends with
===============================  ==================================================
no entry has that name           None, after a bind that fails (as long as the others)
two entries or more have it      CredentialsRefused
the account was refused often    CredentialsRefused, locked; the directory is not bound to
the bind as the person fails     CredentialsRefused; no other server is asked
the bind succeeds, as nobody     CredentialsRefused
the account may not be used      CredentialsRefused, after the bind
the entry has no usable name     CredentialsRefused
a server cannot be reached       the next server is asked; DirectoryUnavailable after the last
a server answers otherwise       DirectoryUnavailable
===============================  ==================================================
"""

from __future__ import annotations

import ssl
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ippgate.exchange.ports import CredentialsRefused, DirectoryUnavailable
from ippgate.identity import ldap_account
from ippgate.identity import ldap_results as results
from ippgate.identity.kept_connections import KeptConnections
from ippgate.identity.ldap_connection import (
    DirectoryConnection,
    Journal,
    Unanswerable,
    Unreachable,
)
from ippgate.identity.ldap_entry import Entry, EntryUnfit, canonical_name
from ippgate.identity.ldap_filter import fill
from ippgate.identity.ldap_groups import NOTHING
from ippgate.identity.ldap_person import attributes_of_people, principal, refuse_unusable
from ippgate.identity.ldap_server import LdapServer
from ippgate.identity.settings import LdapSettings
from ippgate.identity.source import AccountAttempts
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
        attempts: AccountAttempts | None = None,
    ) -> None:
        self.journal = journal
        self.asking: LdapServer | None = None
        self.failed: dict[str, str] = {}
        self.answered = False
        self._settings = settings
        self._servers = servers
        self._context = context
        self._kept = kept
        self._attempts = attempts

    def prove(self, username: str, password: str) -> Principal | None:
        """The person whose password it is; None when the directory does not know the name.

        Raises CredentialsRefused, DirectoryUnavailable.
        """
        return self._ask_in_turn(username, lambda server: self._prove(server, username, password))

    def look_up(self, username: str, filter_: str | None) -> Principal | None:
        """The person of that name, who proved otherwise who they are; None when the directory does
        not know it. ``filter_``: instead of the one for users.

        Raises CredentialsRefused, DirectoryUnavailable.
        """
        template = filter_ or self._settings.users.filter
        return self._ask_in_turn(username, lambda server: self._look_up(server, username, template))

    def probe(self) -> str | None:
        """What any question begins with, of the one server; None when it answers, or else why it
        does not. A server that refuses the service account answers: nothing else would help."""
        (server,) = self._servers
        connection = None
        try:
            connection = self._service(server)
            connection.read(self._settings.users.base, NOTHING, "probe")
        except Unreachable as error:
            return str(error)
        except Unanswerable:
            return None
        finally:
            if connection is not None:
                connection.close()
        return None

    def _ask_in_turn(
        self, username: str, ask: Callable[[LdapServer], Principal | None]
    ) -> Principal | None:
        for server in self._servers:
            if self.journal.seconds_left <= 0:
                break
            self.asking = server
            try:
                person = ask(server)
            except Unreachable as error:
                self.failed[server.label] = str(error)
                continue
            except Unanswerable as error:
                self.answered = True
                raise DirectoryUnavailable(str(error)) from None
            except CredentialsRefused as error:
                self.answered = True
                raise CredentialsRefused(
                    str(error), outcome=error.outcome, claimed=username
                ) from None
            except EntryUnfit as error:
                self.answered = True
                raise CredentialsRefused(str(error), claimed=username) from None
            self.answered = True
            return person
        why = "; ".join(self.failed.values()) or "no server was asked in time"
        raise DirectoryUnavailable(why, unreachable=True)

    def _prove(self, server: LdapServer, username: str, password: str) -> Principal | None:
        template = self._settings.users.filter
        with self._service_and_entries(server, username, template) as (service, entries):
            entry = _only(entries, username)
            with self._connected(server) as person:
                if entry is None:
                    self._bind_as_nobody(person, password)
                    return None
                self._bind(person, entry, password)
                return principal(self._settings, entry, person if service is None else service)

    def _look_up(self, server: LdapServer, username: str, template: str) -> Principal | None:
        with self._service_and_entries(server, username, template) as (service, entries):
            entry = _only(entries, username)
            if entry is None:
                return None
            refuse_unusable(entry, proved=False)
            if service is not None:
                return principal(self._settings, entry, service)
            with self._connected(server) as anybody:
                return principal(self._settings, entry, anybody)

    @contextmanager
    def _service_and_entries(
        self, server: LdapServer, username: str, template: str
    ) -> Iterator[tuple[DirectoryConnection | None, list[Entry]]]:
        """The service account's connection (None: there is no account), and who has that name.

        A kept connection may have been closed by the server meanwhile: then, while there is time
        for it, a new one is tried.
        """
        connection = self._kept.take(server, self.journal)
        entries = None
        if connection is not None:
            try:
                entries = self._find(connection, username, template)
            except Unreachable:
                if self.journal.seconds_left < self._settings.step_seconds:
                    raise
        if connection is None or entries is None:
            connection = self._service(server)
            entries = self._find(connection, username, template)
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
            connection.read_features()
        return connection

    def _find(self, connection: DirectoryConnection, username: str, template: str) -> list[Entry]:
        try:
            return connection.search(
                self._settings.users.base,
                fill(template, username=username),
                attributes_of_people(self._settings),
                1,
                "search",
            )
        except Unanswerable:
            connection.close()
            raise

    def _bind(self, connection: DirectoryConnection, entry: Entry, password: str) -> None:
        """Binds as the person. Raises CredentialsRefused, EntryUnfit."""
        if not entry.dn:
            raise CredentialsRefused("the entry has no DN")
        account = canonical_name(entry, self._settings.users.name)
        if self._attempts is not None:
            self._attempts.begin(account)
        try:
            code, message = connection.bind(entry.dn, password, "bind")
            reason = results.refusal(code, message)
            if code != results.SUCCESS and reason is None:
                raise Unanswerable(f"{connection.server}: the bind failed with {code} {message}")
        except (Unreachable, Unanswerable):
            if self._attempts is not None:
                self._attempts.unanswered(account)
            raise
        if reason is not None:
            if reason == results.WRONG_PASSWORD:
                # Some directories say of locked accounts only that the password is wrong.
                reason = ldap_account.locked(entry) or reason
            raise CredentialsRefused(reason)
        if self._attempts is not None:
            self._attempts.accepted(account)
        # Before the next question, so that this takes as many steps as a wrong password.
        refuse_unusable(entry, proved=True)
        if connection.who_am_i() in _NOBODY:
            raise CredentialsRefused("the directory took the bind, but as anonymous")

    def _bind_as_nobody(self, connection: DirectoryConnection, password: str) -> None:
        """As many steps as for a known name, whatever they bring."""
        nobody = f"cn={uuid.uuid4()},{self._settings.users.base}"
        connection.bind(nobody, password, "bind")

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


def _only(entries: list[Entry], username: str) -> Entry | None:
    if len(entries) > 1:
        raise CredentialsRefused(f"{username} matches several entries, {entries[0].dn} among them")
    return entries[0] if entries else None
