"""The rules together: the first one whose criteria all match decides; nothing matches: refused.

This order of precedence is here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ippgate.ipp.enums import Operation
from ippgate.policy.criteria import Verdict
from ippgate.policy.criteria.documents import Size
from ippgate.policy.criteria.who import Match
from ippgate.policy.decision import Decision, Effect, Reason, Shadow
from ippgate.policy.facts import Facts, Job, Place
from ippgate.policy.index import AtPrinter, Index, Like, bounded
from ippgate.policy.offers import CHOOSES, UNRESTRICTED, Offers
from ippgate.policy.privacy import Privacy
from ippgate.policy.rule import Rule, reason_of

MOST_VIEWS = 4096
"""What people may do and choose is kept: those with the same rights at the same printer ask
often."""
_SEEN = (Effect.PERMIT, Effect.IDENTIFY, Effect.ASK)

_View = tuple[str, Like | None, tuple[bool, ...]]


class Policy:
    """``rules`` in order; ``revision``: a digest of the texts that they were read from;
    ``privacy``: what is hidden of jobs; ``places``: location and tags of printers, by name."""

    def __init__(
        self,
        rules: Sequence[Rule],
        revision: str,
        privacy: Privacy | None = None,
        places: Mapping[str, Place] | None = None,
    ) -> None:
        self.rules = tuple(rules)
        self.revision = revision
        self.privacy = privacy if privacy is not None else Privacy()
        self.places = places if places is not None else {}
        self._index = Index(self.rules, self.places)
        self._operations: dict[_View, frozenset[Operation]] = {}
        self._offers: dict[_View, Offers] = {}

    def where(self, places: Mapping[str, Place]) -> Policy:
        """The same rules for other printers besides."""
        return Policy(self.rules, self.revision, self.privacy, {**self.places, **places})

    def decide(self, facts: Facts) -> Decision:
        """The decision, and the rule that made it. Never raises.

        Anonymous callers: a rule that would permit once they are identified is remembered; if no
        later rule permits them as they are, the answer is to identify. Where a rule depends on a
        document that is not known yet, the answer is the one that permits, and pending.
        """
        at = self._index.at(facts.printer)
        identify = doubt = not_owner = pending = False
        near: list[Rule] = []
        shadows: tuple[Shadow, ...] = ()
        for rule in at.rules_now(facts, at.like(facts.principal)):
            asked = rule.asked_so(facts) if rule.demands else Verdict.YES
            match = rule.who.judge(facts)
            if asked is Verdict.NO:
                if match is Match.YES and rule.permits and not rule.shadow:
                    near.append(rule)
                continue
            if rule.shadow:
                if match is Match.YES and (asked is Verdict.YES or rule.permits):
                    effect = Effect.PERMIT if rule.permits else Effect.REFUSE
                    shadows += (Shadow(rule.name, effect),)
                continue
            if match is Match.YES:
                pending = pending or asked is Verdict.OPEN
                if asked is Verdict.OPEN and not rule.permits:
                    continue
                if doubt if rule.permits else identify:
                    identify = True
                    break
                return _decided(rule, facts, shadows, pending)
            if match is Match.LOOK_UP_OWNER:
                return Decision(Effect.LOOK_UP_OWNER, Reason.RULE, rule.name)
            if match is Match.IDENTIFY:
                identify = identify or rule.permits
                doubt = doubt or not rule.permits
            elif match is Match.NOT_OWNER:
                not_owner = not_owner or rule.permits
        if identify:
            return Decision(Effect.IDENTIFY, Reason.NO_RULE)
        if not at.serves(facts.operation):
            return Decision(Effect.REFUSE, Reason.UNKNOWN_OPERATION, shadows=shadows)
        if near:
            return _nearly(near, facts, shadows)
        reason = Reason.NOT_OWNER if not_owner else Reason.NO_RULE
        return Decision(Effect.REFUSE, reason, shadows=shadows)

    def operations_for(self, facts: Facts) -> frozenset[Operation]:
        """What this person may do at a printer; with jobs: with their own, or with others'.

        ``facts``: of any operation. For anonymous callers also what they may do once identified:
        a client that tries is asked for credentials then.
        """
        at = self._index.at(facts.printer)
        key = _view(at, facts)
        view = self._operations.get(key)
        if view is None:
            bounded(self._operations, MOST_VIEWS)
            view = self._operations[key] = frozenset(
                operation for operation in at.by_operation if self._open_to(facts, operation)
            )
        return view

    def may_see(self, facts: Facts) -> bool:
        """Whether there is anything that this person may do at a printer."""
        return bool(self.operations_for(facts))

    def offers(self, facts: Facts) -> Offers:
        """What this person may choose when they print at a printer. ``facts``: of any operation."""
        at = self._index.at(facts.printer)
        if not at.limits:
            return UNRESTRICTED
        key = _view(at, facts)
        offers = self._offers.get(key)
        if offers is None:
            bounded(self._offers, MOST_VIEWS)
            like = at.like(facts.principal)
            rules = {operation: at.rules(operation, facts.principal, like) for operation in CHOOSES}
            offers = self._offers[key] = Offers(facts, rules)
        return offers

    def looks_at(self, printer: str, operation: Operation) -> frozenset[str]:
        """Attributes of jobs that rules for that operation look at, or write."""
        return self._index.at(printer).looks_at(operation)

    def sizes(self, printer: str, operation: Operation) -> list[int]:
        """Sizes of documents, in octets, that decisions change at, ascending."""
        bounds = {
            bound
            for rule in self._index.at(printer).by_operation.get(operation, ())
            for demand in rule.demands
            if isinstance(demand, Size)
            for bound in (demand.least, None if demand.most is None else demand.most + 1)
            if bound is not None
        }
        return sorted(bounds)

    def needs_identity(self, printer: str) -> bool:
        """Whether no rule permits anything at that printer to callers who are not identified.

        Never true when one of them could be permitted something; may be false although none is,
        where a rule above refuses first: the attributes are read then, and decide.
        """
        return not self._index.at(printer).free

    def _open_to(self, facts: Facts, operation: Operation) -> bool:
        return any(
            self.decide(replace(facts, operation=operation, owner=owner, job=_ANYTHING)).effect
            in _SEEN
            for owner in (True, False)
        )


_ANYTHING = Job(undecided=True)


def _view(at: AtPrinter, facts: Facts) -> _View:
    """What a person's rights at a printer depend on."""
    return facts.printer, at.like(facts.principal), at.came_so(facts)


def _decided(rule: Rule, facts: Facts, shadows: tuple[Shadow, ...], pending: bool) -> Decision:
    if rule.outside is not None:
        effect = Effect.ASK
    else:
        effect = Effect.PERMIT if rule.permits else Effect.REFUSE
    if rule.permits:
        return Decision(
            effect,
            Reason.RULE,
            rule.name,
            obligations=rule.obligations,
            shadows=shadows,
            pending=pending,
            outside=rule.outside,
            message=rule.message if rule.outside is not None or rule.obligations.quota else None,
        )
    refused = (demand.refused(facts) for demand in rule.demands)
    return Decision(
        effect,
        reason_of(rule.demands),
        rule.name,
        rule.message,
        refused=tuple(found for found in refused if found is not None and found[1]),
        shadows=shadows,
    )


def _nearly(near: Sequence[Rule], facts: Facts, shadows: tuple[Shadow, ...]) -> Decision:
    """No rule matched, and these would have, had the job asked for something else: the one that
    asks for the least is told of."""
    rule = min(near, key=lambda candidate: len(tuple(candidate.unmet(facts))))
    unmet = tuple(rule.unmet(facts))
    refused = (demand.refused(facts) for demand in unmet)
    return Decision(
        Effect.REFUSE,
        reason_of(unmet),
        message=rule.message,
        nearest=rule.name,
        refused=tuple(found for found in refused if found is not None),
        shadows=shadows,
    )
