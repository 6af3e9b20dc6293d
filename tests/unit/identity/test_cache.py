"""What is remembered about credentials, for how long, and what is not."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from ippgate.exchange.ports import DirectoryUnavailable
from ippgate.identity.cache import Answer, CredentialCache, Refusal
from ippgate.policy.facts import Principal
from tests.support.exchange_fakes import FakeClock, run

ALICE = Principal("alice", "id-alice", "basic")
WRONG = Refusal("wrong password", "refused")


class Directory:
    """Answers at once what it was told to, or raises it."""

    def __init__(self) -> None:
        self.asked = 0
        self.says: Answer | Exception = ALICE

    async def __call__(self) -> Answer:
        self.asked += 1
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def directory() -> Directory:
    return Directory()


def test_right_credentials_are_asked_about_once_until_they_are_old(
    clock: FakeClock, directory: Directory
) -> None:
    cache = CredentialCache(300, 30, clock)

    for _ in range(3):
        assert run(cache.answer("alice", "secret", ask=directory)) is ALICE
    assert directory.asked == 1
    assert cache.known("alice", "secret") is ALICE

    clock.seconds += 301
    assert cache.known("alice", "secret") is None
    assert run(cache.answer("alice", "secret", ask=directory)) is ALICE
    assert directory.asked == 2


def test_wrong_credentials_are_remembered_for_their_own_time(
    clock: FakeClock, directory: Directory
) -> None:
    cache = CredentialCache(300, 30, clock)
    directory.says = WRONG

    for _ in range(1000):
        assert run(cache.answer("alice", "stale", ask=directory)) is WRONG
    assert directory.asked == 1

    clock.seconds += 31
    directory.says = ALICE
    assert run(cache.answer("alice", "stale", ask=directory)) is ALICE


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("alice", "secre"),
        ("alice", "secrets"),
        ("alice", "Secret"),
        ("alic", "esecret"),
        ("alices", "ecret"),
        ("", "alicesecret"),
        ("alicesecret", ""),
        ("5:alice", "secret"),
        ("ALICE", "secret"),
        ("bob", "secret"),
    ],
)
def test_nothing_else_passes_for_the_same_credentials(
    clock: FakeClock, directory: Directory, username: str, password: str
) -> None:
    cache = CredentialCache(300, 30, clock)
    run(cache.answer("alice", "secret", ask=directory))

    assert cache.known(username, password) is None


def test_a_time_of_zero_remembers_nothing(clock: FakeClock, directory: Directory) -> None:
    cache = CredentialCache(0, 0, clock)
    for says in (ALICE, WRONG):
        directory.says = says
        run(cache.answer("alice", "secret", ask=directory))
        assert cache.known("alice", "secret") is None


def test_a_directory_that_is_down_is_not_remembered(clock: FakeClock, directory: Directory) -> None:
    cache = CredentialCache(300, 30, clock)
    directory.says = DirectoryUnavailable("down")
    with pytest.raises(DirectoryUnavailable, match="down"):
        run(cache.answer("alice", "secret", ask=directory))

    directory.says = ALICE
    assert run(cache.answer("alice", "secret", ask=directory)) is ALICE


def test_credentials_proved_lately_are_honoured_while_no_server_answers(
    clock: FakeClock, directory: Directory
) -> None:
    cache = CredentialCache(300, 30, clock, stale_ttl=3600)
    run(cache.answer("alice", "secret", ask=directory))
    clock.seconds += 3500
    directory.says = DirectoryUnavailable("gone", unreachable=True)

    stale = run(cache.answer("alice", "secret", ask=directory))
    assert stale == replace(ALICE, stale=True)
    assert cache.known("alice", "secret") is None
    with pytest.raises(DirectoryUnavailable):
        run(cache.answer("alice", "other", ask=directory))
    # A server that answers, but not the question, is no outage.
    directory.says = DirectoryUnavailable("refuses the service account")
    with pytest.raises(DirectoryUnavailable):
        run(cache.answer("alice", "secret", ask=directory))
    directory.says = DirectoryUnavailable("gone", unreachable=True)
    clock.seconds += 200
    with pytest.raises(DirectoryUnavailable):
        run(cache.answer("alice", "secret", ask=directory))


def test_a_password_that_was_changed_is_not_honoured_in_an_outage(
    clock: FakeClock, directory: Directory
) -> None:
    cache = CredentialCache(10, 1, clock, stale_ttl=3600)
    run(cache.answer("alice", "old", ask=directory))
    clock.seconds += 20
    directory.says = WRONG
    run(cache.answer("alice", "old", ask=directory))
    clock.seconds += 20
    directory.says = DirectoryUnavailable("gone", unreachable=True)

    with pytest.raises(DirectoryUnavailable):
        run(cache.answer("alice", "old", ask=directory))


def test_nothing_is_honoured_in_an_outage_unless_it_is_asked_for(
    clock: FakeClock, directory: Directory
) -> None:
    cache = CredentialCache(300, 30, clock)
    run(cache.answer("alice", "secret", ask=directory))
    clock.seconds += 301
    directory.says = DirectoryUnavailable("gone", unreachable=True)

    with pytest.raises(DirectoryUnavailable):
        run(cache.answer("alice", "secret", ask=directory))


def test_guesses_do_not_push_out_the_right_ones(clock: FakeClock, directory: Directory) -> None:
    cache = CredentialCache(300, 30, clock, size=100)
    run(cache.answer("alice", "secret", ask=directory))
    directory.says = WRONG
    for guess in range(250):
        run(cache.answer("alice", str(guess), ask=directory))

    assert cache.known("alice", "secret") is ALICE
    remembered = [guess for guess in range(250) if cache.known("alice", str(guess)) is WRONG]
    assert remembered == list(range(150, 250))


def test_neither_names_nor_passwords_are_kept(clock: FakeClock, directory: Directory) -> None:
    cache = CredentialCache(300, 30, clock)
    run(cache.answer("carol-canary", "canary-secret", ask=directory))

    assert "canary" not in repr(vars(cache))


class InFlight(SynchronousTestCase):
    def setUp(self) -> None:
        self.cache = CredentialCache(300, 30, FakeClock())
        self.questions: list[Deferred[Answer]] = []

    def ask(self) -> Awaitable[Answer]:
        self.questions.append(Deferred())
        return self.questions[-1]

    def answer(self, password: str = "secret") -> Deferred[Answer]:
        ask: Callable[[], Awaitable[Answer]] = self.ask
        return Deferred.fromCoroutine(self.cache.answer("alice", password, ask=ask))

    def test_equal_questions_are_asked_once(self) -> None:
        waiting = [self.answer() for _ in range(5)]
        other = self.answer("other")

        assert len(self.questions) == 2
        self.questions[0].callback(ALICE)
        for answer in waiting:
            assert self.successResultOf(answer) is ALICE
        self.assertNoResult(other)  # type: ignore[no-untyped-call]
        self.questions[1].callback(WRONG)
        assert self.successResultOf(other) is WRONG

    def test_whoever_goes_away_takes_nobody_along(self) -> None:
        first, second = self.answer(), self.answer()
        first.cancel()
        self.failureResultOf(first)  # type: ignore[no-untyped-call]
        self.questions[0].callback(ALICE)

        assert self.successResultOf(second) is ALICE

    def test_a_failure_is_everybodys_and_then_forgotten(self) -> None:
        waiting = [self.answer() for _ in range(2)]
        self.questions[0].errback(DirectoryUnavailable("down"))

        for answer in waiting:
            self.failureResultOf(answer, DirectoryUnavailable)  # type: ignore[no-untyped-call]
        again = self.answer()
        assert len(self.questions) == 2
        self.questions[1].callback(ALICE)
        assert self.successResultOf(again) is ALICE

    def test_so_many_may_wait(self) -> None:
        waiting = [self.answer() for _ in range(2000)]

        self.failureResultOf(self.answer(), DirectoryUnavailable)  # type: ignore[no-untyped-call]
        self.questions[0].callback(ALICE)
        assert {self.successResultOf(answer) for answer in waiting} == {ALICE}
        assert self.successResultOf(self.answer()) is ALICE
