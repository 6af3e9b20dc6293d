"""The development CA: what clients demand of certificates."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.verification import PolicyBuilder, Store

from ippgate.listener.authority import (
    create_authority,
    issue_server,
    load_authority,
    write_private,
)
from tests.support.certificates import encrypted, rsa_files

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_server_certificate_is_verified_by_its_authority() -> None:
    authority = create_authority(NOW)
    server = issue_server(authority, ["print.example.org", "192.0.2.5", "2001:db8::5"], NOW)
    for name in (
        x509.DNSName("print.example.org"),
        x509.IPAddress(ip_address("192.0.2.5")),
        x509.IPAddress(ip_address("2001:db8::5")),
    ):
        policy = PolicyBuilder().store(Store([authority.certificate])).time(NOW)
        policy.build_server_verifier(name).verify(server.certificate, [])


def test_it_is_valid_as_long_as_clients_accept() -> None:
    server = issue_server(create_authority(NOW), ["gate"], NOW).certificate
    assert server.not_valid_after_utc - server.not_valid_before_utc < timedelta(days=398)
    assert server.not_valid_before_utc < NOW


def test_it_signs_nothing_itself() -> None:
    server = issue_server(create_authority(NOW), ["gate"], NOW).certificate
    assert not server.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_names_beyond_ascii_are_punycode() -> None:
    server = issue_server(create_authority(NOW), ["drucker.büro.example"], NOW).certificate
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["drucker.xn--bro-hoa.example"]


def test_an_authority_is_loaded_again(tmp_path: Path) -> None:
    authority = create_authority(NOW)
    certificate, key = tmp_path / "ca.pem", tmp_path / "ca-key.pem"
    certificate.write_bytes(authority.certificate_pem())
    write_private(key, authority.key_pem())
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    loaded = load_authority(certificate, key)
    assert loaded.certificate == authority.certificate
    server = issue_server(loaded, ["gate"], NOW).certificate
    public = authority.key.public_key()
    public.verify(
        server.signature,
        server.tbs_certificate_bytes,
        ec.ECDSA(server.signature_hash_algorithm),  # type: ignore[arg-type]
    )


def test_no_file_is_replaced(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    write_private(key, b"first")
    with pytest.raises(FileExistsError):
        write_private(key, b"second")
    assert key.read_bytes() == b"first"


def test_a_key_of_another_kind(tmp_path: Path) -> None:
    files = rsa_files(tmp_path)
    with pytest.raises(ValueError, match="not an elliptic-curve key"):
        load_authority(files.certificate, files.key)


@pytest.mark.parametrize(
    "name",
    ["", "https://gate", "gate:631", "two words", "[::1]", "gate/", "x" * 64, "a..b", "ü" * 80],
)
def test_what_is_no_name_is_not_certified(name: str) -> None:
    with pytest.raises(ValueError, match="neither a host name nor an IP address"):
        issue_server(create_authority(NOW), ["gate", name], NOW)


def test_an_authority_that_cannot_sign_is_named_file_by_file(tmp_path: Path) -> None:
    certificate, key = tmp_path / "ca.pem", tmp_path / "ca-key.pem"
    authority, other = create_authority(NOW), create_authority(NOW)

    def words(certificate_pem: bytes, key_pem: bytes) -> str:
        certificate.write_bytes(certificate_pem)
        key.write_bytes(key_pem)
        with pytest.raises(ValueError, match=str(tmp_path)) as caught:
            load_authority(certificate, key)
        return str(caught.value)

    pem = authority.certificate_pem()
    assert words(pem, other.key_pem()) == f"{key}: not the key of {certificate}"
    assert words(pem, b"nothing") == f"{key}: not a private key in PEM"
    assert words(b"nothing", authority.key_pem()) == f"{certificate}: not a certificate in PEM"
    key.write_bytes(authority.key_pem())
    encrypted(key)
    assert "passphrase" in words(pem, key.read_bytes())
