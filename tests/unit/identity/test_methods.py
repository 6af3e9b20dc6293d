"""Which of the things that a request carries says who asks."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from ippgate.exchange.ports import (
    ClientCertificate,
    CredentialsRefused,
    DirectoryUnavailable,
    Evidence,
    Peer,
    TlsFacts,
)
from ippgate.identity.cache import CredentialCache
from ippgate.identity.certificates import CertificateIdentifier
from ippgate.identity.identifier import BasicIdentifier
from ippgate.identity.lockout import at_once
from ippgate.identity.methods import Methods
from ippgate.identity.name_forms import NameForms
from ippgate.identity.people import People
from ippgate.identity.state_file import StateFile
from ippgate.identity.tokens import TokenIdentifier, TokenStore
from ippgate.policy.facts import Principal
from tests.support.exchange_fakes import PEER, FakeClock, FakeMeter, run
from tests.unit.identity.sources import FakeSource

NAMES = NameForms({r"PC-*\{username}": "{username}", "{username}@example.org": "{username}"})
ALICE = "Basic " + base64.b64encode(b"alice:secret").decode()


class CountingMeter(FakeMeter):
    def __init__(self) -> None:
        super().__init__()
        self.counted: list[tuple[str, str]] = []

    def authenticated(self, *, method: str, outcome: str) -> None:
        self.counted.append((method, outcome))


class Stage:
    def __init__(self, state: StateFile | None, kind: str = "mail", filter_: str | None = None):
        self.clock = FakeClock()
        self.meter = CountingMeter()
        self.source = FakeSource("ldap", {"alice": "secret", "bob": "secret"})
        cache = CredentialCache(300, 30, self.clock)
        people = People([self.source], cache)
        self.store = None if state is None else TokenStore(state)
        self.methods = Methods(
            BasicIdentifier("Lab", people, cache, self.meter, names=NAMES),
            people,
            NAMES,
            self.meter,
            tokens=None
            if self.store is None
            else TokenIdentifier(self.store, people, self.clock, at_once),
            certificates=CertificateIdentifier(people, NAMES, kind, filter_),
            networks={"lab-1": [ip_network("198.51.100.0/24"), ip_network("2001:db8::/32")]},
        )

    def identify(
        self,
        *,
        authorization: str | None = None,
        token: str | None = None,
        certificate: ClientCertificate | None = None,
        printer: str = "lab-1",
    ) -> Principal | None:
        tls = TlsFacts("TLSv1.3", "x", None, certificate)
        peer = replace(PEER, tls=tls)
        return run(self.methods.identify(Evidence(peer, printer, authorization, token)))

    def token(self, person: str = "alice", printer: str | None = None, days: float = 1) -> str:
        assert self.store is not None
        principal = Principal(person, f"ldap:{person}")
        now = self.clock.now().timestamp()
        token, _ = self.store.issue(principal, printer, now, days * 86_400)
        return token


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    state = StateFile(tmp_path)
    yield Stage(state)
    state.close()


def certificate(mistake: str | None = None, **names: tuple[str, ...]) -> ClientCertificate:
    return ClientCertificate("CN=somebody", "abc123", names, mistake)


GOOD = certificate(mail=("alice@example.org",))


def test_nothing_says_nothing(stage: Stage) -> None:
    assert stage.identify() is None
    assert stage.source.asked == []
    assert stage.meter.counted == []


def test_each_method_says_which_it_was(stage: Stage) -> None:
    people = [
        stage.identify(authorization=ALICE),
        stage.identify(token=stage.token()),
        stage.identify(certificate=GOOD),
        run(stage.methods.claimed("PC-9\\alice", PEER)),
    ]

    methods = ["basic", "token", "certificate", "network"]
    assert [person and (person.name, person.id) for person in people] == [
        ("alice", "ldap:alice")
    ] * 4
    assert [person and person.method for person in people] == methods
    assert stage.meter.counted == [(method, "accepted") for method in methods]


def test_a_token_counts_before_a_password_and_that_before_a_certificate(stage: Stage) -> None:
    bobs = stage.token("bob")
    by_token = stage.identify(token=bobs, authorization=ALICE, certificate=GOOD)
    assert by_token is not None
    assert by_token.name == "bob"
    with pytest.raises(CredentialsRefused):
        stage.identify(token="x" * 43, authorization=ALICE, certificate=GOOD)
    with pytest.raises(CredentialsRefused):
        stage.identify(authorization="Negotiate abc", certificate=GOOD)


def test_what_was_proved_once_is_not_another_methods(stage: Stage) -> None:
    for _ in range(2):
        by_certificate = stage.identify(certificate=GOOD)
        by_token = stage.identify(token=stage.token())
        assert by_certificate is not None
        assert by_token is not None
        assert (by_certificate.method, by_token.method) == ("certificate", "token")
    assert stage.source.asked == ["alice", "alice"]


# --- certificates --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (certificate("certificate revoked", mail=("alice@example.org",)), "certificate revoked"),
        (certificate(), "no single mail"),
        (certificate(upn=("alice@example.org",)), "no single mail"),
        (certificate(mail=("alice@example.org", "bob@example.org")), "no single mail"),
        (certificate(mail=("carol@example.org",)), "no such user"),
        (certificate(mail=("alice@example.net",)), "identity.names has no form"),
        (certificate(mail=(" alice@example.org",)), "white space"),
        (certificate(mail=("alice\0@example.org",)), "control"),
        (certificate(mail=("",)), "empty"),
    ],
)
def test_certificates_that_prove_nothing(
    stage: Stage, shown: ClientCertificate, words: str
) -> None:
    with pytest.raises(CredentialsRefused, match=words):
        stage.identify(certificate=shown)
    assert stage.meter.counted == [("certificate", "refused")]


def test_a_certificate_of_a_disabled_account(stage: Stage) -> None:
    stage.source.disabled.add("alice")
    with pytest.raises(CredentialsRefused, match="disabled"):
        stage.identify(certificate=GOOD)


def test_with_a_filter_the_name_is_asked_for_as_it_is() -> None:
    stage = Stage(None, "upn", "(userPrincipalName={username})")
    stage.source.people["alice@corp.example.net"] = ""
    person = stage.identify(certificate=certificate(upn=("alice@corp.example.net",)))

    assert person is not None
    assert person.credential == "abc123"
    assert stage.source.filters == ["(userPrincipalName={username})"]


# --- tokens --------------------------------------------------------------------------------------


def test_a_token_has_its_id_in_what_is_recorded(stage: Stage) -> None:
    token = stage.token()
    person = stage.identify(token=token)

    assert person is not None
    assert stage.store is not None
    (issued,) = stage.store.all()
    assert person.credential == issued.id
    assert token not in repr(person)
    assert token not in repr(issued)
    assert token not in repr(Evidence(PEER, "lab-1", token=token))


def test_a_revoked_token_is_refused_at_once(stage: Stage) -> None:
    token = stage.token()
    assert stage.identify(token=token) is not None
    assert stage.store is not None
    (issued,) = stage.store.all()

    assert stage.store.revoke(issued.id, stage.clock.now().timestamp())
    with pytest.raises(CredentialsRefused, match="is revoked") as caught:
        stage.identify(token=token)
    assert caught.value.claimed == "alice"
    assert not stage.store.revoke(issued.id, 0)
    assert not stage.store.revoke("nothing", 0)


def test_tokens_end(stage: Stage) -> None:
    token = stage.token(days=1)
    stage.clock.seconds += 86_401

    with pytest.raises(CredentialsRefused, match="has expired"):
        stage.identify(token=token)


def test_a_token_may_be_for_one_printer(stage: Stage) -> None:
    token = stage.token(printer="lab-1")

    assert stage.identify(token=token, printer="lab-1") is not None
    with pytest.raises(CredentialsRefused, match="is for the printer lab-1"):
        stage.identify(token=token, printer="lab-2")


@pytest.mark.parametrize("change", [str.swapcase, str.lower, lambda t: t[:-1], lambda t: t + "A"])
def test_anything_near_a_token_is_none(stage: Stage, change: object) -> None:
    assert callable(change)
    with pytest.raises(CredentialsRefused, match="no such token"):
        stage.identify(token=change(stage.token()))


def test_a_token_is_of_the_person_not_of_the_name(stage: Stage) -> None:
    token = stage.token()
    stage.source.ids["alice"] = "ldap:another-alice"
    with pytest.raises(CredentialsRefused, match="another person of that name"):
        stage.identify(token=token)
    del stage.source.people["alice"]
    stage.clock.seconds += 301
    with pytest.raises(CredentialsRefused, match="no such user"):
        stage.identify(token=token)


def test_without_a_state_file_there_are_no_tokens() -> None:
    with pytest.raises(CredentialsRefused, match="not configured"):
        Stage(None).identify(token="a" * 43)


# --- networks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "printer", "believed"),
    [
        ("198.51.100.7", "lab-1", True),
        ("198.51.101.7", "lab-1", False),
        ("198.51.100.7", "lab-2", False),
        ("::ffff:198.51.100.7", "lab-1", True),
        ("2001:db8::1", "lab-1", True),
        ("2001:db9::1", "lab-1", False),
        ("fe80::1%eth0", "lab-1", False),
        ("", "lab-1", False),
    ],
)
def test_where_names_are_believed(stage: Stage, address: str, printer: str, believed: bool) -> None:
    assert stage.methods.believes(Peer(address, 1, 631), printer) is believed


def test_a_name_that_nobody_knows_stands_for_itself(stage: Stage) -> None:
    person = run(stage.methods.claimed("Kiosk", PEER))

    assert (person.name, person.id, person.method) == ("Kiosk", "network:kiosk", "network")
    assert person.groups == frozenset()


def test_claims_that_are_not_believed_even_there(stage: Stage) -> None:
    stage.source.disabled.add("bob")
    for name in ("EVIL\\alice", " alice", "alice\0", "x" * 300, "bob"):
        with pytest.raises(CredentialsRefused):
            run(stage.methods.claimed(name, PEER))
    assert stage.meter.counted == [("network", "refused")] * 5


def test_a_directory_that_is_down_believes_nobody(stage: Stage) -> None:
    stage.source.down = True
    with pytest.raises(DirectoryUnavailable):
        run(stage.methods.claimed("alice", PEER))
    with pytest.raises(DirectoryUnavailable):
        stage.identify(certificate=GOOD)
    with pytest.raises(DirectoryUnavailable):
        stage.identify(token=stage.token())
    assert {outcome for _, outcome in stage.meter.counted} == {"unavailable"}
