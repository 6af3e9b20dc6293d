"""The rules together: the first one whose criteria all match decides; nothing matches: refused.

This order of precedence is here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ippgate.ipp.enums import Operation
from ippgate.policy.criteria.who import Match, Scope
from ippgate.policy.decision import Decision, Effect, Reason
from ippgate.policy.facts import Facts, Principal
from ippgate.policy.privacy import Privacy
from ippgate.policy.rule import Rule

_REMEMBERED_VIEWS = 4096
"""Sets of permitted operations kept: people with the same rights at the same printer ask often."""
_REMEMBERED_PRINTERS = 2048
"""Names of printers whose rules are kept; names that no printer has are asked for, too."""


@dataclass(frozen=True, slots=True)
class _AtPrinter:
    """The rules that could match at a printer, in order, by operation; printers with the same
    rules share one.

    ``free``: whether one of them permits something to callers who are not identified.
    """

    by_operation: dict[Operation, list[Rule]]
    free: bool


class Policy:
    """``rules`` in order; ``revision``: a digest of the texts that they were read from;
    ``privacy``: what is hidden of jobs."""

    def __init__(
        self, rules: Sequence[Rule], revision: str, privacy: Privacy | None = None
    ) -> None:
        self.rules = tuple(rules)
        self.revision = revision
        self.privacy = privacy if privacy is not None else Privacy()
        self._printers: dict[str, _AtPrinter] = {}
        self._alike: dict[tuple[int, ...], _AtPrinter] = {}
        self._views: dict[tuple[object, ...], frozenset[Operation]] = {}

    def decide(self, facts: Facts) -> Decision:
        """The decision, and the rule that made it. Never raises.

        Anonymous callers: a rule that would permit once they are identified is remembered; if no
        later rule permits them as they are, the answer is to identify.
        """
        identify = doubt = not_owner = named = False
        for rule in self._at(facts.printer).by_operation.get(facts.operation, ()):
            if not rule.applies(facts):
                continue
            named = True
            match = rule.who.judge(facts)
            if match is Match.YES:
                if doubt if rule.permits else identify:
                    identify = True
                    break
                if rule.permits:
                    return Decision(Effect.PERMIT, Reason.RULE, rule.name)
                return Decision(Effect.REFUSE, Reason.RULE, rule.name, rule.message)
            if match is Match.LOOK_UP_OWNER:
                return Decision(Effect.LOOK_UP_OWNER, Reason.RULE, rule.name)
            if match is Match.IDENTIFY:
                identify = identify or rule.permits
                doubt = doubt or not rule.permits
            elif match is Match.NOT_OWNER:
                not_owner = not_owner or rule.permits
        if identify:
            return Decision(Effect.IDENTIFY, Reason.NO_RULE)
        if not named:
            return Decision(Effect.REFUSE, Reason.UNKNOWN_OPERATION)
        return Decision(Effect.REFUSE, Reason.NOT_OWNER if not_owner else Reason.NO_RULE)

    def operations_for(
        self, principal: Principal | None, printer: str, address: str, at: datetime
    ) -> frozenset[Operation]:
        """What this person may do at a printer; with jobs: with their own, or with others'.

        For anonymous callers also what they may do once identified: a client that tries is asked
        for credentials then.
        """
        who = None if principal is None else (principal.name, principal.groups)
        key = (who, printer)
        view = self._views.get(key)
        if view is None:
            view = frozenset(
                operation
                for operation in self._at(printer).by_operation
                if any(
                    self.decide(Facts(principal, printer, operation, owner, address, at)).effect
                    in (Effect.PERMIT, Effect.IDENTIFY)
                    for owner in (True, False)
                )
            )
            if len(self._views) >= _REMEMBERED_VIEWS:
                self._views.clear()
            self._views[key] = view
        return view

    def may_see(
        self, principal: Principal | None, printer: str, address: str, at: datetime
    ) -> bool:
        """Whether there is anything that this person may do at a printer."""
        return bool(self.operations_for(principal, printer, address, at))

    def needs_identity(self, printer: str) -> bool:
        """Whether no rule permits anything at that printer to callers who are not identified.

        Never true when one of them could be permitted something; may be false although none is,
        where a rule above refuses first: the attributes are read then, and decide.
        """
        return not self._at(printer).free

    def _at(self, printer: str) -> _AtPrinter:
        at = self._printers.get(printer)
        if at is None:
            if len(self._printers) >= _REMEMBERED_PRINTERS:
                self._printers.clear()
                self._alike.clear()
            matching = tuple(
                index for index, rule in enumerate(self.rules) if rule.printers.names(printer)
            )
            at = self._alike.get(matching)
            if at is None:
                at = self._alike[matching] = _at_printer([self.rules[i] for i in matching])
            self._printers[printer] = at
        return at


def _at_printer(rules: Sequence[Rule]) -> _AtPrinter:
    by_operation: dict[Operation, list[Rule]] = {}
    for rule in rules:
        for operation in rule.operations.codes:
            by_operation.setdefault(operation, []).append(rule)
    free = any(rule.permits and rule.who.scope is Scope.ANYONE for rule in rules)
    return _AtPrinter(by_operation, free)
