"""One client connection: requests in, answers out, one at a time (RFC 9112).

    phase       what is awaited                  deadline missed
    ----------  -------------------------------  ------------------------------------------
    handshake   TLS                              closed
    idle        the next request's first octet   closed
    head        the rest of its head             408, closed
    attributes  the application reads them       the application hears ClientTooSlow
    rate        the document                     the application hears ClientTooSlow
    write       the client takes the answer      closed
    drain       what an early answer left over   closed

While a request is answered no further one is parsed: its octets are held, and the transport paused.
Requests that came in the same piece of octets wait their turn in a short queue.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from OpenSSL.SSL import Connection
from twisted.internet.interfaces import (
    IHandshakeListener,
    IPushProducer,
    IReactorTime,
    ITCPTransport,
)
from twisted.internet.protocol import Protocol
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from ippgate.exchange.ports import (
    Answer,
    Application,
    ClientGone,
    ClientTooSlow,
    Head,
    Peer,
    TlsFacts,
)
from ippgate.flow import Inflow, Outflow
from ippgate.listener.answer import CONTINUE, head_of, in_words
from ippgate.listener.body import RequestBody
from ippgate.listener.client_certificates import ClientTrust
from ippgate.listener.deadline import Deadline
from ippgate.listener.limits import DRAIN_OCTETS, PIPELINED, Deadlines
from ippgate.listener.request import Request
from ippgate.listener.syntax import BadRequest, RequestParser
from ippgate.listener.tls import tls_facts
from ippgate.listener.writer import AnswerWriter
from ippgate.spawn import Tasks

_log = Logger()
_NOBODY = Head("GET", "/", (1, 1), (), 0)


@implementer(IHandshakeListener)
class HttpConnection(Protocol):
    """Serves an application to one client; ``lost`` is called when the connection is over.

    ``upgraded``: the connection began in the clear, and the OPTIONS request that asked for TLS is
    answered as soon as TLS is there (RFC 2817 section 3.3). ``trust``: who judges client
    certificates, where they are asked for.
    """

    transport: ITCPTransport

    def __init__(
        self,
        application: Application,
        clock: IReactorTime,
        deadlines: Deadlines,
        tasks: Tasks,
        lost: Callable[[HttpConnection], None],
        *,
        upgraded: bool = False,
        trust: ClientTrust | None = None,
    ) -> None:
        self._lost = lost
        self._trust = trust
        self._application = application
        self._deadlines = deadlines
        self._tasks = tasks
        self._upgraded = upgraded
        self._clock = clock
        self._parser = RequestParser(self)
        self._deadline = Deadline(clock, self._missed)
        self._queue: deque[Request] = deque()
        self._parsing: Request | None = None
        self._current: Request | None = None
        self._held: list[bytes] = []
        self._paused = False
        self._drained = 0
        self._ending = False
        self._closing = False
        self._gone = False
        self._last = False
        self._peer: Peer | None = None
        self._outflow: Outflow | None = None
        self._writer: AnswerWriter

    # --- from Twisted ---------------------------------------------------------------------------

    def connectionMade(self) -> None:
        self.transport.setTcpNoDelay(True)
        self._outflow = Outflow(self.transport)
        self._writer = AnswerWriter(self._outflow, self._deadline, self._deadlines.write)
        if isinstance(self.transport, TLSMemoryBIOProtocol):
            self._deadline.set("handshake", self._deadlines.handshake)
        else:
            self._deadline.set("idle", self._deadlines.idle)

    def handshakeCompleted(self) -> None:
        """TLS is there."""
        self._deadline.set("idle", self._deadlines.head)
        if self._upgraded:
            answer = Answer(200, (("Allow", "OPTIONS, GET, POST"),))
            self.transport.write(head_of(answer, _NOBODY, close=False, now=self._now()))

    def dataReceived(self, data: bytes) -> None:
        if self._gone:
            return
        if self._ending:
            self._drain(data)
            return
        parsing = self._parsing
        if parsing is None and (self._current is not None or self._held):
            self._hold(data)
            return
        if parsing is None and self._deadline.name != "head":
            # Set once for a head, however many pieces it comes in.
            self._deadline.set("head", self._deadlines.head)
        self._parse(data)

    def connectionLost(self, reason: Failure | None = None) -> None:  # noqa: ARG002 - Twisted's
        self._gone = True
        self._lost(self)
        self._deadline.stop()
        error = ClientGone("the client ended the connection")
        if self._outflow is not None:
            self._outflow.fail(error)
        for request in (self._current, self._parsing, *self._queue):
            if request is not None and request.body is not None and not request.body.complete:
                request.body.fail(error)
        self._queue.clear()
        self._held.clear()

    # --- what the parser tells ------------------------------------------------------------------

    def head_parsed(self, head: Head, keep_alive: bool, upgrade: bool) -> None:
        """A head is complete."""
        if self._ending:
            raise BadRequest(400, "No further request is taken on this connection")
        if upgrade:
            raise BadRequest(400, "Nothing to upgrade to on this connection")
        if len(self._queue) >= PIPELINED:
            raise BadRequest(400, "Too many requests before the first was answered")
        if self._deadline.name == "head":
            self._deadline.clear()
        inflow = Inflow(self._pause, self._resume)
        body = RequestBody(head, inflow, self._deadline, self._deadlines, self._continue)
        self._parsing = Request(head, keep_alive, body)
        self._queue.append(self._parsing)

    def body_parsed(self, octets: bytes) -> None:
        """Octets of the body that is being parsed."""
        assert self._parsing is not None
        assert self._parsing.body is not None
        self._parsing.body.push(octets)

    def message_parsed(self) -> None:
        """The request that is being parsed is complete."""
        assert self._parsing is not None
        assert self._parsing.body is not None
        self._parsing.body.end()
        self._parsing = None
        if self._ending:
            self._close()

    # --- requests -------------------------------------------------------------------------------

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed(data)
        except BadRequest as refused:
            self._refuse(refused)
        self._next()

    def _refuse(self, refused: BadRequest) -> None:
        """What came is no request. Those before it are answered first."""
        self._last = True
        parsing, self._parsing = self._parsing, None
        if parsing is None or parsing.body is None:
            self._queue.append(Request(_NOBODY, False, None, refused))
        elif parsing is self._current or parsing in self._queue:
            parsing.refused = refused
            parsing.body.fail(ClientGone(refused.words))
        else:
            self._end()

    def _next(self) -> None:
        """Begins to answer the next request, when none is being answered."""
        if self._current is not None or self._gone or self._ending:
            return
        if self._queue:
            self._current = self._queue.popleft()
            self._tasks.spawn(self._answer(self._current), "answering a request")
        elif self._held:
            held = b"".join(self._held)
            self._held.clear()
            self._resume()
            self._deadline.set("head", self._deadlines.head)
            self._parse(held)
        elif self._parsing is None and self._last:
            self._end()
        elif self._parsing is None and self._deadline.name != "head":
            self._deadline.set("idle", self._deadlines.idle)

    async def _answer(self, request: Request) -> None:
        try:
            close = await self._answered(request)
        except ClientGone:
            self._abort()
            return
        except Exception:
            self._abort()
            raise
        if close:
            self._end()
            return
        self._resume()
        if request.body is not None and not request.body.complete:
            self._deadline.set("drain", self._deadlines.drain)
        self._current = None
        self._next()

    async def _answered(self, request: Request) -> bool:
        """Answers; whether the connection ends with it. Raises ClientGone."""
        answer = await self._asked(request)
        if request.refused is not None and isinstance(answer.body, bytes):
            answer = in_words(request.refused.status, request.refused.words)
        body, head = request.body, request.head
        if body is not None:
            body.discard()
        told_by_closing = head.version == (1, 0) and not isinstance(answer.body, bytes)
        close = answer.close or told_by_closing or not request.keepable or self._nothing_follows()
        await self._writer.write(answer, head, close=close, now=self._now())
        # While that was written the client may have sent nonsense, or the listener been stopped.
        return close or self._nothing_follows()

    def _nothing_follows(self) -> bool:
        return self._last and not self._queue

    async def _asked(self, request: Request) -> Answer:
        """The application's answer; 500 when it fails, which is a defect. It does not hear of a
        request that is known not to be one."""
        if request.body is None or request.refused is not None:
            return in_words(400, "This is not a request")
        try:
            return await self._application(request.head, request.body, self._who())
        except Exception:  # noqa: BLE001 - whatever it is, this client is told and it is logged
            if not request.malformed and not self._gone:
                _log.failure("The application failed")
            return in_words(500, "The gateway failed to answer. Its log says why.")

    # --- the end --------------------------------------------------------------------------------

    def stop(self) -> None:
        """No further request is taken: an idle connection ends now, another one after its
        answer."""
        self._last = True
        if self._current is None and self._parsing is None and not self._gone:
            self._end()

    def _end(self) -> None:
        """Ends in good order: what the client still sends is discarded for a while."""
        current = self._current
        self._ending = True
        self._held.clear()
        self._resume()
        body = current.body if current is not None and not current.malformed else None
        if body is None or body.complete:
            self._close()
        else:
            self._deadline.set("drain", self._deadlines.drain)

    def _drain(self, data: bytes) -> None:
        """Octets that no application reads any more. Where they end the connection can, too."""
        self._drained += len(data)
        if self._drained > DRAIN_OCTETS:
            # The answer is long out, and closing in good order would read on: this ends it.
            self._abort()
            return
        if self._closing or self._parsing is None:
            return
        try:
            self._parser.feed(data)
        except BadRequest:
            self._close()

    def _close(self) -> None:
        if self._gone or self._closing:
            return
        self._closing = True
        self._deadline.set("close", self._deadlines.drain)
        if self._outflow is not None:
            self._outflow.release()
        self.transport.loseConnection()

    def _abort(self) -> None:
        if not self._gone:
            self.transport.abortConnection()

    def _missed(self, name: str) -> None:
        """A deadline passed: see the table at the top."""
        current = self._current
        body = current.body if current is not None else None
        if name == "rate" and body is not None:
            body.window_passed()
        elif name == "attributes" and body is not None:
            seconds = self._deadlines.attributes
            body.fail(ClientTooSlow(f"the attributes took more than {seconds:g} seconds"))
        elif name == "head":
            self._refuse(BadRequest(408, "The head of the request took too long"))
            self._next()
        elif name == "idle" or (name == "drain" and self._ending):
            self._ending = True
            self._close()
        else:
            self._abort()

    # --- small things ---------------------------------------------------------------------------

    def _continue(self) -> None:
        self.transport.write(CONTINUE)

    def _hold(self, data: bytes) -> None:
        self._held.append(data)
        self._pause()

    def _pause(self) -> None:
        if not self._paused and not self._gone:
            self._paused = True
            cast(IPushProducer, self.transport).pauseProducing()

    def _resume(self) -> None:
        if self._paused and not self._gone:
            self._paused = False
            cast(IPushProducer, self.transport).resumeProducing()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.seconds(), UTC)

    def _who(self) -> Peer:
        """The client, asked of the transport once; but its certificate may be revoked meanwhile."""
        if self._peer is None:
            peer, host = self.transport.getPeer(), self.transport.getHost()
            self._peer = Peer(peer.host, peer.port, host.port, self._tls())
        elif self._peer.tls is not None and self._peer.tls.client is not None:
            self._peer = replace(self._peer, tls=self._tls())
        return self._peer

    def _tls(self) -> TlsFacts | None:
        if not isinstance(self.transport, TLSMemoryBIOProtocol):
            return None
        connection: Connection = self.transport.getHandle()  # type: ignore[no-untyped-call]
        return tls_facts(connection, self._trust, self._now())
