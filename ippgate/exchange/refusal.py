"""How an exchange ends before the printer was asked: over HTTP, or as an IPP status in words."""

from __future__ import annotations

from ippgate.ipp.enums import Status
from ippgate.ipp.message import Group


class HttpRefusal(Exception):
    """Refused by an HTTP status: the request is not IPP, or nobody is identified.

    ``text`` is the body, for people. ``close``: the connection is not kept.
    """

    def __init__(
        self,
        status: int,
        text: str,
        *,
        headers: tuple[tuple[str, str], ...] = (),
        close: bool = True,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers
        self.close = close


class Challenge(Exception):
    """Refused by 401: credentials are missing or wrong. Outwardly all cases are alike."""


class IppRefusal(Exception):
    """Refused by an IPP status inside HTTP 200 (RFC 8010 section 3.4.3).

    ``message`` goes to the person, with the request's id behind it. ``reason`` is the short word
    of the trail and the metrics; ``detail``, when there is one, goes to the trail alone.
    ``unsupported``: the group of attributes that were refused, for the reply.
    """

    def __init__(
        self,
        status: Status,
        message: str,
        *,
        reason: str,
        rule: str | None = None,
        detail: str | None = None,
        unsupported: Group | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason
        self.rule = rule
        self.detail = detail
        self.unsupported = unsupported
