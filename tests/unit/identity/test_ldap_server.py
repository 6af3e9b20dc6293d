"""Addresses of directory servers."""

import pytest

from ippgate.identity.ldap_server import LdapServer


@pytest.mark.parametrize(
    ("uri", "server", "label"),
    [
        (
            "ldaps://dc1.example.org",
            LdapServer("dc1.example.org", 636, True),
            "dc1.example.org:636",
        ),
        (
            "ldap://DC1.example.org/",
            LdapServer("dc1.example.org", 389, False),
            "dc1.example.org:389",
        ),
        ("ldaps://[2001:db8::1]:1636", LdapServer("2001:db8::1", 1636, True), "[2001:db8::1]:1636"),
    ],
)
def test_addresses(uri: str, server: LdapServer, label: str) -> None:
    parsed = LdapServer.parse(uri)

    assert parsed == server
    assert parsed.label == label


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "dc1.example.org",
        "https://dc1.example.org",
        "ldaps://",
        "ldaps://:636",
        "ldaps://dc1.example.org:0",
        "ldaps://dc1.example.org:99999",
        "ldaps://dc1.example.org:x",
        "ldaps://dc1 .example.org",
        "ldaps://[::1",
        "ldaps://dc1.example.org/dc=example,dc=org",
        "ldaps://dc1.example.org?uid",
        "ldaps://cn=x:secret@dc1.example.org",
    ],
)
def test_addresses_that_are_none(uri: str) -> None:
    with pytest.raises(ValueError, match=r"\w+") as caught:
        LdapServer.parse(uri)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("uri", "loopback"),
    [
        ("ldap://localhost", True),
        ("ldap://127.0.0.9", True),
        ("ldap://[::1]", True),
        ("ldap://localhost.example.org", False),
        ("ldap://127.0.0.1.example.org", False),
        ("ldap://192.0.2.1", False),
    ],
)
def test_loopback(uri: str, loopback: bool) -> None:
    assert LdapServer.parse(uri).is_loopback is loopback
