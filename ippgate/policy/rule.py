"""A rule, compiled: who, and the other criteria that must all match."""

from __future__ import annotations

from dataclasses import dataclass

from ippgate.policy.criteria import Criterion
from ippgate.policy.criteria.operations import Operations
from ippgate.policy.criteria.printers import Printers
from ippgate.policy.criteria.who import Who
from ippgate.policy.facts import Facts


@dataclass(frozen=True, slots=True)
class Rule:
    """``permits``: its decision. ``message``: for the person who is refused. ``file``, ``line``:
    where it stands."""

    name: str
    permits: bool
    who: Who
    operations: Operations
    printers: Printers
    message: str | None = None
    file: str = ""
    line: int | None = None

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """Everything but who, cheapest first."""
        return (self.operations, self.printers)

    def applies(self, facts: Facts) -> bool:
        """Whether all criteria but who match."""
        return self.operations.matches(facts) and self.printers.matches(facts)
