"""Which of the things that a request carries says who asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ippgate.exchange.ports import (
    CredentialsRefused,
    DirectoryUnavailable,
    Peer,
)
from ippgate.identity.state_file import StateFile
from tests.support.exchange_fakes import PEER, run
from tests.unit.identity.stage import ALICE, GOOD, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    state = StateFile(tmp_path)
    yield Stage(state)
    state.close()


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
