"""Certificates of people, and the list of those that are revoked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from ippgate.listener.authority import Issued, create_authority, issue_client, write_private


class PeopleCa:
    """A CA in ``folder``, with its list: ``ca.pem``, ``crl.pem``."""

    def __init__(self, folder: Path, name: str = "test people CA") -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.authority = create_authority(datetime.now(UTC), name)
        self.ca = folder / "ca.pem"
        self.crl = folder / "crl.pem"
        self.ca.write_bytes(self.authority.certificate_pem())
        self.revoke()

    def issue(
        self,
        user: str,
        *,
        mail: Sequence[str] = (),
        upn: Sequence[str] = (),
        now: datetime | None = None,
        days: int = 30,
    ) -> Issued:
        """A certificate, also as files: ``USER.pem`` and ``USER.key``."""
        issued = issue_client(
            self.authority, user, now or datetime.now(UTC), mail=mail, upn=upn, days=days
        )
        (self.folder / f"{user}.pem").write_bytes(issued.certificate_pem())
        write_private(self.folder / f"{user}.key", issued.key_pem())
        return issued

    def revoke(self, *revoked: Issued, days: float = 1, signer: Issued | None = None) -> None:
        """Writes the list anew; ``signer``: instead of this CA."""
        now = datetime.now(UTC)
        authority = signer or self.authority
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(authority.certificate.subject)
            .last_update(min(now, now + timedelta(days=days)) - timedelta(hours=1))
            .next_update(now + timedelta(days=days))
        )
        for issued in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(issued.certificate.serial_number)
                .revocation_date(now)
                .build()
            )
        crl = builder.sign(authority.key, hashes.SHA256())
        new = self.crl.with_suffix(".new")
        new.write_bytes(crl.public_bytes(Encoding.PEM))
        new.replace(self.crl)
