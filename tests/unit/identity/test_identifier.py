"""From an Authorization header to a person, with sources that answer at once."""

import base64

import pytest

from ippgate.exchange.ports import CredentialsRefused, DirectoryUnavailable
from ippgate.identity.cache import CredentialCache
from ippgate.identity.identifier import BasicIdentifier
from ippgate.identity.lockout import Lockout
from ippgate.identity.people import People
from ippgate.identity.tallies import MemoryTallies, Window
from ippgate.policy.facts import Principal
from tests.support.exchange_fakes import PEER, FakeClock, FakeMeter, run
from tests.unit.identity.sources import FakeSource


class CountingMeter(FakeMeter):
    def __init__(self) -> None:
        super().__init__()
        self.authentications: list[tuple[str, str]] = []

    def authenticated(self, *, method: str, outcome: str) -> None:
        self.authentications.append((method, outcome))


class Stage:
    def __init__(self, failures: int = 1_000_000) -> None:
        self.ldap = FakeSource("ldap", {"alice": "directory"})
        self.file = FakeSource("file", {"alice": "local", "carol": "local"})
        self.meter = CountingMeter()
        clock = FakeClock()
        cache = CredentialCache(300, 30, clock)
        self.identifier = BasicIdentifier(
            "Lab",
            People([self.ldap, self.file], cache),
            cache,
            self.meter,
            Lockout(failures, MemoryTallies(Window(120, 300)), clock),
        )

    def identify(self, username: str, password: str) -> Principal:
        token = base64.b64encode(f"{username}:{password}".encode()).decode()
        return run(self.identifier.identify(f"Basic {token}", PEER))


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_the_challenge_names_the_realm(stage: Stage) -> None:
    assert list(stage.identifier.challenges) == ['Basic realm="Lab", charset="UTF-8"']


def test_a_second_request_asks_nobody(stage: Stage) -> None:
    first = stage.identify("alice", "directory")

    assert first == Principal("alice", "ldap:alice")
    assert stage.identify("alice", "directory") is first
    assert stage.ldap.asked == ["alice"]
    assert stage.meter.authentications == [("basic", "accepted")] * 2


def test_a_wrong_password_is_final_and_the_next_source_is_not_asked(stage: Stage) -> None:
    for _ in range(3):
        with pytest.raises(CredentialsRefused, match="wrong password") as caught:
            stage.identify("alice", "local")
        assert caught.value.claimed == "alice"

    assert stage.ldap.asked == ["alice"]
    assert stage.file.asked == []
    assert stage.meter.authentications == [("basic", "refused")] * 3


def test_a_name_that_one_source_does_not_know_the_next_may(stage: Stage) -> None:
    assert stage.identify("carol", "local").id == "file:carol"
    assert stage.meter.authentications == [("basic", "accepted")]


def test_a_name_that_nobody_knows(stage: Stage) -> None:
    with pytest.raises(CredentialsRefused, match="no such user") as caught:
        stage.identify("mallory", "x")

    assert (caught.value.claimed, caught.value.outcome) == ("mallory", "refused")
    assert stage.meter.authentications == [("basic", "refused")]


def test_a_source_that_is_down_is_not_passed_over(stage: Stage) -> None:
    stage.ldap.down = True
    with pytest.raises(DirectoryUnavailable, match="ldap is down"):
        stage.identify("carol", "local")

    assert stage.file.asked == []
    assert stage.meter.authentications == [("basic", "unavailable")]
    stage.ldap.down = False
    assert stage.identify("carol", "local").name == "carol"


def test_credentials_that_could_never_be_right_reach_nobody(stage: Stage) -> None:
    for username, password in (("alice", ""), ("alice", "\0"), (" alice", "directory")):
        with pytest.raises(CredentialsRefused):
            stage.identify(username, password)

    assert stage.ldap.asked == stage.file.asked == []
    assert stage.meter.authentications == [("basic", "refused")] * 3


@pytest.mark.parametrize("scheme", ["Bearer", "Digest", "Negotiate", "NTLM", "Local", "PeerCred"])
def test_other_schemes_are_no_credentials(stage: Stage, scheme: str) -> None:
    token = base64.b64encode(b"alice:directory").decode()

    with pytest.raises(CredentialsRefused):
        run(stage.identifier.identify(f"{scheme} {token}", PEER))
    assert stage.ldap.asked == []


def test_guesses_reach_the_directory_a_few_times_only() -> None:
    stage = Stage(failures=5)
    stage.identify("alice", "directory")
    for guess in range(1000):
        with pytest.raises(CredentialsRefused):
            stage.identify("Alice" if guess % 2 else "alice", f"guess {guess}")

    assert len(stage.ldap.asked) == 1 + 5
    assert stage.meter.authentications[-1] == ("basic", "locked")
    # Whoever is known goes on.
    assert stage.identify("alice", "directory").name == "alice"


def test_a_stale_password_counts_once_while_it_is_remembered() -> None:
    stage = Stage(failures=2)
    for _ in range(10):
        with pytest.raises(CredentialsRefused, match="wrong password"):
            stage.identify("alice", "stale")

    assert stage.identify("alice", "directory").name == "alice"


def test_a_directory_that_is_down_locks_nobody() -> None:
    stage = Stage(failures=1)
    stage.ldap.down = True
    with pytest.raises(DirectoryUnavailable):
        stage.identify("alice", "directory")
    stage.ldap.down = False

    assert stage.identify("alice", "directory").name == "alice"
