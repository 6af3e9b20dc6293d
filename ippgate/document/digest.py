"""What passed: octets, digest and format of a document, while it passes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ippgate.document.format import WINDOW, detect


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """``declared``: document-format of the request, or None. ``detected``: by its first octets.
    ``sha256``: of the octets that passed, hexadecimal."""

    declared: str | None
    detected: str
    octets: int
    sha256: str


class Document:
    """Looks at the octets of one document as they pass; keeps the first few and nothing else."""

    def __init__(self, declared: str | None) -> None:
        self._declared = declared
        self._digest = hashlib.sha256()
        self._octets = 0
        self._window = b""

    def update(self, octets: bytes) -> None:
        """The next octets."""
        if self._octets < WINDOW:
            self._window += octets[: WINDOW - self._octets]
        self._octets += len(octets)
        self._digest.update(octets)

    def finish(self) -> DocumentFacts:
        """What is known of the octets so far."""
        return DocumentFacts(
            self._declared, detect(self._window), self._octets, self._digest.hexdigest()
        )
