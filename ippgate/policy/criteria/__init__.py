"""What rules ask: one kind of criterion a file.

A criterion says whether facts match it, and in words why they do not. None of them raises.
"""

from __future__ import annotations

from typing import Protocol

from ippgate.policy.facts import Facts


class Criterion(Protocol):
    """One condition of a rule."""

    def matches(self, facts: Facts) -> bool: ...

    def why_not(self, facts: Facts) -> str:
        """Why facts that do not match do not: what was found, and what was asked for."""
