"""One connection to a printer: a request out, its reply in (RFC 9112), then perhaps the next.

The request is built from nothing: path, Host, Content-Type and framing. No Expect, which old
printers wait minutes about; nothing of what a client sent that HTTP does not need; never a
credential.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import cast

import httptools
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime, ITCPTransport
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure

from ippgate.exchange.ports import PrinterUnavailable
from ippgate.flow import Inflow, Outflow
from ippgate.printer.address import PrinterAddress
from ippgate.printer.faults import status_words, words
from ippgate.printer.limits import (
    ABANDONED_SECONDS,
    CLOSING_SECONDS,
    DISCARDED_OCTETS,
    HEAD_OCTETS,
    HEADERS,
    PrinterLimits,
)
from ippgate.printer.reply import Reply
from ippgate.printer.unsent import unsent

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
        self._ending: IDelayedCall | None = None
        self._closing = False
        self.alive = True
        self.sent = 0
        self.requests = 0

    def _reset(self) -> None:
        self._parser: httptools.HttpResponseParser | None = None
        self._headers: list[tuple[str, str]] = []
        self._head_octets = 0
        self._header_octets = 0
        self._informational = False
        self._arrived: list[bytes] = []
        self._message_complete = False
        self._head: Deferred[PrinterUnavailable | None] | None = None
        self._head_done = False
        self._inflow: Inflow | None = None
        self._outflow: Outflow | None = None
        self._sending = False
        self._error: PrinterUnavailable | None = None
        self._keep = False
        self._discarded: int | None = None

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
        if not self._head_done:
            if self._head_octets > HEAD_OCTETS:
                self._fail("the head of its reply does not end")
                return
            self._head_octets += len(data)
        try:
            parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            cause = error.__context__
            if isinstance(error, httptools.HttpParserCallbackError):
                if not isinstance(cause, PrinterUnavailable):
                    raise
            if not self._message_complete:
                own = isinstance(cause, PrinterUnavailable)
                self._fail(str(cause) if own else f"its reply is not valid HTTP/1.1: {error}")
                return
            self._keep = False  # a whole reply, and then something that is none
        self._settle()

    def _settle(self) -> None:
        """Acts on what the parser noted. Not inside its callbacks: whoever waits runs at once, and
        must find the reply as complete as the octets made it, and the connection free for its next
        request."""
        arrived, self._arrived = self._arrived, []
        inflow, answered = self._inflow, self._head_done
        head, self._head = (self._head, None) if answered else (None, self._head)
        complete = self._message_complete and self._parser is not None
        if answered and self._outflow is not None:
            self._outflow.fail(PrinterUnavailable("the reply came first", sent=True))
        unwanted = self._discarded is not None
        if unwanted:
            self._discard(arrived)
        if complete:
            self._parser = None
            self._leave()
        # From here on this may be the connection of another request.
        if inflow is not None and not unwanted:
            for octets in arrived:
                inflow.push(octets)
            if complete:
                inflow.end()
        if head is not None:
            head.callback(None)

    def connectionLost(self, reason: Failure | None = None) -> None:
        self.alive = False
        self._stop_ending()
        parser = self._parser
        clean = reason is not None and isinstance(reason.value, ConnectionDone)
        if parser is not None and clean and self._ends_by_closing():
            self._parser = None
            if self._inflow is not None:
                self._inflow.end()
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
        parser = self._parser = httptools.HttpResponseParser(self)
        transport = cast(IPushProducer, self.transport)

        def pause() -> None:
            if self._parser is parser:  # else the reply is complete, and this another's connection
                transport.pauseProducing()

        def resume() -> None:
            if self._parser is parser:
                transport.resumeProducing()

        inflow = self._inflow = Inflow(pause, resume)
        head = self._head = Deferred()
        try:
            await self._send(attributes, document, length)
            if not head.called:
                limits = self._limits
                self._await_within(
                    head, limits.answer if document is None else limits.answer_to_document
                )
            error = await head
        except _DocumentFailed as failed:
            self.drop()
            raise failed.error from None
        if error is not None:
            raise error
        return Reply(inflow, self._clock, self._limits.gap, lambda: self._abandon(parser))

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
            async with aclosing(_guarded(document)) as pieces:
                async for octets in pieces:
                    if self._head_done or self._error is not None:
                        return
                    if left is not None:
                        left -= len(octets)
                        if left < 0:
                            raise _wrong("the document is longer than was said")
                    if octets:
                        await self._write(outflow, _chunk(octets) if chunked else octets)
            if left:
                raise _wrong(f"{left} octets of the document never came")
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

    def _await_within(self, head: Deferred[PrinterUnavailable | None], seconds: float) -> None:
        """Fails when ``head`` does not come in time; the printer has more while it has not even
        taken what was sent."""
        started = self._clock.seconds()

        timer: IDelayedCall

        def late() -> None:
            nonlocal timer
            waited = self._clock.seconds() - started
            if unsent(self.transport) and waited < self._limits.stall:
                timer = self._clock.callLater(seconds, late)
            else:
                self._fail("it did not answer in time")

        def cancel(result: object) -> object:
            if timer.active():
                timer.cancel()
            return result

        timer = self._clock.callLater(seconds, late)
        head.addBoth(cancel)  # type: ignore[unused-awaitable]

    # --- httptools' callbacks -------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._head_done:
            raise PrinterUnavailable("it sent more than one reply", sent=True)
        self._headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._head_done:
            return  # trailers: nothing in them is used
        self._header_octets += len(name) + len(value)
        if self._header_octets > HEAD_OCTETS or len(self._headers) >= HEADERS:
            raise PrinterUnavailable("the head of its reply is too large", sent=True)
        self._headers.append((name.decode("latin-1").lower(), value.decode("latin-1").strip()))

    def on_headers_complete(self) -> None:
        parser = self._parser
        assert parser is not None
        status = parser.get_status_code()
        self._informational = 100 <= status < 200 and status != 101
        if self._informational:
            return
        if status != 200:
            raise PrinterUnavailable(status_words(status), sent=True)
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

    def _leave(self) -> None:
        """This request is over; the connection may get the next one at once."""
        if self._keep and self.alive and not self._sending:
            cast(IPushProducer, self.transport).resumeProducing()
            self._idle(self)
        else:
            self.close()

    def _abandon(self, parser: httptools.HttpResponseParser) -> None:
        """Nobody reads the rest of a reply. It may end within a moment, as a last chunk does that
        comes by itself, so that the connection is kept."""
        if self._parser is not parser or not self.alive:
            return
        self._discarded = 0
        cast(IPushProducer, self.transport).resumeProducing()

        def late() -> None:
            if self._parser is parser:
                self.drop()

        self._ending = self._clock.callLater(ABANDONED_SECONDS, late)

    def _discard(self, arrived: list[bytes]) -> None:
        assert self._discarded is not None
        self._discarded += sum(map(len, arrived))
        if self._discarded > DISCARDED_OCTETS:
            self.drop()
        if self._message_complete:
            self._stop_ending()

    def _stop_ending(self) -> None:
        if self._ending is not None and self._ending.active():
            self._ending.cancel()

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
            head.callback(error)
        if self.alive:
            self.transport.abortConnection()

    def drop(self) -> None:
        """Ends the connection at once."""
        if self.alive:
            self.transport.abortConnection()

    def close(self) -> None:
        """Ends the connection in good order: what was written may still go out, for a moment. (A
        printer may have read the last octet and answered before that is known here.)"""
        if self.alive and not self._closing:
            self._closing = True
            self._stop_ending()
            self._ending = self._clock.callLater(CLOSING_SECONDS, self.drop)
            self.transport.loseConnection()


async def _guarded(document: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The document, with what it raises marked as its own."""
    try:
        async for octets in document:
            yield octets
    except Exception as error:
        raise _DocumentFailed(error) from error


def _wrong(why: str) -> _DocumentFailed:
    return _DocumentFailed(PrinterUnavailable(why, sent=True))


def _chunk(octets: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(octets), octets)
