"""Which operations: names, sets, vendors' numbers."""

from __future__ import annotations

from dataclasses import dataclass

from ippgate.ipp.enums import Operation
from ippgate.policy.facts import Facts
from ippgate.policy.operations import resolve


@dataclass(frozen=True, slots=True)
class Operations:
    """``words`` as written; ``codes``: what they mean."""

    words: tuple[str, ...]
    codes: frozenset[Operation]

    @classmethod
    def of(cls, words: tuple[str, ...]) -> Operations:
        """Raises ValueError for a word that names nothing."""
        return cls(words, frozenset[Operation]().union(*(resolve(word) for word in words)))

    def matches(self, facts: Facts) -> bool:
        return facts.operation in self.codes

    def why_not(self, facts: Facts) -> str:
        return f"operation {facts.operation.keyword} is not one of {', '.join(self.words)}"
