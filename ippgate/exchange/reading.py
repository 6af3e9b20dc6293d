"""Reading the attribute section of a message off a stream of octets, within limits."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ippgate.exchange.ports import PrinterReply, PrinterUnavailable
from ippgate.ipp.decoder import Decoder
from ippgate.ipp.errors import DecodeError
from ippgate.ipp.limits import REPLY_LIMITS, REQUEST_LIMITS
from ippgate.ipp.message import Message


class Stream(Protocol):
    """Octets in pieces; ``b""`` at the end."""

    async def read(self) -> bytes: ...


class Section(NamedTuple):
    """A decoded attribute section: its message, the octets it took, and the document octets that
    came in the same piece."""

    message: Message
    octets: int
    rest: bytes


async def read_request(body: Stream) -> Section:
    """A request's attributes. Raises DecodeError, or what the body raises."""
    return await _read(body, Decoder(limits=REQUEST_LIMITS))


async def read_reply(reply: PrinterReply, request_id: int) -> Section:
    """A printer's attributes. Raises PrinterUnavailable, also when it answers something else."""
    try:
        section = await _read(reply, Decoder(limits=REPLY_LIMITS))
    except DecodeError as error:
        reply.abandon()
        raise PrinterUnavailable(f"its reply is not valid IPP: {error}", sent=True) from None
    if section.message.request_id != request_id:
        reply.abandon()
        raise PrinterUnavailable("its reply belongs to another request", sent=True)
    return section


async def _read(stream: Stream, decoder: Decoder) -> Section:
    while decoder.message is None:
        octets = await stream.read()
        if octets:
            decoder.feed(octets)
        else:
            decoder.finish()
            break
    message = decoder.message
    assert message is not None, "finish() raises when the message is not complete"
    return Section(message, decoder.octets, bytes(decoder.rest))
