"""What somebody may choose agrees with what is decided when they do."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ippgate.ipp.enums import Operation
from ippgate.policy.decision import Effect
from ippgate.policy.facts import Asked, Document, Facts, Job, Principal, Span
from ippgate.policy.file import load
from ippgate.policy.offers import UNRESTRICTED
from ippgate.policy.policy import Policy

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
ALICE = Principal("alice", "1", "basic", frozenset({"staff"}))
FACTS = Facts(ALICE, "lab-1", Operation.PRINT_JOB, True, "192.0.2.1", AT, "TLSv1.3")
SIDES = ("one-sided", "two-sided-long-edge")
MODES = ("color", "monochrome")

_SIDES = st.lists(st.sampled_from(SIDES), min_size=1, unique=True)
_ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "sides": st.builds(lambda v: {"is": v}, _SIDES),
        "print-color-mode": st.builds(lambda v: {"not": [v]}, st.sampled_from(MODES)),
        "copies": st.builds(lambda v: {"max": v}, st.integers(1, 5)),
    },
)
_RULES = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from(["authenticated", {"groups": ["staff"]}, {"groups": ["x"]}]),
            "decision": st.sampled_from(["permit", "permit", "refuse"]),
            "attributes": _ATTRIBUTES.filter(bool),
        }
    ),
    min_size=1,
    max_size=4,
)


def policy_of(rules: list[dict[str, Any]]) -> Policy:
    named = [{"name": f"r{n}", "operations": ["Print-Job"], **rule} for n, rule in enumerate(rules)]
    return load([("x", json.dumps({"version": 1, "rules": named}))])


def permitted(policy: Policy, sides: str, mode: str, copies: int) -> bool:
    asked: Asked = {"sides": (sides,), "print-color-mode": (mode,), "copies": (copies,)}
    decision = policy.decide(replace(FACTS, job=Job(asked)))
    return decision.effect is Effect.PERMIT


@given(_RULES)
def test_what_is_permitted_is_offered(rules: list[dict[str, Any]]) -> None:
    policy = policy_of(rules)
    offers = policy.offers(FACTS)
    for sides in SIDES:
        for mode in MODES:
            for copies in range(1, 7):
                if permitted(policy, sides, mode, copies):
                    assert offers.of("sides", sides) == (sides,)
                    assert offers.of("print-color-mode", mode) == (mode,)
                    span = offers.span("copies", Span(1, 9))
                    assert span is not None
                    assert span.lower <= copies <= span.upper


@given(_RULES)
def test_what_is_offered_with_one_attribute_limited_is_permitted(
    rules: list[dict[str, Any]],
) -> None:
    sides_only = [
        {**rule, "attributes": {"sides": rule["attributes"].get("sides", {"is": list(SIDES)})}}
        for rule in rules
    ]
    policy = policy_of(sides_only)
    offers = policy.offers(FACTS)
    for sides in SIDES if "sides" in offers.attributes else ():
        assert bool(offers.of("sides", sides)) is permitted(policy, sides, "color", 1)


def rule(**more: Any) -> dict[str, Any]:
    return {"who": "authenticated", "decision": "permit", **more}


def test_what_is_enforced_is_offered_instead() -> None:
    offers = policy_of([rule(enforce={"sides": "one-sided"})]).offers(FACTS)
    assert offers.of("sides", "two-sided-long-edge") == ("one-sided",)


def test_formats_and_sizes() -> None:
    policy = policy_of([rule(document={"formats": ["application/pdf"], "max_size": 1000})])
    offers = policy.offers(FACTS)
    assert offers.format("application/pdf")
    assert not offers.format("image/urf")
    assert offers.largest() == 1000
    two = policy_of([rule(document={"max_size": 1000}), rule(document={"max_size": 5000})])
    assert two.offers(FACTS).largest() == 5000
    refused = policy_of([rule(decision="refuse", document={"min_size": 501}), rule()])
    assert refused.offers(FACTS).largest() == 500
    refusing = replace(FACTS, job=Job({}, Document(size=501)))
    assert refused.decide(refusing).effect is Effect.REFUSE


def test_without_limits_everything_is_offered() -> None:
    offers = policy_of([rule()]).offers(FACTS)
    assert offers is UNRESTRICTED
    assert offers.of("sides", "x") == ("x",)
    assert offers.format("x/y")
    assert offers.largest() is None


def test_people_of_the_same_rights_share_one() -> None:
    policy = policy_of([rule(attributes={"copies": {"max": 5}})])
    other = replace(FACTS, principal=Principal("bob", "2", "basic", ALICE.groups))
    assert policy.offers(FACTS) is policy.offers(other)
    elsewhere = replace(FACTS, principal=Principal("bob", "2", "basic", frozenset({"x"})))
    assert policy.offers(FACTS) is not policy.offers(elsewhere)
