"""A certification authority for development and for small sites: its own, and what it signs.

ECDSA P-256 throughout. For a public name, certificates from a CA that clients trust already are
better; see ``certs/``.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ippgate.listener.client_certificates import UPN, utf8_string

CA_DAYS = 3650
SERVER_DAYS = 397
"""Clients of Apple and others refuse server certificates that are valid for longer than 398
days."""
CLIENT_DAYS = 397
_HOST_NAME = re.compile(r"(?:\*\.)?[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*")
CLOCK_SKEW = timedelta(hours=1)
"""Certificates begin this much earlier: clients' clocks differ."""


class Issued(NamedTuple):
    """A certificate and its key, as objects."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self) -> bytes:
        """Unencrypted PKCS #8."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def create_authority(now: datetime, common_name: str = "ippgate development CA") -> Issued:
    """A self-signed CA that may sign end-entity certificates only."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = (
        _builder(name, name, key, now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return Issued(builder.sign(key, hashes.SHA256()), key)


def issue_server(
    authority: Issued, names: Sequence[str], now: datetime, days: int = SERVER_DAYS
) -> Issued:
    """A server's certificate for host names and IP addresses; the first is its common name.

    Raises ValueError for what is neither.
    """
    alternatives = [_name(name) for name in names]
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    builder = (
        _builder(subject, authority.certificate.subject, key, now, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()),
            critical=False,
        )
    )
    return Issued(builder.sign(authority.key, hashes.SHA256()), key)


def issue_client(
    authority: Issued,
    user: str,
    now: datetime,
    *,
    mail: Sequence[str] = (),
    upn: Sequence[str] = (),
    days: int = CLIENT_DAYS,
) -> Issued:
    """A person's certificate: ``user`` is its common name, ``mail`` and ``upn`` are in its
    subjectAltName. Raises ValueError for names that cannot be in a certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, user)])
    builder = (
        _builder(subject, authority.certificate.subject, key, now, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()),
            critical=False,
        )
    )
    names: list[x509.GeneralName] = [x509.RFC822Name(address) for address in mail]
    names += (x509.OtherName(UPN, utf8_string(name)) for name in upn)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return Issued(builder.sign(authority.key, hashes.SHA256()), key)


def load_authority(certificate: Path, key: Path) -> Issued:
    """An authority that was written before. Raises OSError, ValueError."""
    try:
        parsed = serialization.load_pem_private_key(key.read_bytes(), None)
    except TypeError:
        raise ValueError(f"{key}: is encrypted with a passphrase: decrypt it first") from None
    except ValueError:
        raise ValueError(f"{key}: not a private key in PEM") from None
    if not isinstance(parsed, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{key}: not an elliptic-curve key")
    try:
        authority = x509.load_pem_x509_certificate(certificate.read_bytes())
    except ValueError:
        raise ValueError(f"{certificate}: not a certificate in PEM") from None
    if authority.public_key() != parsed.public_key():
        raise ValueError(f"{key}: not the key of {certificate}")
    return Issued(authority, parsed)


def write_private(path: Path, octets: bytes) -> None:
    """A new file that only its owner can read. Raises FileExistsError rather than replace."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(octets)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        pass
    try:
        name = text.encode("idna").decode()
    except UnicodeError:
        name = ""
    if not _HOST_NAME.fullmatch(name):
        raise ValueError(
            f'"{text}" is neither a host name nor an IP address, such as print.example.org'
        )
    return x509.DNSName(name)
