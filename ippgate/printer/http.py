"""One connection to a printer: a request out, its reply in (RFC 9112), then perhaps the next.

The request is built from nothing: path, Host, Content-Type and framing. No Expect, which old
printers wait minutes about; nothing of what a client sent that HTTP does not need; never a
credential.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httptools
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer, IReactorTime, ITCPTransport
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure

from ippgate.exchange.ports import PrinterUnavailable
from ippgate.flow import Inflow, Outflow
from ippgate.printer.address import PrinterAddress
from ippgate.printer.faults import words
from ippgate.printer.limits import HEAD_OCTETS, PrinterLimits

IPP = "application/ipp"
_RECEIVE_OCTETS = 256 * 1024
_LAST_CHUNK = b"0\r\n\r\n"


class _DocumentFailed(Exception):
    """The document's own end raised something: it passes on as it is."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


class PrinterConnection(Protocol):
    """``idle`` is called when the connection may serve another request, ``lost`` when it is
    over."""

    transport: ITCPTransport

    def __init__(
        self,
        address: PrinterAddress,
        clock: IReactorTime,
        limits: PrinterLimits,
        idle: Callable[[PrinterConnection], None],
        lost: Callable[[PrinterConnection], None],
    ) -> None:
        self._address = address
        self._clock = clock
        self._limits = limits
        self._idle = idle
        self._lost = lost
        self._reset()
        self.alive = True
        self.sent = 0
        self.requests = 0

    def _reset(self) -> None:
        self._parser: httptools.HttpResponseParser | None = None
        self._headers: list[tuple[str, str]] = []
        self._head_octets = 0
        self._in_head = True
        self._informational = False
        self._arrived: list[bytes] = []
        self._message_complete = False
        self._head: Deferred[None] | None = None
        self._head_done = False
        self._inflow: Inflow | None = None
        self._outflow: Outflow | None = None
        self._sending = False
        self._error: PrinterUnavailable | None = None
        self._keep = False

    # --- from Twisted ---------------------------------------------------------------------------

    def connectionMade(self) -> None:
        self.transport.setTcpNoDelay(True)
        self.transport.bufferSize = _RECEIVE_OCTETS  # type: ignore[attr-defined]

    def dataReceived(self, data: bytes) -> None:
        parser = self._parser
        if parser is None:
            # Octets that answer nothing: whatever they are, they must not become the next reply.
            self.transport.abortConnection()
            return
        if self._in_head:
            self._head_octets += len(data)
            if self._head_octets > HEAD_OCTETS + _RECEIVE_OCTETS:
                self._fail("the head of its reply does not end")
                return
        try:
            parser.feed_data(data)
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            if not isinstance(cause, PrinterUnavailable):
                raise
            self._fail(str(cause))
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(f"its reply is not valid HTTP/1.1: {error}")
        else:
            self._settle()

    def _settle(self) -> None:
        """Acts on what the parser noted. Not inside its callbacks: whoever waits runs at once, and
        must find the reply as complete as the octets made it."""
        arrived, self._arrived = self._arrived, []
        if self._inflow is not None:
            for octets in arrived:
                self._inflow.push(octets)
        complete = self._message_complete and self._parser is not None
        if complete:
            self._end_body()
        if self._head_done:
            self._answered()
        if complete:
            self._leave()

    def connectionLost(self, reason: Failure | None = None) -> None:
        self.alive = False
        parser = self._parser
        if parser is not None and self._ends_by_closing():
            self._end_body()
        elif parser is not None:
            self._fail(words(reason.value if reason is not None else None))
        self._lost(self)

    # --- a request ------------------------------------------------------------------------------

    async def request(
        self, attributes: bytes, document: AsyncIterator[bytes] | None, length: int | None
    ) -> Reply:
        """Sends one request and waits for its reply's head. Raises PrinterUnavailable, or what
        ``document`` raises."""
        self._reset()
        self.sent = 0
        self.requests += 1
        self._parser = httptools.HttpResponseParser(self)
        transport = IPushProducer(self.transport)
        self._inflow = Inflow(transport.pauseProducing, transport.resumeProducing)
        head: Deferred[None] = Deferred()
        self._head = head
        try:
            await self._send(attributes, document, length)
            if not self._head_done:
                self._await_within(head, self._limits.answer, "it did not answer in time")
                await head
        except _DocumentFailed as failed:
            self.transport.abortConnection()
            raise failed.error from None
        if self._error is not None:
            raise self._error
        return Reply(self, self._inflow, self._clock, self._limits.gap)

    async def _send(
        self, attributes: bytes, document: AsyncIterator[bytes] | None, length: int | None
    ) -> None:
        """Writes the request; stops early when a reply, or the end, comes first."""
        total = None if document is not None and length is None else len(attributes) + (length or 0)
        framing = "Transfer-Encoding: chunked" if total is None else f"Content-Length: {total}"
        head = (
            f"POST {self._address.path} HTTP/1.1\r\nHost: {self._address.authority}\r\n"
            f"Content-Type: {IPP}\r\n{framing}\r\n\r\n"
        ).encode("ascii")
        if document is None:
            self.sent += len(head) + len(attributes)
            self.transport.write(head + attributes)
            return
        chunked = total is None
        outflow = self._outflow = Outflow(self.transport)
        self._sending = True
        try:
            first = _chunk(attributes) if chunked else attributes
            await self._write(outflow, head + first)
            left = length
            async for octets in _guarded(document):
                if self._head_done or self._error is not None:
                    return
                if left is not None:
                    left -= len(octets)
                await self._write(outflow, _chunk(octets) if chunked else octets)
            if left:
                raise _DocumentFailed(
                    PrinterUnavailable(f"{left} octets of the document never came", sent=True)
                )
            if chunked:
                await self._write(outflow, _LAST_CHUNK)
            self._sending = False
        except PrinterUnavailable:
            if not self._head_done:
                raise
        finally:
            if self.alive:
                outflow.release()

    async def _write(self, outflow: Outflow, octets: bytes) -> None:
        self.sent += len(octets)
        stalled = self._clock.callLater(
            self._limits.stall, self._fail, "it stopped reading the document"
        )
        try:
            await outflow.write(octets)
        finally:
            if stalled.active():
                stalled.cancel()

    def _await_within(self, head: Deferred[None], seconds: float, late: str) -> None:
        timer = self._clock.callLater(seconds, self._fail, late)

        def cancel(result: object) -> object:
            if timer.active():
                timer.cancel()
            return result

        head.addBoth(cancel)  # type: ignore[unused-awaitable]

    # --- httptools' callbacks -------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._head_done:
            raise PrinterUnavailable("it sent more than one reply", sent=True)
        self._headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._head_done:
            return  # trailers: nothing in them is used
        self._head_octets += len(name) + len(value)
        if self._head_octets > HEAD_OCTETS + _RECEIVE_OCTETS or len(self._headers) > 100:
            raise PrinterUnavailable("the head of its reply is too large", sent=True)
        self._headers.append((name.decode("latin-1").lower(), value.decode("latin-1").strip()))

    def on_headers_complete(self) -> None:
        parser = self._parser
        assert parser is not None
        status = parser.get_status_code()
        self._informational = 100 <= status < 200
        if self._informational:
            return
        self._in_head = False
        if status != 200:
            raise PrinterUnavailable(f"it answers with HTTP status {status}", sent=True)
        types = [value for name, value in self._headers if name == "content-type"]
        media_type = types[0].partition(";")[0].strip().lower() if types else ""
        if media_type != IPP:
            words_ = f"it answers with {media_type or 'no Content-Type'} instead of IPP"
            raise PrinterUnavailable(words_, sent=True)
        self._keep = parser.should_keep_alive() and not self._ends_by_closing()
        self._head_done = True

    def on_body(self, octets: bytes) -> None:
        self._arrived.append(octets)

    def on_message_complete(self) -> None:
        self._message_complete = not self._informational

    # --- how it ends ----------------------------------------------------------------------------

    def _ends_by_closing(self) -> bool:
        """Whether the reply has no length of its own (RFC 9112 section 6.3)."""
        names = {name for name, _ in self._headers}
        return self._head_done and not names & {"content-length", "transfer-encoding"}

    def _end_body(self) -> None:
        """The reply's last octet came."""
        self._parser = None
        if self._inflow is not None:
            self._inflow.end()

    def _leave(self) -> None:
        """This request is over; the connection may get the next one at once."""
        if self._keep and self.alive and not self._sending:
            IPushProducer(self.transport).resumeProducing()
            self._idle(self)
        elif self.alive:
            self.transport.abortConnection() if self._sending else self.transport.loseConnection()

    def _answered(self) -> None:
        head, self._head = self._head, None
        if head is not None:
            head.callback(None)
        if self._outflow is not None:
            self._outflow.fail(PrinterUnavailable("the reply came first", sent=True))

    def _fail(self, why: str) -> None:
        """This request cannot be answered any more."""
        error = PrinterUnavailable(why, sent=self.sent > 0)
        self._error = self._error or error
        self._parser = None
        if self._inflow is not None:
            self._inflow.fail(error)
        if self._outflow is not None:
            self._outflow.fail(error)
        head, self._head = self._head, None
        if head is not None:
            head.callback(None)
        if self.alive:
            self.transport.abortConnection()

    def drop(self) -> None:
        """Ends the connection at once."""
        if self.alive:
            self.transport.abortConnection()

    def close(self) -> None:
        """Ends an idle connection in good order."""
        if self.alive:
            self.transport.loseConnection()


class Reply:
    """Implements the port PrinterReply."""

    def __init__(
        self, connection: PrinterConnection, inflow: Inflow, clock: IReactorTime, gap: float
    ) -> None:
        self._connection = connection
        self._inflow = inflow
        self._clock = clock
        self._gap = gap

    async def read(self) -> bytes:
        """The next octets; ``b""`` at the end. Raises PrinterUnavailable."""
        if self._inflow.size or self._inflow.complete:
            return await self._inflow.read()
        late = PrinterUnavailable("its reply broke off", sent=True)
        timer = self._clock.callLater(self._gap, self._inflow.fail, late)
        try:
            return await self._inflow.read()
        finally:
            if timer.active():
                timer.cancel()

    def abandon(self) -> None:
        """Drops the connection unless the reply is complete."""
        if not self._inflow.complete:
            self._connection.drop()


async def _guarded(document: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The document, with what it raises marked as its own."""
    try:
        async for octets in document:
            yield octets
    except Exception as error:
        raise _DocumentFailed(error) from error


def _chunk(octets: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(octets), octets)
