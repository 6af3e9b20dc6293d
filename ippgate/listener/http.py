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
from dataclasses import dataclass
from datetime import UTC, datetime

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
from ippgate.listener.answer import CONTINUE, LAST_CHUNK, chunk, has_body, head_of, in_words
from ippgate.listener.body import RequestBody
from ippgate.listener.deadline import Deadline
from ippgate.listener.limits import DRAIN_OCTETS, KEEP_OCTETS, PIPELINED, Deadlines
from ippgate.listener.syntax import BadRequest, RequestParser
from ippgate.listener.tls import peer_subject
from ippgate.spawn import Tasks

_log = Logger()
_NOBODY = Head("GET", "/", (1, 1), (), 0)


@dataclass(slots=True)
class _Request:
    """A request that was parsed as far as it came; ``refused`` when its octets were no request."""

    head: Head
    keep_alive: bool
    body: RequestBody | None
    refused: BadRequest | None = None


@implementer(IHandshakeListener)
class HttpConnection(Protocol):
    """Serves an application to one client; ``lost`` is called when the connection is over.

    ``upgraded``: the connection began in the clear, and the OPTIONS request that asked for TLS is
    answered as soon as TLS is there (RFC 2817 section 3.3).
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
    ) -> None:
        self._lost = lost
        self._application = application
        self._deadlines = deadlines
        self._tasks = tasks
        self._upgraded = upgraded
        self._clock = clock
        self._parser = RequestParser(self)
        self._deadline = Deadline(clock, self._missed)
        self._queue: deque[_Request] = deque()
        self._parsing: _Request | None = None
        self._current: _Request | None = None
        self._held: list[bytes] = []
        self._paused = False
        self._drained = 0
        self._ending = False
        self._closing = False
        self._gone = False
        self._last = False
        self._peer: Peer | None = None
        self._outflow: Outflow | None = None

    # --- from Twisted ---------------------------------------------------------------------------

    def connectionMade(self) -> None:
        self.transport.setTcpNoDelay(True)
        self._outflow = Outflow(self.transport)
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
            self._drain(len(data))
            return
        parsing = self._parsing
        if parsing is None and (self._current is not None or self._held):
            self._hold(data)
            return
        if parsing is None:
            self._deadline.set("head", self._deadlines.head)
        self._parse(data)

    def connectionLost(self, reason: Failure | None = None) -> None:  # noqa: ARG002 - Twisted's
        self._gone = True
        self._lost(self)
        self._deadline.stop()
        error = ClientGone("the client ended the connection")
        for request in (self._current, self._parsing, *self._queue):
            if request is not None and request.body is not None and not request.body.complete:
                request.body.fail(error)
        self._queue.clear()
        self._held.clear()
        if self._outflow is not None:
            self._outflow.fail(error)

    # --- what the parser tells ------------------------------------------------------------------

    def head_parsed(self, head: Head, keep_alive: bool, upgrade: bool) -> None:
        """A head is complete."""
        if upgrade:
            raise BadRequest(400, "Nothing to upgrade to on this connection")
        if len(self._queue) >= PIPELINED:
            raise BadRequest(400, "Too many requests before the first was answered")
        self._deadline.clear()
        inflow = Inflow(self._pause, self._resume)
        body = RequestBody(head, inflow, self._deadline, self._deadlines, self._continue)
        self._parsing = _Request(head, keep_alive, body)
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
            self._queue.append(_Request(_NOBODY, False, None, refused))
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
        elif self._parsing is None and self._deadline.name != "head":
            self._deadline.set("idle", self._deadlines.idle)

    async def _answer(self, request: _Request) -> None:
        answer = await self._asked(request)
        if request.refused is not None:
            answer = in_words(request.refused.status, request.refused.words)
        if self._gone:
            return
        body = request.body
        close = answer.close or self._last or not request.keep_alive or not _keepable(body)
        if body is not None:
            body.discard()
        try:
            await self._write(answer, request.head, close)
        except ClientGone:
            return
        if close:
            self._end()
            return
        self._resume()
        if body is not None and not body.complete:
            self._deadline.set("drain", self._deadlines.drain)
        self._current = None
        self._next()

    async def _asked(self, request: _Request) -> Answer:
        """The application's answer; 500 when it fails, which is a defect."""
        if request.body is None:
            return in_words(400, "")
        try:
            return await self._application(request.head, request.body, self._who())
        except Exception:  # noqa: BLE001 - whatever it is, this client is told and it is logged
            if request.refused is None and not self._gone:
                _log.failure("The application failed")
            return in_words(500, "The gateway failed to answer. Its log says why.")

    async def _write(self, answer: Answer, head: Head, close: bool) -> None:
        """Writes the answer as fast as the client takes it. Raises ClientGone."""
        outflow = self._outflow
        assert outflow is not None
        if head.version == (1, 0) and not isinstance(answer.body, bytes):
            close = self._last = True
        octets = head_of(answer, head, close=close, now=self._now())
        if isinstance(answer.body, bytes):
            if has_body(answer, head):
                octets += answer.body
            self._deadline.set("write", self._deadlines.write)
            await outflow.write(octets)
            self._deadline.clear()
            return
        chunked = head.version == (1, 1)
        await outflow.write(octets)
        try:
            async for piece in answer.body:
                self._deadline.set("write", self._deadlines.write)
                await outflow.write(chunk(piece) if chunked else piece)
                self._deadline.clear()
        except ClientGone:
            raise
        except Exception as error:
            _log.failure("An answer broke off")
            self.transport.abortConnection()
            raise ClientGone("the answer broke off") from error
        if chunked:
            await outflow.write(LAST_CHUNK)

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
        body = current.body if current is not None else None
        if body is None or body.complete:
            self._close()
        else:
            self._deadline.set("drain", self._deadlines.drain)

    def _drain(self, octets: int) -> None:
        self._drained += octets
        body = self._current.body if self._current is not None else None
        if body is not None and body.length is not None:
            body.received += octets
            if body.received >= body.length:
                self._close()
                return
        if self._drained > DRAIN_OCTETS:
            self._close()

    def _close(self) -> None:
        if self._gone or self._closing:
            return
        self._closing = True
        self._deadline.set("close", self._deadlines.drain)
        if self._outflow is not None:
            self._outflow.release()
        self.transport.loseConnection()

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
            self.transport.abortConnection()

    # --- small things ---------------------------------------------------------------------------

    def _continue(self) -> None:
        self.transport.write(CONTINUE)

    def _hold(self, data: bytes) -> None:
        self._held.append(data)
        self._pause()

    def _pause(self) -> None:
        if not self._paused and not self._gone:
            self._paused = True
            IPushProducer(self.transport).pauseProducing()

    def _resume(self) -> None:
        if self._paused and not self._gone:
            self._paused = False
            IPushProducer(self.transport).resumeProducing()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.seconds(), UTC)

    def _who(self) -> Peer:
        """The client, asked of the transport once."""
        if self._peer is None:
            peer, host = self.transport.getPeer(), self.transport.getHost()
            self._peer = Peer(peer.host, peer.port, host.port, self._tls())
        return self._peer

    def _tls(self) -> TlsFacts | None:
        if not isinstance(self.transport, TLSMemoryBIOProtocol):
            return None
        connection: Connection = self.transport.getHandle()  # type: ignore[no-untyped-call]
        return TlsFacts(
            connection.get_protocol_version_name(),
            connection.get_cipher_name() or "",
            peer_subject(connection.get_peer_certificate()),
        )


def _keepable(body: RequestBody | None) -> bool:
    """Whether the connection can go on although the answer came first: little of the body is
    missing, and the client is certain to send it."""
    if body is None:
        return False
    missing = body.missing()
    return missing == 0 or (body.continued and missing is not None and missing <= KEEP_OCTETS)
