"""IPP replies that the gateway itself makes."""

from __future__ import annotations

from collections.abc import Iterable

from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Status
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import charset, natural_language, text

MAX_STATUS_MESSAGE = 255
"""status-message is text(255) (RFC 8011 section 4.1.6.2): octets."""

_OLDEST = (1, 0)
_NEWEST = (2, 0)


def reply(
    status: Status,
    header: tuple[tuple[int, int], int] | None,
    message: str | None = None,
    groups: Iterable[Group] = (),
) -> bytes:
    """A reply of the gateway's own, encoded. ``groups``: after the operation attributes.

    ``header``: version and request-id of the request, both echoed as far as they were read; a
    version that is not supported is answered with the nearest that is (RFC 8011 section 4.1.8).
    """
    version, request_id = header if header is not None else (_NEWEST, 0)
    if version[0] < 1:
        version = _OLDEST
    elif version[0] > _NEWEST[0]:
        version = _NEWEST
    attributes = [
        Attribute("attributes-charset", (charset("utf-8"),)),
        Attribute("attributes-natural-language", (natural_language("en"),)),
    ]
    if message is not None:
        attributes.append(Attribute("status-message", (text(shortened(message)),)))
    group = Group(GroupTag.OPERATION, tuple(attributes))
    return encode(Message(version, int(status), request_id, (group, *groups)))


def shortened(message: str) -> str:
    """The message within MAX_STATUS_MESSAGE octets of UTF-8, cut between characters."""
    octets = message.encode()
    if len(octets) <= MAX_STATUS_MESSAGE:
        return message
    return octets[: MAX_STATUS_MESSAGE - 3].decode("utf-8", "ignore") + "…"


def with_id(message: str, request_id: str) -> str:
    """The message with the request's id behind it, which the trail and the log have too.

    The id survives when the message must be cut.
    """
    tail = f" [{request_id}]"
    room = MAX_STATUS_MESSAGE - len(tail.encode())
    octets = message.encode()
    if len(octets) > room:
        message = octets[: room - 3].decode("utf-8", "ignore") + "…"
    return message + tail
