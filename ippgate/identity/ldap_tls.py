"""TLS to a directory: the certificate must be valid and carry the configured name."""

from __future__ import annotations

import ssl
from pathlib import Path

from ldap3 import Connection, Tls


def client_context(ca_file: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or later; the certificate's chain and name are checked (RFC 4513 section 3.1.3).

    ``ca_file`` None: the system's certificate authorities. Raises OSError when the file cannot be
    read, ssl.SSLError when it holds no certificate.
    """
    context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A name counts only where names belong, in subjectAltName (RFC 9525 section 6.3).
    context.hostname_checks_common_name = False
    return context


class CheckedTls(Tls):
    """ldap3's TLS, with OpenSSL itself checking the name during the handshake.

    ldap3 switches that off, and afterwards compares names by ``ssl.match_hostname``, which later
    Pythons do not have, or by a copy of it; it also makes a new context, and reads the file of
    authorities, for each connection. Used for ldaps and StartTLS alike.
    """

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED, sni=host)
        self._context = context
        self._host = host

    def wrap_socket(self, connection: Connection, do_handshake: bool = False) -> None:
        """Replaces the connection's socket by one on which the handshake is complete.

        The handshake is always made here: no octet may be sent before the name is checked.
        """
        del do_handshake
        # Replaced before the handshake, so that a handshake that hangs can be cut off.
        connection.socket = self._context.wrap_socket(
            connection.socket, server_hostname=self._host, do_handshake_on_connect=False
        )
        connection.socket.do_handshake()
