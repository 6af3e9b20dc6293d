"""Who is asking, by whatever the request carries: the one place where methods are chosen among.

============================  =========================================================
what the request carries      what decides
============================  =========================================================
a token in its path           the token alone: the address is one person's own
the header Authorization      its scheme, if that is configured; anything else is refused
a client certificate          the certificate
nothing, from a network       the name that it claims, once its body is read
that is believed
============================  =========================================================
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, ip_address

from ippgate.exchange.ports import (
    CredentialsRefused,
    DirectoryUnavailable,
    Evidence,
    Meter,
    Peer,
)
from ippgate.identity.certificates import CertificateIdentifier
from ippgate.identity.identifier import BasicIdentifier
from ippgate.identity.name_forms import NameForms
from ippgate.identity.names import typed_mistake
from ippgate.identity.negotiate import SCHEME, NegotiateIdentifier, is_negotiate
from ippgate.identity.people import People
from ippgate.identity.tokens import TokenIdentifier
from ippgate.policy.facts import Principal

Networks = Sequence[IPv4Network | IPv6Network]
NETWORK = "network"


class Methods:
    """Implements the port Identifier. Methods that are None are not configured.

    ``networks``: by printer, from where claimed names are believed.
    """

    def __init__(
        self,
        basic: BasicIdentifier,
        people: People,
        names: NameForms,
        meter: Meter,
        *,
        tokens: TokenIdentifier | None = None,
        certificates: CertificateIdentifier | None = None,
        negotiate: NegotiateIdentifier | None = None,
        networks: Mapping[str, Networks] | None = None,
    ) -> None:
        self._basic = basic
        self._people = people
        self._names = names
        self._meter = meter
        self._tokens = tokens
        self._certificates = certificates
        self._negotiate = negotiate
        self._networks = networks or {}

    @property
    def challenges(self) -> Sequence[str]:
        """See Identifier.challenges."""
        if self._negotiate is None:
            return self._basic.challenges
        # Clients take the first that they can: whoever has a ticket is not asked for a password.
        return (SCHEME, *self._basic.challenges)

    async def identify(self, evidence: Evidence) -> Principal | None:
        """See Identifier.identify."""
        peer = evidence.peer
        if evidence.token is not None:
            return await self._counted("token", self._by_token(evidence.token, evidence.printer))
        if evidence.authorization is not None:
            if self._negotiate is not None and is_negotiate(evidence.authorization):
                answer = self._negotiate.identify(evidence.authorization)
                return await self._counted("negotiate", answer)
            return await self._basic.identify(evidence.authorization, peer)
        if self._certificates is not None and peer.tls is not None and peer.tls.client is not None:
            shown = peer.tls.client
            return await self._counted("certificate", self._certificates.identify(shown))
        return None

    def believes(self, peer: Peer, printer: str) -> bool:
        """See Identifier.believes."""
        networks = self._networks.get(printer)
        if not networks:
            return False
        try:
            address = ip_address(peer.address.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in network for network in networks)

    async def claimed(self, name: str, peer: Peer) -> Principal:  # noqa: ARG002 - the port's
        """See Identifier.claimed."""
        return await self._counted(NETWORK, self._by_claim(name))

    async def _by_token(self, token: str, printer: str) -> Principal:
        if self._tokens is None:
            raise CredentialsRefused("addresses with tokens are not configured")
        return await self._tokens.identify(token, printer)

    async def _by_claim(self, name: str) -> Principal:
        mistake = typed_mistake(name)
        if mistake is not None:
            raise CredentialsRefused(mistake, claimed=name)
        asked = self._names.asked(name)
        principal = await self._people.look_up(asked, NETWORK)
        if principal is not None:
            return principal
        # Nobody's account: the name stands for itself, and for nobody that a source knows.
        return Principal(asked, f"{NETWORK}:{asked.casefold()}", NETWORK)

    async def _counted(self, method: str, answer: Awaitable[Principal]) -> Principal:
        try:
            principal = await answer
        except CredentialsRefused as error:
            self._meter.authenticated(method=method, outcome=error.outcome)
            raise
        except DirectoryUnavailable:
            self._meter.authenticated(method=method, outcome="unavailable")
            raise
        outcome = "stale" if principal.stale else "accepted"
        self._meter.authenticated(method=method, outcome=outcome)
        return replace(principal, method=method) if principal.method != method else principal
