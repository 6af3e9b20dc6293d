"""One connection to one directory server, blocking: what ldap3 does and raises ends here."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ldap3 import ANONYMOUS, BASE, DEREF_NEVER, NONE, SIMPLE, SUBTREE, Connection, Server
from ldap3.core.exceptions import LDAPException

from ippgate.identity import ldap_results as results
from ippgate.identity.ldap_entry import Entry
from ippgate.identity.ldap_features import ATTRIBUTES as FEATURES
from ippgate.identity.ldap_features import PAGED_RESULTS, Features
from ippgate.identity.ldap_server import LdapServer
from ippgate.identity.ldap_tls import CheckedTls

WHO_AM_I = "1.3.6.1.4.1.4203.1.11.3"
"""RFC 4532 section 2."""
EVERYTHING = "(objectClass=*)"
PAGE = 500
"""Entries: half of what Active Directory shows at most without pages."""


class Unreachable(Exception):
    """The server could not be reached, or not by TLS, or broke off: another may be asked."""


class Unanswerable(Exception):
    """The server answered, but not the question: no other server is asked."""


@dataclass
class Journal:
    """What one question did, and until when it may.

    Written in a thread, read by the reactor's. ``until``: by time.monotonic(). ``calls``: server,
    call, seconds. ``open``: connections in use.
    """

    until: float
    step_seconds: float
    calls: list[tuple[str, str, float]] = field(default_factory=list)
    open: list[DirectoryConnection] = field(default_factory=list)

    @property
    def seconds_left(self) -> float:
        """For the question; negative when its time is over."""
        return self.until - time.monotonic()

    def cut(self) -> None:
        """From the reactor's thread: the time is over now, and whatever waits for a server ends."""
        self.until = 0.0
        for connection in list(self.open):
            connection.cut()


class _Ldap3Connection(Connection):
    """ldap3's connection; of its sockets, only the last stays open, and none once it is cut."""

    _socket: socket.socket | None = None
    is_cut = False

    @property
    def socket(self) -> Any:
        return self._socket

    @socket.setter
    def socket(self, new: Any) -> None:
        # ldap3 forgets sockets without closing them: of addresses that did not answer, and of
        # handshakes that failed.
        old, self._socket = self._socket, new
        if old is not None and old is not new:
            old.close()
        if new is not None:
            # Questions are small and wait for their answers: Nagle's algorithm would add 40 ms.
            new.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # Asked after the socket can be seen: either it is refused here, or ``cut`` finds it.
            if self.is_cut:
                raise OSError("given up")

    def cut(self) -> None:
        """From any thread: whatever waits for the server ends with an error, and soon."""
        self.is_cut = True
        if self._socket is not None:
            # Not SSLSocket's own, which is not for other threads than the one that reads. A socket
            # that is not connected yet refuses this; it is found out when TLS begins.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class DirectoryConnection:
    """A connection; ``journal`` says how long each call may take, and learns how long it took."""

    def __init__(
        self, server: LdapServer, context: ssl.SSLContext, *, start_tls: bool, journal: Journal
    ) -> None:
        """Connects, with TLS where it is configured. Raises Unreachable."""
        self.server = server
        self.used_at = 0.0
        self.features = Features()
        self._journal = journal
        self._closed = False
        target = Server(
            server.host,
            port=server.port,
            use_ssl=server.ldaps,
            tls=CheckedTls(context, server.host),
            get_info=NONE,
        )
        # receive_timeout stays None: ldap3 takes whole seconds only. What it leaves on the socket
        # is connect_timeout, for the handshake too; each call below sets its own.
        self._ldap = _Ldap3Connection(
            target,
            authentication=ANONYMOUS,
            auto_referrals=False,
            return_empty_attributes=True,
            check_names=False,
            read_only=True,
            raise_exceptions=False,
        )
        journal.open.append(self)
        with self._call("connect") as seconds:
            target.connect_timeout = seconds
            self._ldap.open(read_server_info=False)
            if start_tls and not self._ldap.start_tls(read_server_info=False):
                raise Unreachable(f"{server}: StartTLS failed: {self._ldap.last_error}")

    def enter(self, journal: Journal) -> None:
        """A kept connection serves another question."""
        self._journal = journal
        journal.open.append(self)

    def leave(self) -> None:
        """The connection is kept: the question's end does not concern it."""
        self._journal.open.remove(self)

    def bind(self, dn: str, password: str, call: str) -> tuple[int, str]:
        """A simple bind; the result's code and text. Raises Unreachable.

        The password goes out as its UTF-8 octets. ldap3 would prepare text (RFC 4013): another
        password, or an empty one, might result.
        """
        assert dn
        assert password, "a bind without a password proves nothing (RFC 4513 section 5.1.2)"
        self._ldap.user = dn
        self._ldap.password = password.encode()
        self._ldap.authentication = SIMPLE
        try:
            with self._call(call):
                self._ldap.bind(read_server_info=False)
        finally:
            self._ldap.password = None
        return self._result()

    def who_am_i(self) -> str | None:
        """The authorization identity (RFC 4532), empty for anonymous; None: not offered.

        Raises Unreachable, Unanswerable.
        """
        with self._call("whoami"):
            self._ldap.extended(WHO_AM_I)
        code, message = self._result()
        if code in results.NOT_OFFERED:
            return None
        if code != results.SUCCESS:
            raise Unanswerable(f"{self.server}: WhoAmI failed with {code} {message}")
        return (self._ldap.result.get("responseValue") or b"").decode("utf-8", "replace")

    def read_features(self) -> None:
        """What the server can do; a server that does not tell can nothing. Raises Unreachable."""
        try:
            root = self._search("", EVERYTHING, FEATURES, 1, "features", BASE)
        except Unanswerable:
            return
        if root:
            self.features = Features.of(root[0])

    def search(
        self, base: str, filter_: str, attributes: Sequence[str], limit: int, call: str
    ) -> list[Entry]:
        """The entries below ``base`` that match; more than ``limit`` means ``limit`` + 1 or more
        exist. References to other servers are not entries, and not followed. Raises Unreachable,
        Unanswerable.
        """
        return self._search(base, filter_, attributes, limit, call, SUBTREE)

    def read(self, dn: str, attributes: Sequence[str], call: str) -> Entry:
        """The entry itself. Raises Unreachable, Unanswerable."""
        entries = self._search(dn, EVERYTHING, attributes, 1, call, BASE)
        if len(entries) != 1:
            raise Unanswerable(f"{self.server}: {dn} cannot be read")
        return entries[0]

    def cut(self) -> None:
        """From any thread: whatever waits on this connection ends with an error."""
        self._ldap.cut()

    def close(self) -> None:
        """Without waiting for anything."""
        if not self._closed:
            self._closed = True
            self._ldap.socket = None
            if self in self._journal.open:
                self._journal.open.remove(self)

    def _search(
        self, base: str, filter_: str, attributes: Sequence[str], limit: int, call: str, scope: Any
    ) -> list[Entry]:
        found: list[Entry] = []
        pages = limit > PAGE and self.features.pages
        cookie: bytes | None = None
        while True:
            with self._call(call):
                self._ldap.search(
                    base,
                    filter_,
                    search_scope=scope,
                    dereference_aliases=DEREF_NEVER,
                    attributes=list(attributes),
                    # One more than may be: then a server that stops here says that there are more.
                    size_limit=limit + 1,
                    paged_size=PAGE if pages else None,
                    paged_cookie=cookie,
                )
            code, message = self._result()
            found += [
                Entry(item["dn"], {key.lower(): v for key, v in item["raw_attributes"].items()})
                for item in self._ldap.response or ()
                if item["type"] == "searchResEntry"
            ]
            cookie = self._next_page() if pages and code == results.SUCCESS else None
            if not cookie or len(found) > limit:
                break
        if code == results.SUCCESS or (code == results.SIZE_LIMIT_EXCEEDED and len(found) > limit):
            return found
        if code == results.REFERRAL:
            message = "it refers to another server, which is never followed"
        raise Unanswerable(f"{self.server}: searching below {base} failed with {code} {message}")

    def _next_page(self) -> bytes | None:
        controls = self._ldap.result.get("controls") or {}
        control = controls.get(PAGED_RESULTS.decode())
        return None if control is None else control["value"]["cookie"]

    def _result(self) -> tuple[int, str]:
        result = self._ldap.result
        code, message = int(result["result"]), str(result["message"] or result["description"])
        if code in results.OUT_OF_SERVICE:
            raise Unreachable(f"{self.server}: {message}")
        return code, message

    @contextlib.contextmanager
    def _call(self, call: str) -> Iterator[float]:
        """Around one call of ldap3: its time, and its errors."""
        seconds = min(self._journal.step_seconds, self._journal.seconds_left)
        if seconds <= 0:
            raise Unreachable(f"{self.server} had no time left")
        started = time.monotonic()
        try:
            if call != "connect":
                if self._ldap.closed:
                    # ldap3 would connect again by itself, and without StartTLS.
                    raise Unreachable(f"{self.server} closed the connection")
                self._ldap.socket.settimeout(seconds)
            yield seconds
        except Unreachable:
            self.close()
            raise
        except Exception as error:  # noqa: BLE001 - ldap3 raises whatever its decoder trips over
            self.close()
            # Not chained: frames below hold the password.
            raise Unreachable(f"{self.server}: {_words(error)}") from None
        finally:
            elapsed = time.monotonic() - started
            self._journal.calls.append((self.server.label, call, elapsed))


def _words(error: Exception) -> str:
    if isinstance(error, (LDAPException, OSError)):
        return str(error)
    return f"its answer is not LDAP ({type(error).__name__})"
