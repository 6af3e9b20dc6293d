"""A request on its way through a connection."""

from __future__ import annotations

from dataclasses import dataclass

from ippgate.exchange.ports import Head
from ippgate.listener.body import RequestBody
from ippgate.listener.limits import KEEP_OCTETS
from ippgate.listener.syntax import BadRequest


@dataclass(slots=True)
class Request:
    """A request that was parsed as far as it came; ``refused`` when its octets were no request, and
    ``body`` None when not even a head came."""

    head: Head
    keep_alive: bool
    body: RequestBody | None
    refused: BadRequest | None = None

    @property
    def malformed(self) -> bool:
        """Whether what came was no request after all."""
        return self.refused is not None

    @property
    def keepable(self) -> bool:
        """Whether the connection can go on after an answer now: the client wants it, little of the
        body is missing, and the client is certain to send it."""
        if not self.keep_alive or self.body is None:
            return False
        missing = self.body.missing()
        return missing == 0 or (
            self.body.continued and missing is not None and missing <= KEEP_OCTETS
        )
