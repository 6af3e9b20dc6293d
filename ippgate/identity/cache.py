"""Answers about credentials, remembered for a short time.

Neither names nor passwords are kept, only a keyed digest of both together; the key is made anew for
each process and never leaves it.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

from ippgate.exchange.ports import Clock, DirectoryUnavailable
from ippgate.policy.facts import Principal

SIZE = 10_000
"""Answers of each kind: some 5 MB. Who is pushed out is asked about again."""
MOST_WAITING = 2000
"""Requests that wait for answers already asked for; as many connections as there may be."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why credentials are wrong, for the trail."""

    reason: str
    outcome: str


Answer = Principal | Refusal
Kind = TypeVar("Kind", bound=Answer)


class CredentialCache:
    """What was answered about credentials, right and wrong ones apart: somebody who tries many
    wrong passwords cannot push out the right ones.

    ``ttl`` and ``negative_ttl``: seconds that right and wrong credentials are remembered; 0: not
    at all. ``stale_ttl``: seconds since they were proved in which right ones are honoured while
    the directory cannot be reached. ``size``: of each.

    Credentials are given as parts, such as name and password.
    """

    def __init__(
        self,
        ttl: float,
        negative_ttl: float,
        clock: Clock,
        size: int = SIZE,
        stale_ttl: float = 0.0,
    ) -> None:
        # Keyed once and copied for each use: a third of the time of hmac.digest.
        self._keyed = hmac.new(secrets.token_bytes(32), digestmod="sha256")
        self._monotonic = clock.monotonic
        self._accepted = _Remembered[Principal](ttl, size, max(ttl, stale_ttl))
        self._stale_ttl = stale_ttl
        self._refused = _Remembered[Refusal](negative_ttl, size)
        self._asked: dict[bytes, list[Deferred[Answer]]] = {}
        self._waiting = 0

    def known(self, *credentials: str) -> Answer | None:
        """What is remembered about these credentials."""
        return self._known(self._digest(credentials))

    async def answer(self, *credentials: str, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """What is remembered, or what ``ask`` gives.

        Equal credentials that come while ``ask`` runs wait for the same answer. It runs on when
        whoever asked first goes away. What it raises, such as DirectoryUnavailable, everybody who
        waits gets, and nothing is remembered; but when no server could be reached, credentials
        that were right not long ago may be honoured, and marked stale. Raises DirectoryUnavailable
        when too many wait.
        """
        digest = self._digest(credentials)
        known = self._known(digest)
        if known is not None:
            return known
        if self._waiting >= MOST_WAITING:
            raise DirectoryUnavailable("too many people wait to be identified")
        waiter: Deferred[Answer] = Deferred()
        waiters = self._asked.get(digest)
        if waiters is None:
            self._asked[digest] = [waiter]
            _start(self._ask(digest, ask))
        else:
            waiters.append(waiter)
        self._waiting += 1
        try:
            return await waiter
        finally:
            self._waiting -= 1

    def _digest(self, credentials: tuple[str, ...]) -> bytes:
        keyed = self._keyed.copy()
        # Each part's length goes first, so that no other parts read the same.
        keyed.update("".join(f"{len(part)}:{part}" for part in credentials).encode())
        return keyed.digest()

    def _known(self, digest: bytes) -> Answer | None:
        now = self._monotonic()
        return self._accepted.known(digest, now) or self._refused.known(digest, now)

    async def _ask(self, digest: bytes, ask: Callable[[], Awaitable[Answer]]) -> None:
        answer: Answer | None
        try:
            answer = await ask()
        except DirectoryUnavailable as error:
            answer = self._stale(digest) if error.unreachable else None
            if answer is None:
                self._raise(digest, error)
                return
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            self._raise(digest, error)
            return
        else:
            self._remember(digest, answer)
        for waiter in self._asked.pop(digest):
            if not waiter.called:
                waiter.callback(answer)

    def _remember(self, digest: bytes, answer: Answer) -> None:
        now = self._monotonic()
        if isinstance(answer, Refusal):
            # They may have been right once: that is over, should the directory fail, too.
            self._accepted.pop(digest, None)
            self._refused.put(digest, answer, now)
        else:
            self._accepted.put(digest, answer, now)

    def _stale(self, digest: bytes) -> Principal | None:
        if self._stale_ttl <= 0:
            return None
        principal = self._accepted.since(digest, self._monotonic() - self._stale_ttl)
        return None if principal is None else replace(principal, stale=True)

    def _raise(self, digest: bytes, error: Exception) -> None:
        for waiter in self._asked.pop(digest):
            if not waiter.called:
                waiter.errback(error)


class _Remembered(dict[bytes, tuple[float, Kind]]):
    """Answers of one kind with the times of their making, in the order of these times.

    ``ttl``: seconds that they hold; ``keep``: that they are kept.
    """

    def __init__(self, ttl: float, size: int, keep: float | None = None) -> None:
        super().__init__()
        self._ttl = ttl
        self._keep = ttl if keep is None else keep
        self._size = size

    def known(self, digest: bytes, now: float) -> Kind | None:
        """The answer, if it holds still."""
        entry = self.get(digest)
        return None if entry is None or entry[0] + self._ttl <= now else entry[1]

    def since(self, digest: bytes, earliest: float) -> Kind | None:
        """The answer, if it is not older than that."""
        entry = self.get(digest)
        return None if entry is None or entry[0] < earliest else entry[1]

    def put(self, digest: bytes, answer: Kind, now: float) -> None:
        """Remembers an answer; forgets those that are not kept any more, and the oldest if need
        be."""
        if self._keep <= 0:
            return
        self.pop(digest, None)
        while self:
            oldest = next(iter(self))
            if self[oldest][0] + self._keep > now and len(self) < self._size:
                break
            del self[oldest]
        self[digest] = (now, answer)


def _start(coroutine: Coroutine[Deferred[Any], Any, None]) -> None:
    """Runs a coroutine that raises nothing."""
    Deferred.fromCoroutine(coroutine)  # type: ignore[unused-awaitable]
