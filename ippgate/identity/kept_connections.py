"""Connections of the service account that wait for the next question."""

from __future__ import annotations

import threading
import time

from ippgate.identity.ldap_connection import DirectoryConnection, Journal
from ippgate.identity.ldap_server import LdapServer

KEEP_SECONDS = 60.0
"""Firewalls and directories drop silent connections after minutes; this is sooner."""


class KeptConnections:
    """Used by several threads. At most ``most`` connections are kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._connections: list[DirectoryConnection] = []
        self._closed = False

    def take(self, server: LdapServer, journal: Journal) -> DirectoryConnection | None:
        """A connection to that server, used a moment ago; None when there is none."""
        oldest = time.monotonic() - KEEP_SECONDS
        with self._lock:
            old = [c for c in self._connections if c.used_at < oldest]
            fresh = [c for c in self._connections if c.used_at >= oldest]
            found = next((c for c in reversed(fresh) if c.server == server), None)
            self._connections = [c for c in fresh if c is not found]
        for connection in old:
            connection.close()
        if found is not None:
            found.enter(journal)
        return found

    def give(self, connection: DirectoryConnection) -> None:
        """Keeps a connection that works, and that nobody uses now."""
        connection.leave()
        connection.used_at = time.monotonic()
        with self._lock:
            if not self._closed and len(self._connections) < self._most:
                self._connections.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Closes all; what is given back later is closed at once."""
        with self._lock:
            self._closed = True
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()
