"""An answer on its way to the client, no faster than the client takes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from twisted.logger import Logger

from ippgate.exchange.ports import Answer, ClientGone, Head, PrinterUnavailable
from ippgate.flow import Outflow
from ippgate.listener.answer import LAST_CHUNK, chunk, has_body, head_of
from ippgate.listener.deadline import Deadline

_log = Logger()


class AnswerWriter:
    """Writes the answers of one connection. A client that takes nothing for ``seconds`` misses the
    deadline "write"."""

    def __init__(self, outflow: Outflow, deadline: Deadline, seconds: float) -> None:
        self._outflow = outflow
        self._deadline = deadline
        self._seconds = seconds

    async def write(self, answer: Answer, head: Head, *, close: bool, now: datetime) -> None:
        """Returns when the answer is with the transport. Raises ClientGone, also when the answer's
        own pieces broke off: its head is out, so closing is all that can be said then."""
        octets = head_of(answer, head, close=close, now=now)
        body = answer.body
        if isinstance(body, bytes):
            await self._put(octets + body if has_body(answer, head) else octets)
            return
        try:
            await self._stream(octets, body, head if has_body(answer, head) else None)
        finally:
            # The pieces' own end runs now, and not when somebody collects garbage.
            aclose = getattr(body, "aclose", None)
            if aclose is not None:
                await aclose()

    async def _stream(self, octets: bytes, pieces: AsyncIterator[bytes], head: Head | None) -> None:
        """``head`` None: nothing but ``octets`` is sent. The pieces are begun even when the client
        has gone, so that they can end."""
        chunked = head is not None and head.version == (1, 1)
        try:
            async for piece in pieces:
                if head is None:
                    break
                octets += chunk(piece) if chunked and piece else piece
                await self._put(octets)
                octets = b""
        except ClientGone:
            raise
        except PrinterUnavailable as error:
            _log.warn("An answer broke off: {error}", error=error)
            raise ClientGone("the answer broke off") from error
        except Exception as error:
            _log.failure("An answer broke off")
            raise ClientGone("the answer broke off") from error
        if chunked:
            octets += LAST_CHUNK
        if octets:
            await self._put(octets)

    async def _put(self, octets: bytes) -> None:
        self._deadline.set("write", self._seconds)
        await self._outflow.write(octets)
        self._deadline.clear()
