"""Who asks, by what comes with the head and with the message; what is told to the next client."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ippgate.exchange.account import Account
from ippgate.exchange.addresses import Target, Token
from ippgate.exchange.identifying import authentication, believe, identify, owner_of_address
from ippgate.exchange.ports import DirectoryUnavailable, Head
from ippgate.exchange.refusal import Challenge, IppRefusal
from ippgate.exchange.request import understand
from ippgate.ipp.enums import Operation
from ippgate.policy.facts import METHODS
from tests.support.exchange_fakes import ALICE, PEER, FakeClock, Gate, request, run
from tests.support.policies import policy_of

CLOSED = """version: 1
rules:
  - name: people print
    who: authenticated
    operations: ["@print"]
    decision: permit
"""
OPEN = CLOSED.replace("authenticated", "anyone")
LAB = Target("lab-1")


@pytest.fixture
def gate() -> Gate:
    return Gate(policy_of(CLOSED))


def account() -> Account:
    return Account("r1", FakeClock().now(), 0.0, PEER, "revision")


def head(authorization: str | None = None) -> Head:
    headers = () if authorization is None else (("authorization", authorization),)
    return Head("POST", "/printers/lab-1", (1, 1), headers, 0)


def asked(gate: Gate, rules: str, given: Head, target: Target = LAB) -> tuple[object, Account]:
    noted = account()
    return run(identify(given, target, policy_of(rules), gate.edges, noted)), noted


def test_nobody_is_challenged_where_there_is_nothing_for_anybody(gate: Gate) -> None:
    with pytest.raises(Challenge):
        asked(gate, CLOSED, head())
    person, noted = asked(gate, OPEN, head())
    assert (person, noted.directory_seconds) == (None, None)


def test_where_claims_are_believed_the_message_is_still_to_be_read(gate: Gate) -> None:
    gate.identifier.believed = {PEER.address}

    assert asked(gate, CLOSED, head())[0] is None


def test_who_asks_is_noted(gate: Gate) -> None:
    person, noted = asked(gate, CLOSED, head("Basic alice"))
    assert person == noted.principal == ALICE
    assert noted.directory_seconds is not None


def test_why_credentials_are_refused_is_noted(gate: Gate) -> None:
    noted = account()
    with pytest.raises(Challenge):
        run(identify(head("Basic no"), LAB, policy_of(OPEN), gate.edges, noted))
    assert (noted.reason, noted.error, noted.claimed) == (
        *("authentication", "wrong password"),
        "mallory",
    )


def test_a_claim_that_cannot_be_looked_up_is_a_refusal_in_words(gate: Gate) -> None:
    gate.identifier.believed = {PEER.address}
    gate.identifier.error = DirectoryUnavailable("dc1 is down")
    print_job = understand(request(Operation.PRINT_JOB, user_name="alice"), LAB)

    with pytest.raises(IppRefusal, match="the directory does not answer") as caught:
        run(believe(print_job, gate.edges, account()))
    assert caught.value.detail == "dc1 is down"


def test_only_whose_address_it_is_reads_its_page(gate: Gate) -> None:
    own, other = Token("alices-own"), Token("other")
    assert run(owner_of_address("lab-1", own, gate.edges, account()))
    assert not run(owner_of_address("lab-1", other, gate.edges, account()))
    gate.identifier.error = DirectoryUnavailable("down")
    assert not run(owner_of_address("lab-1", own, gate.edges, account()))


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_has_its_keyword(gate: Gate, method: str) -> None:
    noted = account()
    noted.principal = replace(ALICE, method=method)
    keywords = {
        "basic": "basic",
        "certificate": "certificate",
        "negotiate": "negotiate",
        "network": "requesting-user-name",
        "token": "none",
    }
    assert authentication("lab-1", gate.edges, noted) == keywords[method]


def test_what_clients_that_said_nothing_are_told(gate: Gate) -> None:
    assert authentication("lab-1", gate.edges, account()) == "basic"
    gate.identifier.believed = {PEER.address}
    assert authentication("lab-1", gate.edges, account()) == "requesting-user-name"
