"""How long, how much and how many: what one client can cost."""

from __future__ import annotations

import ipaddress
import resource
from collections import Counter
from dataclasses import dataclass

HEAD_OCTETS = 32 * 1024
"""Of a request's head: a Kerberos ticket in Authorization may take 16 KiB, the rest is small."""
HEADERS = 100
PIPELINED = 16
"""Requests that one delivery of octets may begin before the first is answered; no IPP client
does."""
CHUNK_OVERHEAD = 64
"""Octets a chunk may cost besides its data: size, CR LF, a short extension (RFC 9112 section
7.1)."""
OVERHEAD_ALLOWANCE = HEAD_OCTETS + 4096
"""Octets of a chunked message that are neither data nor chunk framing: its head, above all."""
KEEP_OCTETS = 64 * 1024
"""A body that an early answer did not wait for is read to its end, and the connection kept, when no
more than this is missing: clients send head and attributes in separate packets."""
DRAIN_OCTETS = 8 * 1024 * 1024
"""Octets discarded after an early answer, so that the client reads it rather than a reset."""
MARGIN_DESCRIPTORS = 100
"""File descriptors besides client connections: printers', directory's, files."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds. ``body_rate``: octets a second that a body must bring on average over ``window``;
    time in which the gateway itself did not read does not count."""

    handshake: float = 10.0
    head: float = 10.0
    idle: float = 60.0
    attributes: float = 20.0
    window: float = 10.0
    body_rate: int = 256
    write: float = 60.0
    drain: float = 5.0


@dataclass(frozen=True, slots=True)
class Caps:
    """Connections at a time: in all, and from one address (IPv6: from one /64)."""

    connections: int = 2000
    per_address: int = 200


class Census:
    """Counts open connections against the caps."""

    def __init__(self, caps: Caps) -> None:
        self._caps = caps
        self._by_network: Counter[str] = Counter()
        self.total = 0
        self.refused = 0

    def admit(self, address: str) -> bool:
        """Whether one more connection from there may open; counts it when it may."""
        network = network_of(address)
        if (
            self.total >= self._caps.connections
            or self._by_network[network] >= self._caps.per_address
        ):
            self.refused += 1
            return False
        self.total += 1
        self._by_network[network] += 1
        return True

    def leave(self, address: str) -> None:
        """A connection that was admitted has ended."""
        network = network_of(address)
        self.total -= 1
        self._by_network[network] -= 1
        if not self._by_network[network]:
            del self._by_network[network]


def network_of(address: str) -> str:
    """The address, or the /64 of an IPv6 address: one host has all of it."""
    if ":" not in address:
        return address
    try:
        parsed = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))


def short_of_descriptors(caps: Caps) -> str | None:
    """In words, when the process may not open as many files as the caps need; else None."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = caps.connections + MARGIN_DESCRIPTORS
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return None
    return (
        f"{caps.connections} connections need {needed} file descriptors, and this process may open "
        f"{soft}: raise LimitNOFILE (ulimit -n), or lower limits.connections"
    )
