"""A test CA, and a server's files signed by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from ippgate.listener.authority import Issued, create_authority, issue_server

HOST = "gate.test"


@dataclass(frozen=True, slots=True)
class ServerFiles:
    """Paths of PEM files; ``authority`` signed ``certificate``."""

    certificate: Path
    key: Path
    authority: Path


@cache
def authority() -> Issued:
    """One CA for all tests of a process."""
    return create_authority(datetime.now(UTC), "test CA")


def server_files(folder: Path, *, days: int = 30, now: datetime | None = None) -> ServerFiles:
    """ECDSA P-256, for HOST, localhost and 127.0.0.1."""
    names = [HOST, "localhost", "127.0.0.1"]
    issued = issue_server(authority(), names, now or datetime.now(UTC), days)
    return _written(folder, issued.certificate_pem(), issued.key_pem(), authority())


def rsa_files(folder: Path) -> ServerFiles:
    """RSA 2048, signed by itself."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    key_pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    return _written(folder, pem, key_pem, authority())


def encrypted(key: Path, passphrase: bytes = b"secret") -> None:
    """Puts a passphrase on a key file."""
    parsed = serialization.load_pem_private_key(key.read_bytes(), None)
    key.write_bytes(
        parsed.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(passphrase),
        )
    )


def _written(folder: Path, certificate: bytes, key: bytes, signer: Issued) -> ServerFiles:
    folder.mkdir(parents=True, exist_ok=True)
    files = ServerFiles(folder / "fullchain.pem", folder / "key.pem", folder / "ca.pem")
    files.certificate.write_bytes(certificate)
    files.key.write_bytes(key)
    files.key.chmod(0o600)
    files.authority.write_bytes(signer.certificate_pem())
    return files
