"""TLS for clients: Mozilla's intermediate profile (server side TLS 5.7), by pyOpenSSL.

TLS 1.2 and 1.3; key exchange with forward secrecy and authenticated ciphers only; no compression,
no renegotiation; ALPN http/1.1 alone, so that HTTP/2 is never spoken by accident.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.protocols.tls import TLSMemoryBIOProtocol
from zope.interface import implementer

from ippgate.exchange.ports import TlsFacts
from ippgate.listener.client_certificates import ClientTrust

CIPHERS = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    b"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    b"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
)
"""Of TLS 1.2; the ciphers of TLS 1.3 are all in the profile."""

VERSIONS = {"1.2": SSL.TLS1_2_VERSION, "1.3": SSL.TLS1_3_VERSION}


class TlsConfigurationError(Exception):
    """Certificate or key cannot be used: which file, what is wrong, what to do."""


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What the server's certificate says. ``not_after`` is in UTC."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime


@implementer(IOpenSSLServerConnectionCreator)
class ServerTls:
    """A context for listeners, from a chain and its key that were checked against each other."""

    def __init__(
        self, context: SSL.Context, facts: CertificateFacts, trust: ClientTrust | None = None
    ) -> None:
        """``trust``: who signs client certificates; None: they are not asked for."""
        self._context = context
        self.facts = facts
        self.trust = trust

    def serverConnectionForTLS(
        self,
        tlsProtocol: TLSMemoryBIOProtocol,  # noqa: ARG002 - Twisted's
    ) -> SSL.Connection:
        """One connection's TLS state."""
        return SSL.Connection(self._context, None)


def server_tls(
    certificate: Path,
    key: Path,
    minimum_version: str = "1.2",
    trust: ClientTrust | None = None,
) -> ServerTls:
    """Loads and checks the files of a listener. Raises TlsConfigurationError."""
    facts = certificate_facts(certificate)
    private = _private_key(key)
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(VERSIONS[minimum_version])
    context.set_cipher_list(CIPHERS)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    context.set_session_id(b"ippgate")
    context.set_alpn_select_callback(_only_http_1_1)
    try:
        context.use_certificate_chain_file(str(certificate))
    except SSL.Error as error:
        raise TlsConfigurationError(
            f"{certificate}: not a chain of PEM certificates, the server's first ({_words(error)})"
        ) from None
    try:
        context.use_privatekey(private)
        context.check_privatekey()
    except SSL.Error as error:
        raise TlsConfigurationError(
            f"{key}: does not belong to {certificate} ({_words(error)}): "
            "give the key that the certificate was made for"
        ) from None
    if trust is not None:
        # Asked for, not asked to be good: see ippgate.listener.client_certificates.
        context.set_verify(SSL.VERIFY_PEER, lambda *_: True)
        context.load_client_ca(str(trust.ca_file).encode())
    return ServerTls(context, facts, trust)


def certificate_facts(certificate: Path) -> CertificateFacts:
    """What the first certificate of a PEM file says. Raises TlsConfigurationError."""
    try:
        parsed = x509.load_pem_x509_certificates(_readable(certificate, "certificate"))[0]
    except ValueError as error:
        raise TlsConfigurationError(f"{certificate}: not PEM certificates: {error}") from None
    return facts_of(parsed)


def facts_of(parsed: x509.Certificate) -> CertificateFacts:
    """What a certificate says."""
    return CertificateFacts(
        parsed.subject.rfc4514_string(),
        parsed.issuer.rfc4514_string(),
        _names(parsed),
        parsed.not_valid_before_utc,
        parsed.not_valid_after_utc,
    )


def findings(certificate: Path, key: Path, now: datetime) -> list[str]:
    """What is doubtful about files that can be used: warnings, in words."""
    found = []
    facts = certificate_facts(certificate)
    if facts.not_after <= now:
        found.append(f"{certificate}: expired on {facts.not_after:%Y-%m-%d}: renew it")
    elif (facts.not_after - now).days < 14:
        days = (facts.not_after - now).days
        found.append(f"{certificate}: ends in {days} days, on {facts.not_after:%Y-%m-%d}")
    if facts.not_before > now:
        found.append(f"{certificate}: not valid before {facts.not_before:%Y-%m-%d %H:%M} UTC")
    if not facts.names:
        found.append(f"{certificate}: has no subjectAltName: clients will refuse it")
    if key.stat().st_mode & stat.S_IROTH:
        found.append(f"{key}: others can read it: chmod 600 {key}")
    return found


def _private_key(key: Path) -> Any:
    """Parsed here: OpenSSL itself would ask the terminal for a passphrase."""
    try:
        return serialization.load_pem_private_key(_readable(key, "key"), None)
    except TypeError:
        raise TlsConfigurationError(
            f"{key}: is encrypted with a passphrase, which nobody could type when the gateway "
            f"starts: decrypt it (openssl pkey -in {key}) and give it mode 600"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise TlsConfigurationError(f"{key}: not a private key in PEM") from None


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    names = extension.value.get_values_for_type(x509.DNSName)
    addresses = extension.value.get_values_for_type(x509.IPAddress)
    return (*names, *(str(address) for address in addresses))


def _readable(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TlsConfigurationError(
            f"{path}: the {what} cannot be read: {error.strerror}"
        ) from None


def _only_http_1_1(_: SSL.Connection, offered: list[bytes]) -> bytes:
    """Raised, the error becomes the alert no_application_protocol (RFC 7301 section 3.2)."""
    if b"http/1.1" in offered:
        return b"http/1.1"
    raise SSL.Error([("SSL routines", "", "no application protocol")])


def _words(error: SSL.Error) -> str:
    reasons = [entry[-1] for entry in error.args[0]] if error.args else []
    return "; ".join(str(reason) for reason in reasons if reason) or "OpenSSL says no more"


def tls_facts(connection: SSL.Connection, trust: ClientTrust | None, now: datetime) -> TlsFacts:
    """What is known of a session, its client's certificate judged by ``trust`` as of now."""
    shown = None if trust is None else connection.get_peer_certificate()
    client = None
    if trust is not None and shown is not None:
        client = trust.judge(shown, connection.get_peer_cert_chain(), now)
    return TlsFacts(
        connection.get_protocol_version_name(),
        connection.get_cipher_name() or "",
        None if client is None else client.subject,
        client,
    )
