"""Kerberos tickets: what is one, whose it is, and keytabs that cannot be used."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from ippgate.exchange.ports import CredentialsRefused
from ippgate.identity.cache import CredentialCache
from ippgate.identity.lockout import at_once
from ippgate.identity.name_forms import NameForms
from ippgate.identity.negotiate import (
    NegotiateIdentifier,
    NegotiateUnusable,
    is_negotiate,
    ticket_acceptor,
)
from ippgate.identity.people import People
from ippgate.policy.facts import Principal
from tests.support.exchange_fakes import FakeClock, run
from tests.unit.identity.sources import FakeSource

TICKETS = {
    b"alice's": "alice@CORP.EXAMPLE.ORG",
    b"nobody's": "nobody@CORP.EXAMPLE.ORG",
    b"another realm's": "alice@EVIL.EXAMPLE",
    b"a service's": "HTTP/host@CORP.EXAMPLE.ORG",
    b"anonymous": "WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS",
    b"without a realm": "alice",
    b"odd": "alice\0@CORP.EXAMPLE.ORG",
}


def accept(token: bytes) -> str:
    if token not in TICKETS:
        raise CredentialsRefused("the ticket is refused: malformed")
    return TICKETS[token]


def identify(token: bytes | str) -> Principal:
    names = NameForms({"{username}@corp.example.org": "{username}"})
    people = People([FakeSource("ldap", {"alice": ""})], CredentialCache(300, 30, FakeClock()))
    text = token if isinstance(token, str) else base64.b64encode(token).decode()
    identifier = NegotiateIdentifier(accept, people, names, at_once)
    return run(identifier.identify(f"Negotiate {text}"))


def test_whose_ticket_it_is() -> None:
    assert identify(b"alice's") == Principal("alice", "ldap:alice", "negotiate")


@pytest.mark.parametrize(
    ("token", "words"),
    [
        (b"nobody's", "no such user"),
        (b"another realm's", "identity.names has no form"),
        (b"a service's", "no such user"),
        (b"anonymous", "identity.names has no form"),
        (b"without a realm", "no realm"),
        (b"odd", "control"),
        (b"forged", "is refused"),
        (b"NTLMSSP\0\1", "NTLM"),
        ("", "there is no ticket"),
        ("====", "base64"),
        ("A" * 70_000, "longer"),
    ],
)
def test_what_proves_nothing(token: bytes | str, words: str) -> None:
    with pytest.raises(CredentialsRefused, match=words):
        identify(token)


@pytest.mark.parametrize(
    ("header", "is_one"),
    [
        ("Negotiate abc", True),
        ("negotiate abc", True),
        ("Negotiate", True),
        ("Basic abc", False),
        ("NegotiateX abc", False),
        (" Negotiate abc", False),
        ("", False),
    ],
)
def test_the_scheme(header: str, is_one: bool) -> None:
    assert is_negotiate(header) is is_one


def test_keytabs_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    with pytest.raises(NegotiateUnusable, match=r"gone\.keytab: cannot be read"):
        ticket_acceptor(tmp_path / "gone.keytab")
    nonsense = tmp_path / "nonsense.keytab"
    nonsense.write_bytes(b"nothing of the kind")
    with pytest.raises(NegotiateUnusable, match=r"nonsense\.keytab: no keytab"):
        ticket_acceptor(nonsense)
