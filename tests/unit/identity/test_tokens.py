"""Tokens: whose they are, until when, and at which printer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ippgate.exchange.ports import (
    CredentialsRefused,
    Evidence,
)
from ippgate.identity.state_file import StateFile
from tests.support.exchange_fakes import PEER
from tests.unit.identity.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    state = StateFile(tmp_path)
    yield Stage(state)
    state.close()


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
