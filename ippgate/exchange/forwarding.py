"""FORWARD: the document on its way from the client to the printer, looked at as it passes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from ippgate.document.digest import Document, DocumentFacts
from ippgate.document.format import WINDOW
from ippgate.exchange.ports import Body, Head
from ippgate.exchange.reading import Section
from ippgate.exchange.request import Request

Watch = Callable[[int, bool], None]
"""Told the octets so far, and whether they are all."""


class DocumentStream:
    """The document octets of one request: those that came with the attributes, then the rest.

    Nothing is kept and nothing is changed: each piece is digested and handed on. The printer's side
    asks for the next piece when it has room, so back-pressure reaches the client.
    """

    def __init__(self, first: bytes, body: Body, declared: str | None) -> None:
        self._first = first
        self._body = body
        self._document = Document(declared)
        self._octets = 0
        self._complete = False
        self._watch: Watch | None = None

    @property
    def complete(self) -> bool:
        """Whether the client's last octet was seen."""
        return self._complete

    def facts(self) -> DocumentFacts:
        """What passed so far."""
        return self._document.finish()

    def watch(self, watch: Watch) -> None:
        """``watch`` is told how many octets there are, before each piece goes on and at the end;
        what it raises ends the stream."""
        self._watch = watch

    async def beginning(self) -> bytes:
        """The first WINDOW octets, or all when there are fewer, before anything goes on."""
        while len(self._first) < WINDOW and not self._complete:
            octets = await self._body.read()
            self._first += octets
            self._complete = not octets
        return self._first[:WINDOW]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._first:
            yield self._passed(self._first)
            self._first = b""
        while not self._complete and (octets := await self._body.read()):
            yield self._passed(octets)
        if self._watch is not None:
            self._watch(self._octets, True)
        self._complete = True

    def _passed(self, octets: bytes) -> bytes:
        self._octets += len(octets)
        if self._watch is not None:
            self._watch(self._octets, False)
        self._document.update(octets)
        return octets


@dataclass(frozen=True, slots=True)
class Passing:
    """The document of a request; ``stream`` None: there is none. ``length``: octets of the body
    after the attributes; None: not known."""

    stream: DocumentStream | None
    length: int | None


def passing(head: Head, body: Body, section: Section, request: Request) -> Passing:
    """The document that comes after a request's attributes."""
    length = None if head.content_length is None else head.content_length - section.octets
    if not request.carries_document or length == 0:
        return Passing(None, length)
    return Passing(DocumentStream(section.rest, body, request.document_format), length)


async def empty(first: bytes, body: Body) -> bool:
    """Reads the end of a body that must have no document; False when there is one after all."""
    return not first and not await body.read()
