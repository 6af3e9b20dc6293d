"""Requests of a trail, decided again."""

from __future__ import annotations

from typing import Any

from ippgate.ipp.enums import Operation
from ippgate.policy.facts import Document, Span
from ippgate.policy.file import load
from ippgate.policy.replay import Entry, facts_of, replay

RULES = """version: 1
rules:
  - {name: black, who: {groups: [staff]}, operations: ["@print"], decision: permit,
     attributes: {print-color-mode: {not: [color]}, sides: two-sided-long-edge}}
  - {name: jobs, who: owner, operations: ["@job"], decision: permit}
"""
POLICY = load([("r.yaml", RULES)])


def entry(**instead: Any) -> Entry:
    given: dict[str, Any] = {
        "time": "2026-03-02T09:00:00.000000Z",
        "event": "request.outcome",
        "id": "r1",
        "client": {"address": "198.51.100.7", "port": 5},
        "tls": {"version": "TLSv1.3"},
        "user": {"name": "alice", "id": "1", "method": "ldap", "groups": ["staff"]},
        "printer": "lab-1",
        "operation": "Print-Job",
        "attributes": {"document-format": "application/pdf", "sides": ["two-sided-long-edge"]},
        "decision": {"effect": "permit", "rule": "staff print", "reason": "rule"},
        "document": {"declared": "application/pdf", "detected": "image/urf", "octets": 9},
    }
    return given | instead


def test_facts_are_those_of_the_request() -> None:
    facts = facts_of(
        entry(attributes={"page-ranges": ["1-5"], "copies": [2]}, decision={"owner": True})
    )
    assert not isinstance(facts, str)
    assert facts.principal is not None
    assert facts.principal.groups == {"staff"}
    assert facts.operation is Operation.PRINT_JOB
    assert (facts.owner, facts.address, facts.tls) == (True, "198.51.100.7", "TLSv1.3")
    assert facts.job.attributes == {"page-ranges": (Span(1, 5),), "copies": (2,)}
    assert facts.job.document == Document("application/pdf", "image/urf", 9)


def test_what_ends_as_before_is_no_difference() -> None:
    result = replay(POLICY, iter([entry()]))
    assert (result.decided, result.differences) == (1, [])


def test_what_would_end_differently() -> None:
    colour = entry(attributes={"print-color-mode": ["color"]}, id="r2")
    anonymous = entry(user={"claimed": "root"}, id="r3")
    refused = entry(decision={"effect": "refuse", "reason": "no-rule"}, id="r4")
    result = replay(POLICY, iter([colour, anonymous, refused]))
    assert [(d.id, d.user, d.was, d.now, d.now_rule) for d in result.differences] == [
        ("r2", "alice", "permit", "refuse", None),
        ("r3", "anonymous", "permit", "identify", None),
        ("r4", "alice", "refuse", "permit", "black"),
    ]
    assert result.differences[0].was_rule == "staff print"
    assert result.differences[0].reason == "attributes"


def test_what_cannot_be_decided_again_is_counted_by_why() -> None:
    result = replay(
        POLICY,
        iter(
            [
                entry(decision={"effect": "refuse", "reason": "trail-unwritable"}),
                entry(operation="0x7777"),
                entry(operation="Cancel-Job"),
                entry(user={"name": "a", "groups": ["staff", "…"]}),
                entry(time="yesterday"),
                entry(event="request.intent"),
            ]
        ),
    )
    assert result.decided == 0
    assert result.undecided == {
        "something other than rules decided": 1,
        "its operation is not known": 1,
        "whose job it was is not recorded": 1,
        "not all groups of the person are recorded": 1,
        "its time cannot be read": 1,
    }


def test_attributes_that_were_not_recorded_are_named() -> None:
    assert replay(POLICY, iter([entry()])).unrecorded == {"print-color-mode"}


def test_nothing_in_a_trail_makes_it_fail() -> None:
    values: tuple[Any, ...] = (None, [], "x", {}, {"name": 5, "groups": 7, "effect": "permit"})
    for part in ("user", "client", "tls", "attributes", "decision", "document"):
        for value in values:
            replay(POLICY, iter([entry(**{part: value})]))
