"""A trail, decided again."""

from __future__ import annotations

from typing import Any

import pytest

from ippgate.policy.facts import Facts, Span
from ippgate.policy.replay import facts_of, replay
from tests.support.policies import policy_of

FEW = policy_of(
    "version: 1\nrules:\n  - {name: few, who: {groups: [staff]}, operations: ['@print'], "
    "attributes: {copies: {max: 5}}, decision: permit}\n"
    "  - {name: own, who: owner, operations: [Cancel-Job], decision: permit}\n"
)


def entry(**more: Any) -> dict[str, Any]:
    return {
        "event": "request.outcome",
        "id": "r1",
        "time": "2026-03-02T09:00:00Z",
        "user": {"name": "alice", "id": "1", "method": "basic", "groups": ["staff"]},
        "printer": "lab-1",
        "operation": "Print-Job",
        "client": {"address": "192.0.2.9"},
        "tls": {"version": "TLSv1.3"},
        "decision": {"effect": "permit", "reason": "rule", "rule": "old"},
        **more,
    }


def test_what_ends_alike_is_no_difference_and_what_does_not_is_one() -> None:
    many = entry(id="r2", attributes={"copies": [6]})
    result = replay(FEW, iter([entry(), many, {"event": "gateway.started"}]))
    assert result.decided == 2
    (found,) = result.differences
    assert (found.id, found.was, found.was_rule, found.now, found.now_rule, found.reason) == (
        "r2",
        "permit",
        "old",
        "refuse",
        None,
        "attributes",
    )
    assert result.unrecorded == set()
    assert replay(FEW, iter([entry()])).unrecorded == {"copies"}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"decision": {"effect": "refuse", "reason": "quota"}}, "something other than rules"),
        ({"decision": {}}, "something other than rules"),
        ({"operation": "Fly"}, "its operation is not known"),
        ({"time": "yesterday"}, "its time cannot be read"),
        (
            {"user": {"name": "alice", "groups": ["staff", "…"]}},
            "not all groups of the person are recorded",
        ),
        ({"operation": "Cancel-Job"}, "whose job it was is not recorded"),
    ],
)
def test_what_cannot_be_decided_again(more: dict[str, Any], why: str) -> None:
    result = replay(FEW, iter([entry(**more)]))
    assert result.decided == 0
    ((said, count),) = result.undecided.items()
    assert said.startswith(why)
    assert count == 1


def test_values_are_those_that_were_decided_from() -> None:
    facts = facts_of(
        entry(attributes={"page-ranges": ["2-5"], "job-account-id": ["2024-05"], "copies": [2]})
    )
    assert isinstance(facts, Facts)
    assert facts.job.attributes == {
        "page-ranges": (Span(2, 5),),
        "job-account-id": ("2024-05",),
        "copies": (2,),
    }
