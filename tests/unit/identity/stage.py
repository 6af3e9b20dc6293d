"""All methods around a source that answers at once."""

from __future__ import annotations

import base64
from dataclasses import replace
from ipaddress import ip_network

from ippgate.exchange.ports import (
    ClientCertificate,
    Evidence,
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


def certificate(mistake: str | None = None, **names: tuple[str, ...]) -> ClientCertificate:
    return ClientCertificate("CN=somebody", "abc123", names, mistake)


GOOD = certificate(mail=("alice@example.org",))
