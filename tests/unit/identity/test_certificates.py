"""Whom a client certificate stands for, and which stand for nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ippgate.exchange.ports import (
    ClientCertificate,
    CredentialsRefused,
)
from ippgate.identity.state_file import StateFile
from tests.unit.identity.stage import GOOD, Stage, certificate


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    state = StateFile(tmp_path)
    yield Stage(state)
    state.close()


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
