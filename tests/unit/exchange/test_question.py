"""What a decision point elsewhere is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from ippgate.exchange.question import question
from ippgate.ipp.enums import Operation
from ippgate.policy.facts import Document, Facts, Job, Principal, Span


def test_the_facts_as_json() -> None:
    alice = Principal("alice", "1", "basic", frozenset({"b", "a"}), {"dept": ("x", "y")})
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    job = Job({"copies": (2,), "page-ranges": (Span(1, 3),)}, Document("application/pdf", size=9))
    facts = Facts(alice, "lab-1", Operation.PRINT_JOB, None, "192.0.2.9", at, "TLSv1.3", job)
    assert json.loads(json.dumps(question(facts))) == {
        "user": {
            "name": "alice",
            "id": "1",
            "method": "basic",
            "groups": ["a", "b"],
            "attributes": {"dept": ["x", "y"]},
        },
        "printer": "lab-1",
        "operation": "Print-Job",
        "owner": None,
        "client": {"address": "192.0.2.9"},
        "tls": {"version": "TLSv1.3"},
        "time": "2026-03-02T09:00:00+00:00",
        "attributes": {"copies": [2], "page-ranges": ["1-3"]},
        "document": {"declared": "application/pdf", "detected": None, "octets": 9},
    }
    nobody = replace(facts, principal=None, job=Job(None))
    assert question(nobody)["user"] is None
    assert question(nobody)["attributes"] == {}
