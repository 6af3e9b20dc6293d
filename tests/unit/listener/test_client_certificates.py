"""Which client certificates are good, whom they name, and how soon one that is revoked is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from OpenSSL.crypto import X509

from ippgate.exchange.ports import ClientCertificate
from ippgate.listener.authority import Issued, create_authority, issue_server
from ippgate.listener.client_certificates import ClientCaError, ClientTrust
from tests.support.people_ca import PeopleCa

NOW = datetime.now(UTC)


@pytest.fixture
def ca(tmp_path: Path) -> PeopleCa:
    return PeopleCa(tmp_path)


@pytest.fixture
def trust(ca: PeopleCa) -> ClientTrust:
    return ClientTrust(ca.ca, ca.crl)


def judge(trust: ClientTrust, issued: Issued, now: datetime = NOW) -> ClientCertificate:
    return trust.judge(X509.from_cryptography(issued.certificate), None, now)


def test_whom_it_names(ca: PeopleCa, trust: ClientTrust) -> None:
    alice = ca.issue("alice", mail=["alice@example.org"], upn=["alice@corp.example.org"])
    judged = judge(trust, alice)

    assert judged.mistake is None
    assert judged.subject == "CN=alice"
    assert judged.serial == f"{alice.certificate.serial_number:x}"
    assert judged.names == {
        "subject": ("CN=alice",),
        "common_name": ("alice",),
        "uid": (),
        "mail": ("alice@example.org",),
        "upn": ("alice@corp.example.org",),
    }


def test_other_authorities_are_not_believed(ca: PeopleCa, trust: ClientTrust) -> None:
    same_name = PeopleCa(ca.folder / "other")
    another = PeopleCa(ca.folder / "another", "another CA")
    for issuer in (same_name, another):
        assert judge(trust, issuer.issue("alice")).mistake is not None


def test_times_count(ca: PeopleCa, trust: ClientTrust) -> None:
    expired = ca.issue("old", now=NOW - timedelta(days=100), days=30)
    early = ca.issue("early", now=NOW + timedelta(days=10))

    assert "expired" in (judge(trust, expired).mistake or "")
    assert "not yet valid" in (judge(trust, early).mistake or "")


def test_a_good_one_does_not_outlive_its_time(ca: PeopleCa) -> None:
    trust = ClientTrust(ca.ca)
    alice = ca.issue("alice", days=1)

    assert judge(trust, alice).mistake is None
    assert "expired" in (judge(trust, alice, NOW + timedelta(days=2)).mistake or "")


def test_a_servers_certificate_is_nobodys(ca: PeopleCa, trust: ClientTrust) -> None:
    server = issue_server(ca.authority, ["alice"], NOW)

    assert "not for clients" in (judge(trust, server).mistake or "")


def test_a_revoked_one_is_refused_at_once(ca: PeopleCa, trust: ClientTrust) -> None:
    alice, bob = ca.issue("alice"), ca.issue("bob")
    assert judge(trust, alice).mistake is None
    ca.revoke(alice)

    assert judge(trust, alice).mistake == "certificate revoked"
    assert judge(trust, bob).mistake is None


def test_without_a_list_that_can_be_used_nobody_is_believed(
    ca: PeopleCa, trust: ClientTrust
) -> None:
    alice = ca.issue("alice")
    assert judge(trust, alice).mistake is None
    ca.crl.write_text("nothing of the kind")
    assert "cannot be used" in (judge(trust, alice).mistake or "")
    ca.crl.unlink()
    assert "cannot be used" in (judge(trust, alice).mistake or "")

    ca.revoke(days=-0.5)
    assert "CRL has expired" in (judge(trust, alice).mistake or "")
    assert len(trust.findings(NOW)) == 1
    ca.revoke(signer=create_authority(NOW, "test people CA"))
    assert judge(trust, alice).mistake is not None
    ca.revoke()
    assert judge(trust, alice).mistake is None
    assert trust.findings(NOW) == []


@pytest.mark.parametrize("content", [None, "", "-----BEGIN CERTIFICATE-----\nx\n"])
def test_files_that_cannot_be_used_are_told(
    ca: PeopleCa, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "file.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ClientCaError, match=r"file\.pem"):
        ClientTrust(file)
    with pytest.raises(ClientCaError, match=r"file\.pem"):
        ClientTrust(ca.ca, file)
