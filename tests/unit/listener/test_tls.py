"""TLS as clients meet it, by real handshakes; files that cannot be used, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from OpenSSL import SSL

from ippgate.exchange.ports import TlsFacts
from ippgate.listener.client_certificates import ClientTrust
from ippgate.listener.tls import (
    TlsConfigurationError,
    certificate_facts,
    findings,
    server_tls,
)
from tests.support.certificates import (
    HOST,
    ServerFiles,
    authority,
    encrypted,
    rsa_files,
    server_files,
)
from tests.support.http_conversation import GET, Seen, statuses
from tests.support.people_ca import PeopleCa
from tests.support.tls_client import Gate, TlsClient, client_context


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> ServerFiles:
    return server_files(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def with_rsa(tmp_path_factory: pytest.TempPathFactory) -> ServerFiles:
    return rsa_files(tmp_path_factory.mktemp("rsa"))


def gate(files: ServerFiles, minimum: str = "1.2", seen: Seen | None = None) -> Gate:
    return Gate(seen or Seen(), server_tls(files.certificate, files.key, minimum))


@pytest.mark.parametrize("version", [SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION])
def test_a_client_is_served(files: ServerFiles, version: int) -> None:
    seen = Seen()
    client = TlsClient(
        gate(files, seen=seen), client_context(lowest=version, highest=version, alpn=[b"http/1.1"])
    )
    client.handshake()
    assert client.tls.get_alpn_proto_negotiated() == b"http/1.1"
    assert statuses(client.send(GET)) == [200]
    facts = seen.peers[0].tls
    assert isinstance(facts, TlsFacts)
    assert facts.version == {SSL.TLS1_2_VERSION: "TLSv1.2", SSL.TLS1_3_VERSION: "TLSv1.3"}[version]
    assert facts.cipher == client.tls.get_cipher_name()
    assert facts.subject is None


def test_a_client_closes_and_the_gate_answers_in_kind(files: ServerFiles) -> None:
    client = TlsClient(gate(files), client_context())
    client.handshake()
    client.tls.shutdown()
    client.pump()
    client.read()
    assert client.closed
    assert client.transport.closing()


def test_close_is_told_inside_tls(files: ServerFiles) -> None:
    client = TlsClient(gate(files), client_context())
    client.handshake()
    assert statuses(client.send(GET[:-2] + b"Connection: close\r\n\r\n")) == [200]
    assert client.closed


def refused(running: Gate, context: SSL.Context) -> str:
    """The alert that the gate sends, in OpenSSL's words."""
    client = TlsClient(running, context)
    with pytest.raises(SSL.Error) as error:
        client.handshake()
    assert client.from_gate, "refused by the client itself"
    assert client.transport.closing()
    return str(error.value)


@pytest.mark.parametrize("version", [SSL.TLS1_VERSION, SSL.TLS1_1_VERSION])
def test_old_versions_are_refused(files: ServerFiles, version: int) -> None:
    assert "alert protocol version" in refused(gate(files), client_context(highest=version))


def test_the_minimum_can_be_1_3(files: ServerFiles) -> None:
    running = gate(files, "1.3")
    old = client_context(highest=SSL.TLS1_2_VERSION)
    assert "alert protocol version" in refused(running, old)
    TlsClient(running, client_context()).handshake()


@pytest.mark.parametrize(
    "ciphers", [b"ECDHE-ECDSA-AES128-SHA", b"ECDHE-ECDSA-AES256-SHA384", b"ECDHE-ECDSA-AES128-CCM"]
)
def test_weak_ciphers_are_refused(files: ServerFiles, ciphers: bytes) -> None:
    context = client_context(highest=SSL.TLS1_2_VERSION, ciphers=ciphers)
    assert "handshake failure" in refused(gate(files), context)


@pytest.mark.parametrize("ciphers", [b"AES128-GCM-SHA256", b"AES256-SHA", b"ECDHE-RSA-AES128-SHA"])
def test_rsa_key_exchange_and_cbc_are_refused(with_rsa: ServerFiles, ciphers: bytes) -> None:
    context = client_context(highest=SSL.TLS1_2_VERSION, ciphers=ciphers)
    assert "handshake failure" in refused(gate(with_rsa), context)


@pytest.mark.parametrize(
    "ciphers",
    [
        b"ECDHE-RSA-AES128-GCM-SHA256",
        b"ECDHE-RSA-AES256-GCM-SHA384",
        b"ECDHE-RSA-CHACHA20-POLY1305",
    ],
)
def test_intermediate_ciphers_with_rsa_certificates(with_rsa: ServerFiles, ciphers: bytes) -> None:
    context = client_context(highest=SSL.TLS1_2_VERSION, ciphers=ciphers)
    context.set_verify(SSL.VERIFY_NONE)
    client = TlsClient(gate(with_rsa), context)
    client.handshake()
    assert client.tls.get_cipher_name() == ciphers.decode()


def test_http_2_alone_is_refused(files: ServerFiles) -> None:
    assert "no application protocol" in refused(gate(files), client_context(alpn=[b"h2"]))


def test_http_1_1_is_chosen_beside_http_2(files: ServerFiles) -> None:
    client = TlsClient(gate(files), client_context(alpn=[b"h2", b"http/1.1"]))
    client.handshake()
    assert client.tls.get_alpn_proto_negotiated() == b"http/1.1"


def test_a_refused_client_leaves_nothing_behind(files: ServerFiles) -> None:
    running = gate(files)
    refused(running, client_context(alpn=[b"h2"]))
    client = TlsClient(running, client_context())
    client.handshake()
    assert client.tls.get_protocol_version_name() == "TLSv1.3"


def test_renegotiation_is_refused(files: ServerFiles) -> None:
    seen = Seen()
    client = TlsClient(gate(files, seen=seen), client_context(highest=SSL.TLS1_2_VERSION))
    client.handshake()
    assert client.tls.renegotiate()
    with pytest.raises(SSL.Error, match="no renegotiation"):
        client.handshake()
    assert client.tls.total_renegotiations() == 0 or not seen.heads


@pytest.mark.parametrize("version", [SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION])
def test_sessions_are_resumed(files: ServerFiles, version: int) -> None:
    running = gate(files)
    context = client_context(lowest=version, highest=version)
    first = TlsClient(running, context)
    first.handshake()
    first.send(GET)
    second = TlsClient(running, context, session=first.tls.get_session())
    second.handshake()
    third = TlsClient(running, context)
    third.handshake()
    certificate = authority().certificate.public_bytes(serialization.Encoding.DER)
    assert second.from_gate < third.from_gate - len(certificate), "the certificate was sent again"
    assert statuses(second.send(GET)) == [200]


# --- files --------------------------------------------------------------------------------------


def test_what_a_certificate_says(files: ServerFiles) -> None:
    facts = server_tls(files.certificate, files.key).facts
    assert facts == certificate_facts(files.certificate)
    assert facts.subject == f"CN={HOST}"
    assert facts.issuer == "CN=test CA"
    assert facts.names == (HOST, "localhost", "127.0.0.1")
    assert facts.not_before < datetime.now(UTC) < facts.not_after


def test_a_key_of_another_certificate(files: ServerFiles, tmp_path: Path) -> None:
    other = server_files(tmp_path)
    with pytest.raises(TlsConfigurationError) as error:
        server_tls(files.certificate, other.key)
    assert str(other.key) in str(error.value)
    assert f"does not belong to {files.certificate}" in str(error.value)


def test_an_rsa_key_for_an_ecdsa_certificate(files: ServerFiles, with_rsa: ServerFiles) -> None:
    with pytest.raises(TlsConfigurationError, match="does not belong to"):
        server_tls(files.certificate, with_rsa.key)


def test_a_key_with_a_passphrase_is_refused_and_nobody_is_asked(tmp_path: Path) -> None:
    own = server_files(tmp_path)
    encrypted(own.key)
    with pytest.raises(TlsConfigurationError, match="passphrase, which nobody"):
        server_tls(own.certificate, own.key)


def test_files_that_are_not_there(files: ServerFiles, tmp_path: Path) -> None:
    lost = tmp_path / "lost.pem"
    with pytest.raises(TlsConfigurationError, match="certificate cannot be read: No such file"):
        server_tls(lost, files.key)
    with pytest.raises(TlsConfigurationError, match="key cannot be read: No such file"):
        server_tls(files.certificate, lost)


@pytest.mark.parametrize("text", [b"", b"not PEM", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_files_of_something_else(files: ServerFiles, tmp_path: Path, text: bytes) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_bytes(text)
    with pytest.raises(TlsConfigurationError, match=r"wrong\.pem: not PEM certificates"):
        server_tls(wrong, files.key)
    with pytest.raises(TlsConfigurationError, match=r"wrong\.pem: not a private key in PEM"):
        server_tls(files.certificate, wrong)


def test_findings(files: ServerFiles, tmp_path: Path, with_rsa: ServerFiles) -> None:
    now = datetime.now(UTC)
    assert findings(files.certificate, files.key, now) == []
    (late,) = findings(files.certificate, files.key, now + timedelta(days=20))
    assert "ends in 9 days" in late or "ends in 10 days" in late
    (expired,) = findings(files.certificate, files.key, now + timedelta(days=31))
    assert "expired on" in expired
    (early,) = findings(files.certificate, files.key, now - timedelta(days=1))
    assert "not valid before" in early
    readable = server_files(tmp_path)
    readable.key.chmod(0o644)
    (mode,) = findings(readable.certificate, readable.key, now)
    assert "chmod 600" in mode
    assert any("subjectAltName" in f for f in findings(with_rsa.certificate, with_rsa.key, now))


def test_a_client_shows_a_certificate_or_none(files: ServerFiles, tmp_path: Path) -> None:
    people = PeopleCa(tmp_path)
    people.issue("alice")
    seen = Seen()
    trust = ClientTrust(people.ca)
    listener = Gate(seen, server_tls(files.certificate, files.key, trust=trust))
    showing = client_context()
    showing.use_certificate_file(str(tmp_path / "alice.pem"))
    showing.use_privatekey_file(str(tmp_path / "alice.key"))
    for context in (client_context(), showing):
        client = TlsClient(listener, context)
        client.handshake()
        assert statuses(client.send(GET)) == [200]

    without, shown = (peer.tls for peer in seen.peers)
    assert without is not None
    assert (without.subject, without.client) == (None, None)
    assert shown is not None
    assert shown.client is not None
    assert shown.subject == shown.client.subject == "CN=alice"
    # This listener's clock stands at 1970, and that is what certificates are judged by.
    assert "not yet valid" in (shown.client.mistake or "")
