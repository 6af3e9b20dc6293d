"""Which directory is asked, how, and for what: plain values, and what may be wrong with them."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ldap3.core.exceptions import LDAPException
from ldap3.utils.dn import parse_dn

from ippgate.identity import ldap_filter
from ippgate.identity.ldap_server import LdapServer
from ippgate.identity.ldap_tls import client_context

_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)+")
"""RFC 4512 section 2.5, without options."""

STEP_SECONDS = 1.5
"""For one connection, or one answer: leaves the next server a chance within the whole time."""
WHOLE_SECONDS = 2.5
"""From a person's password to the directory's answer: the client hears within 3 s, whatever the
directory does."""
THREADS = 8
"""Questions to the directory at once. Those who asked in the last minutes are in the cache."""
WAITING = 64
"""Questions that wait for a thread. At 20 ms each, the last waits less than 0.2 s; when they take
2.5 s, more could not be answered in time anyway."""


@dataclass(frozen=True, slots=True)
class UserSearch:
    """Where people are. ``filter`` has ``{username}``. ``name``: the attribute of the canonical
    name. ``id``: the attribute that never changes (``objectGUID`` with Active Directory).
    ``attributes``: what rules may look at besides."""

    base: str
    filter: str
    name: str = "uid"
    id: str = "entryUUID"
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupSearch:
    """Where groups are. ``filter`` has ``{dn}``, the person's, or ``{username}``, canonical.
    ``name``: the attribute that names a group. ``nested``: groups of groups count too."""

    base: str
    filter: str
    name: str = "cn"
    nested: bool = False


@dataclass(frozen=True, slots=True)
class LdapSettings:
    """A directory. ``servers`` are equal, and asked in this order. ``groups`` None: a person's
    groups are the values of their ``memberOf``. ``bind_dn`` None: the search is anonymous, and
    groups are read as the person. ``ca_file`` None: the system's certificate authorities."""

    servers: tuple[str, ...]
    users: UserSearch
    groups: GroupSearch | None = None
    bind_dn: str | None = None
    bind_password: str = field(default="", repr=False)
    ca_file: Path | None = None
    start_tls: bool = False
    step_seconds: float = STEP_SECONDS
    whole_seconds: float = WHOLE_SECONDS
    threads: int = THREADS
    waiting: int = WAITING

    def mistakes(self) -> list[str]:
        """Everything that would not work, or not safely, in words. Reads ``ca_file``."""
        return [
            *self._server_mistakes(),
            *self._account_mistakes(),
            *self._search_mistakes(),
            *self._ca_mistakes(),
        ]

    def _server_mistakes(self) -> Iterator[str]:
        if not self.servers:
            yield "servers: names no server"
        labels = set()
        for uri in self.servers:
            try:
                server = LdapServer.parse(uri)
            except ValueError as error:
                yield f"servers: {error}"
                continue
            if server.label in labels:
                yield f'servers: "{uri}" is given twice'
            labels.add(server.label)
            if server.ldaps and self.start_tls:
                yield f'servers: "{uri}" has TLS from the start: it cannot have start_tls too'
            if not (server.ldaps or self.start_tls or server.is_loopback):
                yield (
                    f'servers: "{uri}" would carry passwords over the network in the clear: '
                    "use ldaps://, or set start_tls"
                )

    def _account_mistakes(self) -> Iterator[str]:
        if self.bind_dn is not None and not self.bind_password:
            # An LDAP bind without a password proves nothing (RFC 4513 section 5.1.2).
            yield "bind_dn: its password is empty"
        if self.bind_dn is not None and "@" not in self.bind_dn and "\\" not in self.bind_dn:
            yield from _dn_mistakes("bind_dn", self.bind_dn)

    def _search_mistakes(self) -> Iterator[str]:
        username, dn = frozenset({"username"}), frozenset({"dn"})
        yield from _dn_mistakes("users.base", self.users.base)
        for words in ldap_filter.mistakes(self.users.filter, known=username, needed=username):
            yield f"users.filter: {words}"
        for name in (self.users.name, self.users.id, *self.users.attributes):
            if not _ATTRIBUTE.fullmatch(name):
                yield f'users: "{name}" is not the name of an attribute'
        if self.groups is None:
            return
        yield from _dn_mistakes("groups.base", self.groups.base)
        needed = dn if self.groups.nested else username | dn
        for words in ldap_filter.mistakes(self.groups.filter, known=username | dn, needed=needed):
            yield f"groups.filter: {words}"

    def _ca_mistakes(self) -> Iterator[str]:
        try:
            client_context(self.ca_file)
        except ssl.SSLError:
            yield f"ca_file: {self.ca_file} holds no certificate in PEM"
        except OSError as error:
            yield f"ca_file: {self.ca_file} cannot be read: {error.strerror}"


def _dn_mistakes(key: str, text: str) -> Iterator[str]:
    try:
        parse_dn(text)
    except LDAPException as error:
        yield f'{key}: "{text}" is not a distinguished name: {error}'
