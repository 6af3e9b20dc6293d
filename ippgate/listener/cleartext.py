"""What a client is told that speaks HTTP in the clear: 426, or TLS on the same connection (RFC
2817).

Nothing is served here, and no body is read. CUPS clients that are told to encrypt send
``OPTIONS *`` with ``Upgrade: TLS/1.2``, hear 101, shake hands, and read the answer to it over TLS.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from twisted.internet.interfaces import IReactorTime, ITCPTransport
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure

from ippgate.exchange.ports import Answer, Head
from ippgate.listener.answer import head_of, in_words
from ippgate.listener.deadline import Deadline
from ippgate.listener.limits import DRAIN_OCTETS, Deadlines
from ippgate.listener.syntax import BadRequest, RequestParser

UPGRADE = (("Upgrade", "TLS/1.2,HTTP/1.1"), ("Connection", "Upgrade"))
SWITCHING = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.2, HTTP/1.1\r\nConnection: Upgrade\r\n\r\n"
)
_WORDS = "This port speaks TLS: use ipps:// or https:// instead of ipp:// or http://."
_TLS = re.compile(r"(?:^|,)\s*TLS/1\.[0-3]\s*(?:,|$)", re.IGNORECASE)
_NOBODY = Head("GET", "/", (1, 1), (), 0)


class CleartextConnection(Protocol):
    """Hears one request and ends, or hands the transport to ``begin_tls``: called with the octets
    that followed the request."""

    transport: ITCPTransport

    def __init__(
        self,
        clock: IReactorTime,
        deadlines: Deadlines,
        begin_tls: Callable[[bytes], None],
        lost: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._deadlines = deadlines
        self._begin_tls = begin_tls
        self._lost = lost
        self._deadline = Deadline(clock, self._missed)
        self._parser = RequestParser(self)
        self._upgrading = False
        self._answered = False
        self._drained = 0

    def connectionMade(self) -> None:
        self._deadline.set("head", self._deadlines.head)

    def dataReceived(self, data: bytes) -> None:
        if self._answered:
            self._drained += len(data)
            if self._drained > DRAIN_OCTETS:
                self.transport.abortConnection()
            return
        try:
            rest = self._parser.feed(data)
        except BadRequest as refused:
            if not self._answered:
                self._answer(in_words(refused.status, refused.words))
            return
        if self._upgrading:
            self._deadline.stop()
            self.transport.write(SWITCHING)
            self._begin_tls(rest)

    def connectionLost(self, reason: Failure | None = None) -> None:  # noqa: ARG002 - Twisted's
        self._deadline.stop()
        self._lost()

    def head_parsed(self, head: Head, keep_alive: bool, upgrade: bool) -> None:  # noqa: ARG002
        """The request is complete enough: it is not served, whatever it asks for."""
        offered = ", ".join(head.values("upgrade"))
        if self._answered or self._upgrading:
            return
        if upgrade and head.method == "OPTIONS" and _TLS.search(offered):
            self._upgrading = True
        else:
            words = f"{_WORDS}\n".encode()
            self._answer(Answer(426, (*UPGRADE, ("Content-Type", "text/plain")), words, close=True))

    def body_parsed(self, octets: bytes) -> None:
        """Discarded."""

    def message_parsed(self) -> None:
        """Nothing follows that would be answered."""

    def _answer(self, answer: Answer) -> None:
        self._answered = True
        assert isinstance(answer.body, bytes)
        now = datetime.fromtimestamp(self._clock.seconds(), UTC)
        close = "connection" not in {name.lower() for name, _ in answer.headers}
        self.transport.write(head_of(answer, _NOBODY, close=close, now=now) + answer.body)
        self._deadline.set("drain", self._deadlines.drain)
        self.transport.loseWriteConnection()

    def _missed(self, name: str) -> None:
        if name == "head" and not self._answered:
            self._answer(in_words(408, "The head of the request took too long"))
        else:
            self.transport.abortConnection()
