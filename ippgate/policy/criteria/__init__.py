"""What rules ask: one kind of criterion a file.

A criterion says whether facts match it, and in words why they do not. None of them raises. What a
job asks for is judged by criteria that know which way a rule decides: a rule that permits asks that
everything fits, a rule that refuses asks that anything does; so what cannot be judged is refused.
"""

from __future__ import annotations

import enum
from collections.abc import Hashable
from typing import Protocol

from ippgate.policy.facts import Facts, Scalar


class Verdict(enum.Enum):
    """Whether facts match a criterion."""

    YES = enum.auto()
    NO = enum.auto()
    OPEN = enum.auto()
    """It depends on what is not known yet: the document's octets, or what will be asked for."""


class Circumstance(Protocol):
    """A condition on how and when a request comes: hashable, so that equal ones count once."""

    @staticmethod
    def sees(facts: Facts) -> Hashable:
        """All that conditions of this kind look at: for equal ones, they match alike."""

    def matches(self, facts: Facts) -> bool: ...

    def why_not(self, facts: Facts) -> str:
        """Why facts that do not match do not: what was found, and what was asked for."""


class Demand(Protocol):
    """A condition on what a job asks for."""

    def judge(self, facts: Facts) -> Verdict: ...

    def why_not(self, facts: Facts) -> str: ...

    def refused(self, facts: Facts) -> tuple[str, tuple[Scalar, ...]] | None:
        """The attribute, and its values, that a client would have to change."""
