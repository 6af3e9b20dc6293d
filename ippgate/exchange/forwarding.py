"""FORWARD: the document on its way from the client to the printer, looked at as it passes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ippgate.document.digest import Document, DocumentFacts
from ippgate.exchange.ports import Body


class DocumentStream:
    """The document octets of one request: those that came with the attributes, then the rest.

    Nothing is kept and nothing is changed: each piece is digested and handed on. The printer's side
    asks for the next piece when it has room, so back-pressure reaches the client.
    """

    def __init__(self, first: bytes, body: Body, declared: str | None) -> None:
        self._first = first
        self._body = body
        self._document = Document(declared)
        self._complete = False

    @property
    def complete(self) -> bool:
        """Whether the client's last octet was seen."""
        return self._complete

    def facts(self) -> DocumentFacts:
        """What passed so far."""
        return self._document.finish()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._first:
            self._document.update(self._first)
            yield self._first
            self._first = b""
        while octets := await self._body.read():
            self._document.update(octets)
            yield octets
        self._complete = True


async def empty(first: bytes, body: Body) -> bool:
    """Reads the end of a body that must have no document; False when there is one after all."""
    return not first and not await body.read()
