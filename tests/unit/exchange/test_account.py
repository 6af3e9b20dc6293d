"""What a line of the trail and the metrics say of one exchange."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from ippgate.audit.events import Event
from ippgate.document.digest import DocumentFacts
from ippgate.exchange.account import Account
from ippgate.exchange.addresses import Target
from ippgate.exchange.ports import Peer
from ippgate.exchange.request import understand
from ippgate.ipp.enums import Operation, Status
from ippgate.ipp.message import Attribute
from ippgate.ipp.values import name
from ippgate.policy.decision import Decision, Effect, Reason
from tests.support.exchange_fakes import ALICE, PEER, request

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ENDED = datetime(2026, 3, 2, 9, 0, 2, tzinfo=UTC)
ASKED = understand(
    request(
        Operation.PRINT_JOB,
        Attribute("job-name", (name("minutes"),)),
        document_format="application/pdf",
    ),
    Target("lab-1"),
)
PERMITTED = Decision(Effect.PERMIT, Reason.RULE, rule="staff print")
PDF = DocumentFacts("application/pdf", "image/jpeg", 5000, "ab" * 32)


class Counted:
    """A meter that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []

    def answered(self, **labels: Any) -> None:
        self.told.append(("answered", labels))

    def refused(self, **labels: Any) -> None:
        self.told.append(("refused", labels))

    def shadow_matched(self, **labels: Any) -> None:
        self.told.append(("shadow_matched", labels))

    def document_octets(self, **labels: Any) -> None:
        self.told.append(("document_octets", labels))

    def authenticated(self, **labels: Any) -> None: ...
    def printer_answered(self, **labels: Any) -> None: ...


def account(**known: Any) -> Account:
    made = Account("r1", BEGAN, 1000.0, PEER, "policy-digest")
    for field, value in known.items():
        setattr(made, field, value)
    return made


def printed() -> Account:
    """Alice's Print-Job, permitted and done."""
    return account(
        printer="lab-1",
        request=ASKED,
        principal=ALICE,
        claimed="root",
        decision=PERMITTED,
        rule="staff print",
        reason="rule",
        job_id=12,
        job_uuid="urn:uuid:1",
        document=PDF,
        ipp_status=Status.SUCCESSFUL_OK,
        printer_status=Status.SUCCESSFUL_OK,
        octets_in=5300,
        octets_out=200,
        directory_seconds=0.0123456,
        printer_seconds=1.5,
    )


def test_the_outcome_says_who_what_where_and_how_it_ended() -> None:
    record = printed().ended(ENDED, 1002.0)
    assert (record.event, record.id, record.time) == (Event.REQUEST_OUTCOME, "r1", ENDED)
    assert record.client == {"address": "198.51.100.7", "port": 50000}
    assert record.tls == {"version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384"}
    assert record.user == {
        "name": "alice",
        "id": "id-alice",
        "method": "basic",
        "groups": ["staff"],
        "claimed": "root",
    }
    assert (record.printer, record.operation) == ("lab-1", "Print-Job")
    assert record.attributes == {"document-format": "application/pdf"}
    assert record.decision == {
        "effect": "permit",
        "rule": "staff print",
        "reason": "rule",
        "revision": "policy-digest",
    }
    assert record.job == {"id": 12, "uuid": "urn:uuid:1", "name": "minutes"}
    assert record.document == {
        "declared": "application/pdf",
        "detected": "image/jpeg",
        "octets": 5000,
        "sha256": "ab" * 32,
    }
    assert record.result == {
        "http": 200,
        "ipp": "successful-ok",
        "printer": "successful-ok",
        "octets_in": 5300,
        "octets_out": 200,
        "ms": 2000.0,
        "directory_ms": 12.346,
        "printer_ms": 1500.0,
    }


def test_the_intent_says_the_same_of_what_is_about_to_be_sent_and_nothing_of_its_end() -> None:
    done = printed()
    intent, outcome = done.intent(), done.ended(ENDED, 1002.0)
    assert (intent.event, intent.time) == (Event.REQUEST_INTENT, BEGAN)
    assert intent.result is None
    like_outcome = dataclasses.replace(
        intent, event=outcome.event, time=outcome.time, result=outcome.result
    )
    assert like_outcome == outcome


def test_a_refusal_has_the_words_that_the_person_read() -> None:
    record = account(
        outcome="refused", rule="not here", reason="rule", message="Ask at the desk."
    ).ended(ENDED, 1000.1)
    assert record.decision == {
        "effect": "refuse",
        "rule": "not here",
        "reason": "rule",
        "message": "Ask at the desk.",
        "revision": "policy-digest",
    }


def test_refused_credentials_are_an_event_of_their_own_with_the_name_that_was_claimed() -> None:
    record = account(outcome="challenged", reason="authentication", claimed="mallory").ended(
        ENDED, 1000.1
    )
    assert record.event is Event.AUTHENTICATION_REFUSED
    assert record.user == {"claimed": "mallory"}
    assert record.decision is not None
    assert record.decision["effect"] == "refuse"


@pytest.mark.parametrize("reason", ["client-gone", "printer-unavailable", "defect"])
def test_what_broke_off_says_permit_only_when_it_had_been_permitted(reason: str) -> None:
    before = account(outcome="failed", reason=reason).ended(ENDED, 1000.1)
    assert before.decision == {"reason": reason, "revision": "policy-digest"}
    after = account(outcome="failed", reason=reason, decision=PERMITTED).ended(ENDED, 1000.1)
    assert after.decision is not None
    assert after.decision["effect"] == "permit"


def test_what_is_not_known_is_left_out() -> None:
    record = Account("r1", BEGAN, 1000.0, Peer("192.0.2.1", 5, 631), "p").ended(ENDED, 1000.0)
    assert (record.printer, record.operation) == ("unknown", "unknown")
    parts = (record.tls, record.user, record.attributes, record.decision, record.job)
    assert parts == (None,) * 5
    assert record.document is None
    assert record.result == {"http": 200, "octets_in": 0, "octets_out": 0, "ms": 0.0}


def test_metrics_count_an_answer_and_the_octets_of_its_document() -> None:
    meter = Counted()
    printed().measure(meter, 1002.0)
    assert meter.told == [
        (
            "answered",
            {
                "printer": "lab-1",
                "operation": "Print-Job",
                "outcome": "answered",
                "seconds": 2.0,
            },
        ),
        ("document_octets", {"printer": "lab-1", "direction": "to-printer", "octets": 5000}),
    ]


def test_metrics_count_a_refusal_by_rule_and_reason_and_name_nobody() -> None:
    meter = Counted()
    account(outcome="refused", reason="no-such-printer", principal=ALICE).measure(meter, 1000.5)
    assert meter.told[1] == (
        "refused",
        {"printer": "unknown", "rule": "", "reason": "no-such-printer"},
    )
    assert "alice" not in repr(meter.told)
