"""What a document is: its format, as declared and as its octets show, and its size."""

from __future__ import annotations

from dataclasses import dataclass

from ippgate.ipp.enums import Operation as Op
from ippgate.policy.criteria import Verdict
from ippgate.policy.criteria.printers import Patterns
from ippgate.policy.facts import Facts, Scalar

DESCRIBES = frozenset(
    {
        Op.PRINT_JOB,
        Op.VALIDATE_JOB,
        Op.SEND_DOCUMENT,
        Op.VALIDATE_DOCUMENT,
        Op.PRINT_URI,
        Op.SEND_URI,
    }
)
"""Operations that bring or describe a document; on others these criteria say nothing."""
_ELSEWHERE = frozenset({Op.PRINT_URI, Op.SEND_URI})
"""The printer would fetch the document: nobody here sees it."""
_UNTOLD = ("", "application/octet-stream")
"""Declares nothing: the printer is to find out (RFC 8011 section 5.1.10)."""


def plain(media_type: str | None) -> str:
    """``text/plain`` of ``Text/Plain; charset=utf-8``: parameters say nothing about the format."""
    return (media_type or "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Formats:
    """MIME media types, with ``*``. To be permitted, both what is declared and what the octets are
    must fit; to be refused, one is enough."""

    patterns: Patterns
    permits: bool

    @classmethod
    def of(cls, words: tuple[str, ...], permits: bool) -> Formats:
        return cls(Patterns.of(words), permits)

    def judge(self, facts: Facts) -> Verdict:
        if facts.operation not in DESCRIBES:
            return Verdict.YES if self.permits else Verdict.NO
        if facts.operation in _ELSEWHERE:
            return Verdict.NO if self.permits else Verdict.YES
        known = self._known(facts)
        fitting = [self.patterns.fit((media_type,)) for media_type in known]
        if self.permits and not all(fitting):
            return Verdict.NO
        if not self.permits and any(fitting):
            return Verdict.YES
        document = facts.job.document
        if facts.job.undecided and not known:
            return Verdict.OPEN
        if document.follows and document.detected is None:
            return Verdict.OPEN
        return Verdict.YES if self.permits else Verdict.NO

    def why_not(self, facts: Facts) -> str:
        if facts.operation not in DESCRIBES:
            return f"{facts.operation.keyword} brings no document"
        document = facts.job.document
        declared = document.declared or "not declared"
        found = declared
        if document.detected not in (None, document.declared):
            found = f"{declared}, found {document.detected}"
        return f"the document's format is {found}; asked for is {self.patterns}"

    def refused(self, facts: Facts) -> tuple[str, tuple[Scalar, ...]] | None:
        wrong = tuple(
            media_type
            for media_type in self._known(facts)
            if self.patterns.fit((media_type,)) is not self.permits
        )
        return "document-format", wrong

    @staticmethod
    def _known(facts: Facts) -> list[str]:
        document = facts.job.document
        declared = plain(document.declared)
        known = [] if declared in _UNTOLD else [declared]
        if document.detected is not None:
            known.append(plain(document.detected))
        return known


@dataclass(frozen=True, slots=True)
class Size:
    """Octets, both ends included; None: no end."""

    permits: bool
    least: int | None = None
    most: int | None = None

    def judge(self, facts: Facts) -> Verdict:
        if facts.operation not in DESCRIBES:
            return Verdict.YES if self.permits else Verdict.NO
        if facts.operation in _ELSEWHERE:
            return Verdict.NO if self.permits else Verdict.YES
        document = facts.job.document
        if document.size is not None:
            return Verdict.YES if self._fits(document.size) else Verdict.NO
        if self.most is not None and document.at_least > self.most:
            return Verdict.NO
        if self.most is None and self.least is not None and document.at_least >= self.least:
            return Verdict.YES
        if document.follows or facts.job.undecided:
            return Verdict.OPEN
        return Verdict.YES if self.permits else Verdict.NO

    def why_not(self, facts: Facts) -> str:
        if facts.operation not in DESCRIBES:
            return f"{facts.operation.keyword} brings no document"
        document = facts.job.document
        has = (
            f"{document.size:,}" if document.size is not None else f"{document.at_least:,} or more"
        )
        words = []
        if self.least is not None:
            words.append(f"{self.least:,} or more")
        if self.most is not None:
            words.append(f"{self.most:,} or less")
        return f"the document has {has} octets, not {' and '.join(words)}"

    def refused(self, facts: Facts) -> tuple[str, tuple[Scalar, ...]] | None:  # noqa: ARG002
        return None

    def _fits(self, size: int) -> bool:
        return (self.least is None or size >= self.least) and (
            self.most is None or size <= self.most
        )
