"""Who people are, by the sources in turn: with a password, or for a name that was proved
otherwise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from ippgate.exchange.ports import Clock, CredentialsRefused
from ippgate.identity.cache import Answer, CredentialCache, Refusal
from ippgate.identity.lockout import OUTCOME as LOCKED
from ippgate.identity.source import Source
from ippgate.policy.facts import Principal

NO_SUCH_USER = "no such user"


REFUSED_EVERY = 0.1
"""Seconds: a refused password is answered at a multiple of this from when it was asked about.

Directories take a few milliseconds longer for a wrong password than for somebody who does not
exist, however alike they are asked, and a file of accounts is asked about some of them only: who
measures must not learn which names exist."""

Pause = Callable[[float], Awaitable[None]]
"""Waits so many seconds."""


class People:
    """Asks the next source only when the one before does not know the name.

    ``pause`` None: refusals are answered as soon as they are known.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        cache: CredentialCache,
        clock: Clock | None = None,
        pause: Pause | None = None,
    ) -> None:
        self._sources = tuple(sources)
        self._cache = cache
        self._clock = clock
        self._pause = pause

    async def verify(self, username: str, password: str) -> Answer:
        """Whose password it is, or why not.

        Raises CredentialsRefused where the password was not even tried, DirectoryUnavailable.
        """
        if self._clock is None or self._pause is None:
            return await self._verify(username, password)
        began = self._clock.monotonic()
        try:
            answer = await self._verify(username, password)
        except CredentialsRefused:
            await self._pause(_rest(self._clock.monotonic() - began))
            raise
        if isinstance(answer, Refusal):
            await self._pause(_rest(self._clock.monotonic() - began))
        return answer

    async def _verify(self, username: str, password: str) -> Answer:
        for source in self._sources:
            try:
                principal = await source.verify(username, password)
            except CredentialsRefused as error:
                if error.outcome == LOCKED:
                    raise
                return Refusal(str(error), error.outcome)
            if principal is not None:
                return principal
        return Refusal(NO_SUCH_USER, "refused")

    async def look_up(
        self, username: str, method: str, filter_: str | None = None
    ) -> Principal | None:
        """The person of that name, identified by ``method``; None when no source knows it.

        What is found is remembered like credentials. Raises CredentialsRefused,
        DirectoryUnavailable.
        """
        key = ("look-up", method, username, filter_ or "")
        answer = self._cache.known(*key)
        if answer is None:
            answer = await self._cache.answer(
                *key, ask=lambda: self._look_up(username, method, filter_)
            )
        if isinstance(answer, Principal):
            return answer
        if answer.reason == NO_SUCH_USER:
            return None
        raise CredentialsRefused(answer.reason, outcome=answer.outcome, claimed=username)

    async def _look_up(self, username: str, method: str, filter_: str | None) -> Answer:
        for source in self._sources:
            try:
                principal = await source.look_up(username, filter_)
            except CredentialsRefused as error:
                return Refusal(str(error), error.outcome)
            if principal is not None:
                return replace(principal, method=method)
        return Refusal(NO_SUCH_USER, "refused")


def _rest(elapsed: float) -> float:
    """Seconds until the next multiple of REFUSED_EVERY."""
    return REFUSED_EVERY - elapsed % REFUSED_EVERY
