"""Who is asking, by HTTP Basic: the header, the cache, then the sources in turn."""

from __future__ import annotations

from collections.abc import Sequence

from ippgate.exchange.ports import CredentialsRefused, DirectoryUnavailable, Meter, Peer
from ippgate.identity.basic import challenge, parse
from ippgate.identity.cache import Answer, CredentialCache, Refusal
from ippgate.identity.lockout import Lockout
from ippgate.identity.source import Source
from ippgate.policy.facts import Principal

METHOD = "basic"


class BasicIdentifier:
    """Implements the port Identifier."""

    def __init__(
        self,
        realm: str,
        sources: Sequence[Source],
        cache: CredentialCache,
        meter: Meter,
        lockout: Lockout | None = None,
    ) -> None:
        """``sources``: the next one is asked only when the one before does not know the name."""
        self._challenges = (challenge(realm),)
        self._sources = tuple(sources)
        self._cache = cache
        self._meter = meter
        self._lockout = lockout

    @property
    def challenges(self) -> Sequence[str]:
        """See Identifier.challenges."""
        return self._challenges

    async def identify(self, authorization: str, peer: Peer) -> Principal:
        """See Identifier.identify."""
        try:
            credentials = parse(authorization)
        except CredentialsRefused as error:
            self._meter.authenticated(method=METHOD, outcome=error.outcome)
            raise
        username, password = credentials.username, credentials.password
        answer = self._cache.known(username, password)
        if answer is None:
            self._refuse_if_locked(username, peer)
            try:
                answer = await self._cache.answer(
                    username, password, lambda: self._ask(username, password, peer)
                )
            except DirectoryUnavailable:
                self._meter.authenticated(method=METHOD, outcome="unavailable")
                raise
        if isinstance(answer, Refusal):
            self._meter.authenticated(method=METHOD, outcome=answer.outcome)
            raise CredentialsRefused(answer.reason, outcome=answer.outcome, claimed=username)
        self._meter.authenticated(method=METHOD, outcome="accepted")
        return answer

    def _refuse_if_locked(self, username: str, peer: Peer) -> None:
        locked = None if self._lockout is None else self._lockout.locked(username, peer.address)
        if locked is not None:
            self._meter.authenticated(method=METHOD, outcome="locked")
            raise CredentialsRefused(locked, outcome="locked", claimed=username)

    async def _ask(self, username: str, password: str, peer: Peer) -> Answer:
        if self._lockout is None:
            return await self._ask_sources(username, password)
        self._lockout.asked(username, peer.address)
        try:
            answer = await self._ask_sources(username, password)
        except DirectoryUnavailable:
            self._lockout.unanswered(username, peer.address)
            raise
        if isinstance(answer, Principal):
            self._lockout.accepted(username, peer.address)
        return answer

    async def _ask_sources(self, username: str, password: str) -> Answer:
        for source in self._sources:
            try:
                principal = await source.verify(username, password)
            except CredentialsRefused as error:
                return Refusal(str(error), error.outcome)
            if principal is not None:
                return principal
        return Refusal("no such user", "refused")
