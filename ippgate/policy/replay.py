"""Requests of a trail, decided again: what would end differently under other rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ippgate.ipp.enums import Operation
from ippgate.policy.attributes import SYNTAX, Syntax
from ippgate.policy.decision import Effect, Reason
from ippgate.policy.facts import Document, Facts, Job, Principal, Scalar, Span
from ippgate.policy.policy import Policy

Entry = Mapping[str, object]
"""A line of the trail, decoded."""

_OUTCOME = "request.outcome"
_NO_SUCH_PRINTER = "no-such-printer"
_BY_POLICY = frozenset(reason.value for reason in Reason) | {_NO_SUCH_PRINTER}
_CUT = "…"
"""Ends what was too long for the trail: what is not whole cannot be decided again."""
_SPAN = re.compile(r"(\d+)-(\d+)")
_GIVEN = frozenset({"document-format"})


@dataclass(frozen=True, slots=True)
class Difference:
    """A request that would end differently. ``was`` and ``now``: ``permit``, ``refuse``, …, each
    with its rule, when one decided."""

    time: str
    id: str
    user: str
    printer: str
    operation: str
    was: str
    was_rule: str | None
    now: str
    now_rule: str | None
    reason: str


@dataclass(slots=True)
class Replay:
    """``decided``: requests that were decided again; ``undecided``: those that could not be, by
    why; ``unrecorded``: attributes that the rules look at and no request has."""

    decided: int = 0
    differences: list[Difference] = field(default_factory=list)
    undecided: dict[str, int] = field(default_factory=dict)
    unrecorded: set[str] = field(default_factory=set)

    def undecidable(self, why: str) -> None:
        self.undecided[why] = self.undecided.get(why, 0) + 1


def replay(policy: Policy, entries: Iterator[Entry]) -> Replay:
    """Decides every outcome of a trail again."""
    result = Replay()
    recorded: set[str] = set()
    looked_at: set[str] = set()
    for entry in entries:
        if entry.get("event") != _OUTCOME:
            continue
        decision = _part(entry, "decision")
        was = decision.get("effect")
        if was not in ("permit", "refuse") or decision.get("reason") not in _BY_POLICY:
            result.undecidable("something other than rules decided")
            continue
        facts = facts_of(entry)
        if isinstance(facts, str):
            result.undecidable(facts)
            continue
        recorded |= (facts.job.attributes or {}).keys()
        looked_at |= policy.looks_at(facts.printer, facts.operation)
        _compare(policy, entry, facts, result)
    result.unrecorded = looked_at - recorded
    return result


def facts_of(entry: Entry) -> Facts | str:
    """What a request was decided from; in words, why that cannot be known."""
    operation = Operation.from_keyword(str(entry.get("operation")))
    if operation is None:
        return "its operation is not known"
    try:
        at = datetime.fromisoformat(str(entry.get("time")))
    except ValueError:
        return "its time cannot be read"
    user = _part(entry, "user")
    principal = None
    if "name" in user:
        groups = _texts(user.get("groups"))
        attributes = {
            str(name): tuple(_texts(values)) for name, values in _part(user, "attributes").items()
        }
        if any(_CUT in text for text in [*groups, *(v for vs in attributes.values() for v in vs)]):
            return "not all groups of the person are recorded"
        principal = Principal(
            str(user["name"]),
            str(user.get("id")),
            str(user.get("method")),
            frozenset(groups),
            attributes,
        )
    owner = _part(entry, "decision").get("owner")
    asked = {
        str(name): tuple(_scalar(str(name), value) for value in values)
        for name, values in _part(entry, "attributes").items()
        if name not in _GIVEN and isinstance(values, list)
    }
    return Facts(
        principal,
        str(entry.get("printer")),
        operation,
        owner if isinstance(owner, bool) else None,
        str(_part(entry, "client").get("address")),
        at,
        _text(_part(entry, "tls").get("version")),
        Job(asked, _document(entry)),
    )


def _compare(policy: Policy, entry: Entry, facts: Facts, result: Replay) -> None:
    decision = policy.decide(facts)
    if decision.effect is Effect.LOOK_UP_OWNER:
        result.undecidable("whose job it was is not recorded")
        return
    if decision.effect is Effect.ASK:
        result.undecidable("a decision point elsewhere decides")
        return
    result.decided += 1
    was = _part(entry, "decision")
    if decision.effect.value == was.get("effect"):
        return
    user = _part(entry, "user")
    result.differences.append(
        Difference(
            time=str(entry.get("time")),
            id=str(entry.get("id")),
            user=str(user.get("name", "anonymous")),
            printer=facts.printer,
            operation=facts.operation.keyword,
            was=str(was.get("effect")),
            was_rule=_text(was.get("rule")),
            now=decision.effect.value,
            now_rule=decision.rule,
            reason=decision.reason.value,
        )
    )


def _document(entry: Entry) -> Document:
    document = _part(entry, "document")
    declared = document.get("declared", _part(entry, "attributes").get("document-format"))
    octets = document.get("octets")
    return Document(
        _text(declared),
        _text(document.get("detected")),
        octets if isinstance(octets, int) else None,
    )


def _scalar(name: str, value: object) -> Scalar:
    if isinstance(value, int):
        return value
    span = _SPAN.fullmatch(str(value)) if SYNTAX.get(name) is Syntax.RANGES else None
    return Span(int(span[1]), int(span[2])) if span is not None else str(value)


def _part(entry: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = entry.get(name)
    return part if isinstance(part, dict) else {}


def _texts(values: object) -> list[str]:
    return [str(value) for value in values] if isinstance(values, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
