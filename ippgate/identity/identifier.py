"""Who is asking, by HTTP Basic: the header, the forms of names, the cache, then the sources."""

from __future__ import annotations

from collections.abc import Sequence

from ippgate.exchange.ports import CredentialsRefused, DirectoryUnavailable, Meter, Peer
from ippgate.identity.basic import challenge, parse
from ippgate.identity.cache import Answer, CredentialCache, Refusal
from ippgate.identity.lockout import Lockout
from ippgate.identity.name_forms import NameForms
from ippgate.identity.people import People
from ippgate.policy.facts import Principal

METHOD = "basic"


class BasicIdentifier:
    """From the header Authorization to a person."""

    def __init__(
        self,
        realm: str,
        people: People,
        cache: CredentialCache,
        meter: Meter,
        lockout: Lockout | None = None,
        names: NameForms | None = None,
    ) -> None:
        self._challenges = (challenge(realm),)
        self._people = people
        self._cache = cache
        self._meter = meter
        self._lockout = lockout
        self._names = names or NameForms({})

    @property
    def challenges(self) -> Sequence[str]:
        """See Identifier.challenges."""
        return self._challenges

    async def identify(self, authorization: str, peer: Peer) -> Principal:
        """Whose credentials they are. Raises CredentialsRefused, DirectoryUnavailable."""
        try:
            principal = await self._identify(authorization, peer)
        except CredentialsRefused as error:
            self._meter.authenticated(method=METHOD, outcome=error.outcome)
            raise
        except DirectoryUnavailable:
            self._meter.authenticated(method=METHOD, outcome="unavailable")
            raise
        outcome = "stale" if principal.stale else "accepted"
        self._meter.authenticated(method=METHOD, outcome=outcome)
        return principal

    async def _identify(self, authorization: str, peer: Peer) -> Principal:
        credentials = parse(authorization)
        typed, password = credentials.username, credentials.password
        username = self._names.asked(typed)
        answer = self._cache.known(username, password)
        if answer is None:
            answer = await self._cache.answer(
                username, password, ask=lambda: self._ask(username, password, peer)
            )
        if isinstance(answer, Refusal):
            raise CredentialsRefused(answer.reason, outcome=answer.outcome, claimed=typed)
        return answer

    async def _ask(self, username: str, password: str, peer: Peer) -> Answer:
        lockout = self._lockout
        if lockout is None:
            return await self._people.verify(username, password)
        await lockout.begin(username, peer.address)
        try:
            answer = await self._people.verify(username, password)
        except DirectoryUnavailable:
            await lockout.unanswered(username, peer.address)
            raise
        if isinstance(answer, Principal):
            await lockout.accepted(username, peer.address)
        return answer
