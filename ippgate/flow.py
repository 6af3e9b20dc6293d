"""Back-pressure between Twisted's push transports and coroutines that pull.

Used on both sides of the gate: a listener's and a printer's connection each have one inflow (what
the peer sends, read by a coroutine) and one outflow (what a coroutine writes, as fast as the peer
takes it).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IConsumer, IPushProducer, ITransport
from zope.interface import implementer

HIGH_WATER = 256 * 1024
"""Octets waiting for their reader before the transport is asked to pause."""


class Inflow:
    """Octets that a transport pushes and one coroutine reads.

    ``pause`` and ``resume`` act on the transport. Not more than ``high_water`` octets, plus one
    delivery of the transport, ever wait here.
    """

    def __init__(
        self, pause: Callable[[], None], resume: Callable[[], None], high_water: int = HIGH_WATER
    ) -> None:
        self._pause = pause
        self._resume = resume
        self._high_water = high_water
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._paused = False
        self._ended = False
        self._error: Exception | None = None
        self._reader: Deferred[None] | None = None

    @property
    def size(self) -> int:
        """Octets that wait for the reader."""
        return self._size

    @property
    def complete(self) -> bool:
        """Whether the end was pushed: nothing more will come."""
        return self._ended

    def push(self, octets: bytes) -> None:
        """Adds octets; pauses the transport when too many wait."""
        if not octets or self._error is not None:
            return
        self._waiting.append(octets)
        self._size += len(octets)
        if self._size >= self._high_water and not self._paused:
            self._paused = True
            self._pause()
        self._wake()

    def end(self) -> None:
        """The octets are complete."""
        self._ended = True
        self._wake()

    def fail(self, error: Exception) -> None:
        """The octets broke off: ``error`` is raised to the reader, after nothing else.

        Octets that are complete cannot break off: after ``end`` this does nothing.
        """
        if self._error is None and not self._ended:
            self._error = error
            self._waiting.clear()
            self._size = 0
            self._wake()

    async def read(self) -> bytes:
        """The next octets as they came; ``b""`` at the end. One reader at a time."""
        while not self._waiting:
            if self._error is not None:
                raise self._error
            if self._ended:
                return b""
            if self._paused:
                self._release()
                continue  # a transport may push what it held back at once
            assert self._reader is None, "two readers on one inflow"
            self._reader = Deferred()
            try:
                await self._reader
            finally:
                self._reader = None
        octets = self._waiting.popleft()
        self._size -= len(octets)
        if self._size < self._high_water // 2:
            self._release()
        return octets

    def _release(self) -> None:
        if self._paused:
            self._paused = False
            self._resume()

    def _wake(self) -> None:
        reader = self._reader
        if reader is not None and not reader.called:
            reader.callback(None)


@implementer(IPushProducer)
class Outflow:
    """Writes to a transport no faster than it empties.

    ``write`` returns when more may be written; it raises what ``fail`` was given.
    """

    def __init__(self, transport: ITransport) -> None:
        self._transport = transport
        self._open = True
        self._error: Exception | None = None
        self._writer: Deferred[None] | None = None
        IConsumer(transport).registerProducer(self, True)

    async def write(self, octets: bytes) -> None:
        """Writes, then waits while the transport is full. Raises what ``fail`` was given."""
        if self._error is not None:
            raise self._error
        self._transport.write(octets)
        if not self._open:
            assert self._writer is None, "two writers on one outflow"
            self._writer = Deferred()
            try:
                await self._writer
            finally:
                self._writer = None
            if self._error is not None:
                raise self._error

    def fail(self, error: Exception) -> None:
        """The connection ended: present and future writes raise ``error``."""
        if self._error is None:
            self._error = error
            self._wake()

    def release(self) -> None:
        """Unregisters from the transport: required before it can close in good order."""
        IConsumer(self._transport).unregisterProducer()

    def pauseProducing(self) -> None:
        """Called by the transport: it is full."""
        self._open = False

    def resumeProducing(self) -> None:
        """Called by the transport: it has room."""
        self._open = True
        self._wake()

    def stopProducing(self) -> None:
        """Called by the transport: it is gone. ``connectionLost`` follows and calls ``fail``."""
        self._open = True

    def _wake(self) -> None:
        writer = self._writer
        if writer is not None and not writer.called:
            writer.callback(None)
