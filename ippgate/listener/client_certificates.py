"""Client certificates: which are good now.

The handshake takes any, since a client that is refused there hears only that TLS failed, and
resumed sessions are not judged again at all. Each request judges: the chain to the listener's own
authorities, times, the purpose, and the list of revoked ones, which is read again when its file
changes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from OpenSSL.crypto import X509, X509Store, X509StoreContext, X509StoreContextError, X509StoreFlags

from ippgate.exchange.ports import ClientCertificate

UPN = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
"""szOID_NT_PRINCIPAL_NAME, an otherName of Microsoft's: the user principal name, as UTF8String."""
REMEMBERED = 1000
"""Certificates whose judgement is kept, so that only the first request pays for it."""

_UTF8_STRING = 0x0C
_SHORT = 127


class ClientCaError(Exception):
    """A file of authorities or of revoked certificates cannot be used: which, and why."""


@dataclass(frozen=True, slots=True)
class _Judgement:
    certificate: ClientCertificate
    stamp: tuple[int, ...]
    until: datetime


class ClientTrust:
    """The authorities of ``ca_file``, intermediate ones too, and the lists of ``crl_file``."""

    def __init__(self, ca_file: Path, crl_file: Path | None = None) -> None:
        """Raises ClientCaError."""
        self.ca_file = ca_file
        self._crl_file = crl_file
        try:
            self.authorities = x509.load_pem_x509_certificates(ca_file.read_bytes())
        except OSError as error:
            raise ClientCaError(f"{ca_file}: cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise ClientCaError(f"{ca_file}: not certificates in PEM: {error}") from None
        self._stamp: tuple[int, ...] = ()
        self._next_update = datetime.max.replace(tzinfo=UTC)
        self._judged: dict[bytes, _Judgement] = {}
        self._lists: list[x509.CertificateRevocationList] = []
        if crl_file is not None:
            self._load(crl_file)

    def judge(self, shown: X509, chain: list[X509] | None, now: datetime) -> ClientCertificate:
        """What a certificate says, and whether it is good now. Raises nothing."""
        certificate = shown.to_cryptography()
        fingerprint = certificate.fingerprint(SHA256())
        broken = self._reload()
        known = self._judged.get(fingerprint)
        if known is not None and known.stamp == self._stamp and now < known.until and not broken:
            return known.certificate
        mistake = broken or self._mistake(shown, chain or [], now)
        judged = ClientCertificate(
            subject=certificate.subject.rfc4514_string(),
            serial=f"{certificate.serial_number:x}",
            names=names_of(certificate),
            mistake=mistake,
        )
        if mistake is None:
            until = min(certificate.not_valid_after_utc, self._next_update)
            if len(self._judged) >= REMEMBERED:
                del self._judged[next(iter(self._judged))]
            self._judged[fingerprint] = _Judgement(judged, self._stamp, until)
        else:
            self._judged.pop(fingerprint, None)
        return judged

    def findings(self, now: datetime) -> list[str]:
        """What is doubtful, in words."""
        if self._next_update <= now:
            return [
                f"{self._crl_file}: was to be renewed by {self._next_update:%Y-%m-%d %H:%M} UTC: "
                "no client certificate is taken until it is"
            ]
        return []

    def _mistake(self, shown: X509, chain: list[X509], now: datetime) -> str | None:
        try:
            X509StoreContext(self._store(now), shown, chain).verify_certificate()
        except X509StoreContextError as error:
            return str(error)
        certificate = shown.to_cryptography()
        try:
            purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except x509.ExtensionNotFound:
            return None
        except ValueError as error:
            return f"malformed extensions: {error}"
        if ExtendedKeyUsageOID.CLIENT_AUTH in purposes:
            return None
        return "it is not for clients (extended key usage)"

    def _reload(self) -> str | None:
        """Reads the list of revoked certificates again if its file changed; why that failed."""
        if self._crl_file is None:
            return None
        try:
            if _stamp(self._crl_file) != self._stamp:
                self._load(self._crl_file)
        except ClientCaError as error:
            self._stamp = ()
            return f"the list of revoked certificates cannot be used: {error}"
        return None

    def _load(self, crl_file: Path) -> None:
        stamp = _stamp(crl_file)
        self._lists = _revocation_lists(crl_file)
        self._next_update = min(
            crl.next_update_utc or datetime.max.replace(tzinfo=UTC) for crl in self._lists
        )
        self._stamp = stamp

    def _store(self, now: datetime) -> X509Store:
        """Made for each judgement: OpenSSL does not change a store's time once it is set."""
        store = X509Store()
        for authority in self.authorities:
            store.add_cert(X509.from_cryptography(authority))
        for crl in self._lists:
            store.add_crl(crl)
        # A client's CA may itself be signed by one that is not trusted for people.
        flags = X509StoreFlags.PARTIAL_CHAIN
        if self._lists:
            flags |= X509StoreFlags.CRL_CHECK
        store.set_flags(flags)
        store.set_time(now)
        return store


def names_of(certificate: x509.Certificate) -> dict[str, tuple[str, ...]]:
    """What a certificate calls its holder, by kind."""
    subject = certificate.subject
    names = {
        "subject": (subject.rfc4514_string(),),
        "common_name": _values(subject, NameOID.COMMON_NAME),
        "uid": _values(subject, NameOID.USER_ID),
    }
    try:
        alternatives = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value
    except (x509.ExtensionNotFound, ValueError):
        return names
    names["mail"] = tuple(alternatives.get_values_for_type(x509.RFC822Name))
    upns = (
        _text_of(other.value)
        for other in alternatives.get_values_for_type(x509.OtherName)
        if other.type_id == UPN
    )
    names["upn"] = tuple(upn for upn in upns if upn is not None)
    return names


def _values(subject: x509.Name, kind: x509.ObjectIdentifier) -> tuple[str, ...]:
    values = (attribute.value for attribute in subject.get_attributes_for_oid(kind))
    return tuple(value for value in values if isinstance(value, str))


def utf8_string(text: str) -> bytes:
    """A UTF8String of less than 128 octets (X.690 section 8.1). Raises ValueError for more."""
    octets = text.encode()
    if len(octets) > _SHORT:
        raise ValueError(f'"{text}" is longer than {_SHORT} octets')
    return bytes([_UTF8_STRING, len(octets)]) + octets


def _text_of(der: bytes) -> str | None:
    """The text of a short UTF8String; None of anything else."""
    if len(der) < 2 or der[0] != _UTF8_STRING or der[1] != len(der) - 2 or der[1] > _SHORT:
        return None
    try:
        return der[2:].decode()
    except UnicodeDecodeError:
        return None


def _stamp(file: Path) -> tuple[int, ...]:
    try:
        status = os.stat(file)
    except OSError as error:
        raise ClientCaError(f"{file}: cannot be read: {error.strerror}") from None
    return (status.st_ino, status.st_size, status.st_mtime_ns)


def _revocation_lists(file: Path) -> list[x509.CertificateRevocationList]:
    """One or more lists in PEM, one behind the other. Raises ClientCaError."""
    end = b"-----END X509 CRL-----"
    try:
        parts = file.read_bytes().split(end)[:-1]
        lists = [x509.load_pem_x509_crl(part + end + b"\n") for part in parts]
    except OSError as error:
        raise ClientCaError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ClientCaError(f"{file}: not lists of revoked certificates: {error}") from None
    if not lists:
        raise ClientCaError(f"{file}: holds no list of revoked certificates in PEM")
    return lists
