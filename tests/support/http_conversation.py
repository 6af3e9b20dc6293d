"""One client of an HttpConnection, in memory and on a clock that stands still."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from twisted.internet.task import Clock

from ippgate.exchange.ports import Answer, Application, Body, Head, Peer
from ippgate.listener.http import HttpConnection
from ippgate.listener.limits import Deadlines
from ippgate.spawn import Tasks
from tests.support.transports import MemoryTransport

GET = b"GET / HTTP/1.1\r\nHost: gate\r\n\r\n"


def post(body: bytes = b"", *fields: str, target: str = "/printers/lab-1") -> bytes:
    """A request with Content-Length."""
    lines = [f"POST {target} HTTP/1.1", "Host: gate", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def post_head(*fields: str) -> bytes:
    """A request's head with the framing that ``fields`` give."""
    lines = ["POST /printers/lab-1 HTTP/1.1", "Host: gate", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


Script = Callable[[Head, Body, Peer], Awaitable[Answer]]


@dataclass
class Seen:
    """An application that reads everything and keeps it; ``script`` answers instead."""

    script: Script | None = None
    heads: list[Head] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    async def __call__(self, head: Head, body: Body, peer: Peer) -> Answer:
        self.heads.append(head)
        self.peers.append(peer)
        try:
            if self.script is not None:
                return await self.script(head, body, peer)
            whole = b""
            while octets := await body.read():
                whole += octets
        except Exception as error:
            self.errors.append(error)
            raise
        self.bodies.append(whole)
        return Answer(200, (), b"served %d" % len(self.bodies))


class Conversation:
    """``transport`` is the client's end."""

    def __init__(self, application: Application, deadlines: Deadlines | None = None) -> None:
        self.clock = Clock()
        self.tasks = Tasks()
        self.lost: list[HttpConnection] = []
        self.connection = HttpConnection(
            application, self.clock, deadlines or Deadlines(), self.tasks, self.lost.append
        )
        self.transport = MemoryTransport(self.connection)
        self.connection.makeConnection(self.transport)  # type: ignore[no-untyped-call]

    def send(self, octets: bytes) -> bytes:
        """What the gate says to it at once."""
        self.transport.deliver(octets)
        return self.transport.take()

    def send_each(self, octets: bytes) -> bytes:
        """Octet by octet, until the connection is closing."""
        for number in range(len(octets)):
            if self.transport.closing():
                break
            self.transport.deliver(octets[number : number + 1])
        return self.transport.take()

    def wait(self, seconds: float) -> bytes:
        """Time passes; what is said meanwhile."""
        self.clock.advance(seconds)
        return self.transport.take()

    def over(self) -> bool:
        """Whether the gate ends the connection."""
        return self.transport.closing()


def statuses(octets: bytes) -> list[int]:
    """Status codes of the answers in a stream, in order."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", octets)]


def bodies(octets: bytes) -> Sequence[bytes]:
    """What follows each head."""
    return [part.partition(b"\r\n\r\n")[2] for part in octets.split(b"HTTP/1.1 ")[1:]]
