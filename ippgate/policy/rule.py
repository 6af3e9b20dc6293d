"""A rule, compiled: who, and the other criteria that must all match."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ippgate.policy.criteria import Circumstance, Demand, Verdict
from ippgate.policy.criteria.documents import Formats, Size
from ippgate.policy.criteria.operations import Operations
from ippgate.policy.criteria.printers import Printers
from ippgate.policy.criteria.values import Values
from ippgate.policy.criteria.who import Who
from ippgate.policy.decision import NONE, Obligations, Outside, Reason
from ippgate.policy.facts import NOWHERE, Facts, Place


@dataclass(frozen=True, slots=True)
class Rule:
    """``permits``: its decision; with ``outside``, somebody else's, and this is whether it could
    be a permission.

    ``circumstances``: how and when the request comes. ``demands``: what the job may ask for; where
    only these do not match, the person is told what to change. ``shadow``: on trial. ``message``:
    for the person who is refused. ``file``, ``line``: where it stands.
    """

    name: str
    permits: bool
    who: Who
    operations: Operations
    printers: Printers
    circumstances: tuple[Circumstance, ...] = ()
    demands: tuple[Demand, ...] = ()
    obligations: Obligations = NONE
    shadow: bool = False
    outside: Outside | None = None
    message: str | None = None
    file: str = ""
    line: int | None = None

    @property
    def attributes(self) -> frozenset[str]:
        """Attributes of jobs that it looks at, or writes."""
        written = (*self.obligations.enforce, *self.obligations.default)
        looked_at = [demand.name for demand in self.demands if isinstance(demand, Values)]
        return frozenset([*looked_at, *(name for name, _ in written)])

    @property
    def unconditional(self) -> bool:
        """Whether it matches whatever it is indexed for: who, printer and operation alone."""
        return not self.circumstances and not self.demands

    def comes_so(self, facts: Facts) -> bool:
        """Whether all circumstances match."""
        return all(circumstance.matches(facts) for circumstance in self.circumstances)

    def asked_so(self, facts: Facts) -> Verdict:
        """Whether all demands match."""
        verdict = Verdict.YES
        for demand in self.demands:
            judged = demand.judge(facts)
            if judged is Verdict.NO:
                return judged
            if judged is Verdict.OPEN:
                verdict = judged
        return verdict

    def unmet(self, facts: Facts) -> Iterator[Demand]:
        """The demands that do not match."""
        return (demand for demand in self.demands if demand.judge(facts) is Verdict.NO)

    def why_not(self, facts: Facts, place: Place = NOWHERE) -> str | None:
        """The first criterion that does not match, with the two values; None: all do."""
        reasons = [
            self.printers.why_not(facts.printer, place),
            None if self.operations.matches(facts) else self.operations.why_not(facts),
            None if self.who.matches(facts) else self.who.why_not(facts),
        ]
        reasons += [c.why_not(facts) for c in self.circumstances if not c.matches(facts)]
        reasons += [demand.why_not(facts) for demand in self.unmet(facts)]
        return next((reason for reason in reasons if reason is not None), None)


def reason_of(demands: tuple[Demand, ...]) -> Reason:
    """Why a job is refused whose demands are these: the first kind that a client can change."""
    for kind, reason in (
        (Values, Reason.ATTRIBUTES),
        (Formats, Reason.FORMAT),
        (Size, Reason.SIZE),
    ):
        if any(isinstance(demand, kind) for demand in demands):
            return reason
    return Reason.RULE
