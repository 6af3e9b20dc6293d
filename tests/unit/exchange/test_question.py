"""What a decision point elsewhere is asked."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from ippgate.exchange.question import question
from ippgate.ipp.enums import Operation
from ippgate.policy.facts import Document, Facts, Job, Principal, Span


def test_all_facts_are_in_it_as_json() -> None:
    alice = Principal("alice", "1", "basic", frozenset({"b", "a"}), {"department": ("x",)})
    document = Document("application/pdf", "image/urf", 5)
    job = Job({"copies": (2,), "page-ranges": (Span(1, 3),)}, document)
    at = datetime(2026, 3, 2, tzinfo=UTC)
    facts = Facts(alice, "lab-1", Operation.PRINT_JOB, True, "192.0.2.1", at, "TLSv1.3", job)
    assert json.loads(json.dumps(question(facts))) == {
        "user": {
            "name": "alice",
            "id": "1",
            "method": "basic",
            "groups": ["a", "b"],
            "attributes": {"department": ["x"]},
        },
        "printer": "lab-1",
        "operation": "Print-Job",
        "owner": True,
        "client": {"address": "192.0.2.1"},
        "tls": {"version": "TLSv1.3"},
        "time": "2026-03-02T00:00:00+00:00",
        "attributes": {"copies": [2], "page-ranges": ["1-3"]},
        "document": {"declared": "application/pdf", "detected": "image/urf", "octets": 5},
    }


def test_nobody_and_nothing() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    asked = question(Facts(None, "lab-1", Operation.GET_JOBS, None, "192.0.2.1", at))
    assert asked["user"] is None
    assert asked["attributes"] == {}
