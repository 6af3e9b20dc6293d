"""What the exchange knows of its own gateway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ippgate.exchange.addresses import IPPS_PORT, PublicAddress, Token
from ippgate.exchange.ports import Head, Peer


@dataclass(frozen=True, slots=True)
class PrinterText:
    """How people know a printer: its title and where it stands."""

    title: str
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """What the exchange knows of its own gateway.

    ``public_name``: host or host:port that clients use. ``printers``: by name. ``record_queries``:
    whether permitted queries get a line in the trail. ``icon``: PNG octets.
    """

    public_name: str
    printers: Mapping[str, PrinterText]
    record_queries: bool = True
    icon: bytes = b""

    def public(self, peer: Peer, token: Token | None = None) -> PublicAddress:
        """Under which address this client knows the gateway; ``token``: of its own address."""
        return PublicAddress.parse(self.public_name, peer.local_port or IPPS_PORT, token)

    def hosts(self, head: Head) -> frozenset[str]:
        """Names that the gateway has in this request: the public one, and the one it was sent
        to."""
        names = [self.public_name, *head.values("host")]
        return frozenset(PublicAddress.parse(name, IPPS_PORT).host.lower() for name in names)
