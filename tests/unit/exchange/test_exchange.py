"""The life of a request, each test a transcript: what was asked, what reached the printer, the
client and the trail."""

from __future__ import annotations

import pytest

from ippgate.audit.events import Event
from ippgate.exchange.ports import (
    Answer,
    ClientGone,
    ClientTooSlow,
    DirectoryUnavailable,
    Head,
    PrinterUnavailable,
)
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import boolean, keyword, name, uri
from ippgate.policy.policy import Policy
from tests.support.exchange_fakes import (
    GATE_URI,
    PEER,
    PRINTER_URI,
    FakeBody,
    Gate,
    ipp_reply,
    job_reply,
    message_of,
    print_job,
    request,
    run,
    status_of,
    texts_of,
    words_of,
)
from tests.support.policies import policy_of

RULES = """
version: 1
rules:
  - {name: anyone looks, who: anyone, operations: [Get-Printer-Attributes], decision: permit}
  - name: not on sundays
    who: {groups: [students]}
    operations: [Print-Job, Create-Job]
    decision: refuse
    message: Students print in the library.
  - name: people print
    who: authenticated
    operations: ["@print", "@query"]
    decision: permit
  - {name: own jobs, who: owner, operations: ["@job"], decision: permit}
  - {name: operators, who: {groups: [operators]}, operations: ["@job", "@operate"], decision:
  permit}
"""


@pytest.fixture
def gate() -> Gate:
    return Gate(policy_of(RULES))


def test_a_permitted_print_job_reaches_the_printer_as_the_directory_knows_the_person(
    gate: Gate,
) -> None:
    gate.printer.script = lambda message, _: job_reply(message, 12)
    answer = gate.ask(print_job(user_name="root"), b"%PDF-1.7 body")
    message, document = gate.printer.received[0]
    assert document == b"%PDF-1.7 body"
    assert texts_of(message, "printer-uri") == [PRINTER_URI]
    assert texts_of(message, "requesting-user-name") == ["alice"]
    assert status_of(answer) == Status.SUCCESSFUL_OK
    assert texts_of(message_of(answer), "job-uri") == [f"{GATE_URI}/jobs/12"]


def test_intent_is_on_disk_before_the_printer_hears_and_outcome_names_job_and_digest(
    gate: Gate,
) -> None:
    def script(message: Message, document: bytes) -> bytes:
        gate.transcript.append("printer")
        return job_reply(message, 12)

    gate.printer.script = script
    gate.ask(print_job(), b"%PDF-1.7")
    assert gate.transcript == [
        "request.intent durable=True",
        "ledger.begin",
        "printer",
        "ledger.accepted",
        "request.outcome durable=True",
    ]
    outcome = gate.trail.records[-1]
    assert outcome.user == {
        "name": "alice",
        "id": "id-alice",
        "method": "basic",
        "groups": ["staff"],
        "claimed": "claimed",
    }
    assert outcome.job is not None
    assert outcome.job["id"] == 12
    assert outcome.document is not None
    assert outcome.document["octets"] == 8
    assert outcome.document["detected"] == "application/pdf"
    assert outcome.decision is not None
    assert outcome.decision["rule"] == "people print"


def test_content_length_upstream_is_what_the_client_gave_less_its_attributes(gate: Gate) -> None:
    gate.ask(print_job(), b"x" * 5000)
    gate.ask(print_job(), b"x" * 5000, chunked=True)
    assert gate.printer.lengths == [5000, None]


def test_a_refusal_by_rule_is_0403_in_the_rules_words_with_the_requests_id(gate: Gate) -> None:
    answer = gate.ask(print_job(), b"%PDF", user="bob")
    assert status_of(answer) == Status.CLIENT_ERROR_NOT_AUTHORIZED
    assert words_of(answer) == "Students print in the library. [r1]"
    assert gate.printer.received == []
    record = gate.trail.records[0]
    assert (record.event, record.id) == (Event.REQUEST_OUTCOME, "r1")
    assert record.decision is not None
    assert record.decision["rule"] == "not on sundays"
    assert gate.meter.refusals == [("lab-1", "not on sundays", "rule")]


def test_a_refused_document_is_not_read(gate: Gate) -> None:
    gate.ask(print_job(), b"x" * 1_000_000, user="bob")
    assert gate.body.read_octets < 5000


def test_anonymous_callers_get_printer_attributes_without_a_challenge(gate: Gate) -> None:
    assert gate.ask_status(request(Operation.GET_PRINTER_ATTRIBUTES), user=None) == 0
    message, _ = gate.printer.received[0]
    assert texts_of(message, "requesting-user-name") == ["anonymous"]


def test_anonymous_callers_are_challenged_for_the_rest_before_the_document_is_read(
    gate: Gate,
) -> None:
    answer = gate.ask(print_job(), b"x" * 1_000_000, user=None)
    assert answer.status == 401
    assert ("WWW-Authenticate", 'Basic realm="Printing", charset="UTF-8"') in answer.headers
    assert gate.body.read_octets < 5000
    assert gate.trail.records == [], "missing credentials are no event"


def test_where_nobody_may_do_anything_unidentified_401_comes_from_the_head_alone() -> None:
    rules = (
        "version: 1\nrules:\n"
        "  - {name: r, who: authenticated, operations: ['@print'], decision: permit}\n"
    )
    gate = Gate(policy_of(rules))
    answer = gate.ask(print_job(), b"x" * 10_000, user=None)
    assert answer.status == 401
    assert gate.body.read_octets == 0


def test_wrong_credentials_are_401_and_an_event_without_the_secret(gate: Gate) -> None:
    missing = gate.ask(print_job(), user=None)
    wrong = gate.ask(print_job(), user="mallory:secret")
    assert (wrong.status, wrong.headers, wrong.body) == (401, missing.headers, missing.body)
    record = gate.trail.records[0]
    assert record.event is Event.AUTHENTICATION_REFUSED
    assert record.user == {"claimed": "mallory"}
    assert "secret" not in repr(record)
    assert gate.body.read_octets == 0, "wrong credentials are refused before anything is read"


def test_directory_down_is_0502_with_the_request_id(gate: Gate) -> None:
    gate.identifier.error = DirectoryUnavailable("ldaps://dc1.example.org: timed out")
    answer = gate.ask(print_job(), b"%PDF")
    assert status_of(answer) == Status.SERVER_ERROR_SERVICE_UNAVAILABLE
    assert message_of(answer).request_id == 77
    assert "directory" in words_of(answer)
    assert gate.printer.received == []
    assert "dc1" not in words_of(answer), "the person need not know the servers"
    result = gate.trail.records[0].result
    assert result is not None
    assert "dc1.example.org" in str(result["error"])


def test_printer_down_is_0502_with_the_printers_name(gate: Gate) -> None:
    gate.printer.error = PrinterUnavailable("connection refused")
    answer = gate.ask(request(Operation.GET_PRINTER_ATTRIBUTES))
    assert status_of(answer) == Status.SERVER_ERROR_SERVICE_UNAVAILABLE
    assert "lab-1" in words_of(answer)
    assert gate.meter.outcomes == [("lab-1", "Get-Printer-Attributes", "failed")]


def test_nothing_is_forwarded_when_the_trail_cannot_be_written(gate: Gate) -> None:
    gate.trail.writable = False
    assert gate.ask_status(print_job(), b"%PDF") == Status.SERVER_ERROR_SERVICE_UNAVAILABLE
    assert gate.printer.received == []
    gate.trail.writable = True
    assert gate.ask_status(print_job(), b"%PDF") == Status.SUCCESSFUL_OK


def test_a_query_that_cannot_be_recorded_is_not_answered(gate: Gate) -> None:
    gate.trail.writable = False
    query = request(Operation.GET_PRINTER_ATTRIBUTES)
    assert gate.ask_status(query) == Status.SERVER_ERROR_SERVICE_UNAVAILABLE


def test_an_unknown_printer_and_one_that_may_not_be_used_look_alike() -> None:
    rules = (
        "version: 1\nrules:\n"
        "  - {name: r, who: {groups: [operators]}, operations: ['@all'], decision: permit}\n"
    )
    gate = Gate(policy_of(rules))
    hidden = gate.ask(print_job())
    unknown = gate.ask(print_job(target=GATE_URI.replace("lab-1", "lab-9")), path="/printers/lab-9")
    assert status_of(hidden) == status_of(unknown) == Status.CLIENT_ERROR_NOT_FOUND
    assert words_of(hidden).replace("lab-1", "lab-9")[:-4] == words_of(unknown)[:-4]


def test_operations_that_no_rule_names_are_not_supported(gate: Gate) -> None:
    not_supported = Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED
    assert gate.ask_status(request(0x7777)) == not_supported
    assert gate.ask_status(request(Operation.PRINT_URI)) == not_supported
    assert gate.printer.received == []


def test_bad_ipp_is_0400_with_the_request_id_that_was_read(gate: Gate) -> None:
    octets = encode(request(Operation.GET_PRINTER_ATTRIBUTES))
    answer = gate.ask(octets[:-10])
    assert status_of(answer) == Status.CLIENT_ERROR_BAD_REQUEST
    assert message_of(answer).request_id == 77
    assert message_of(answer).version == (2, 0)


def test_octets_after_a_request_without_document_are_refused(gate: Gate) -> None:
    answer = gate.ask_status(request(Operation.GET_PRINTER_ATTRIBUTES), b"GET / HTTP/1.1")
    assert answer == Status.CLIENT_ERROR_BAD_REQUEST
    assert gate.printer.received == []


def test_owner_and_stranger_and_operator(gate: Gate) -> None:
    gate.printer.script = lambda message, _: job_reply(message, 5)
    gate.ask(request(Operation.CREATE_JOB))
    cancel = request(Operation.CANCEL_JOB, job_id=5)
    assert gate.ask_status(cancel, user="bob") == Status.CLIENT_ERROR_NOT_AUTHORIZED
    asked = [message.code for message, _ in gate.printer.received]
    assert Operation.CANCEL_JOB not in asked
    assert gate.ask_status(cancel, user="olga") == Status.SUCCESSFUL_OK
    assert gate.ask_status(cancel, user="alice") == Status.SUCCESSFUL_OK
    assert gate.ask(cancel, user=None).status == 401


def test_nobody_sends_a_document_into_another_persons_job(gate: Gate) -> None:
    gate.printer.script = lambda message, _: job_reply(message, 5)
    gate.ask(request(Operation.CREATE_JOB))
    send = request(Operation.SEND_DOCUMENT, Attribute("last-document", (boolean(True),)), job_id=5)
    assert gate.ask_status(send, b"x", user="olga") == Status.CLIENT_ERROR_NOT_AUTHORIZED
    assert gate.ask_status(send, b"x", user="alice") == Status.SUCCESSFUL_OK
    assert gate.printer.received[-1][1] == b"x"


def test_a_job_whose_answer_was_never_heard_belongs_to_whom_the_printer_names(gate: Gate) -> None:
    def script(message: Message, document: bytes) -> bytes:
        if message.code == Operation.PRINT_JOB:
            return b"HTTP went away"
        owner = Attribute("job-originating-user-name", (name("alice"),))
        return ipp_reply(message, Group(GroupTag.JOB, (owner,)))

    gate.printer.script = script
    unheard = gate.ask_status(print_job(), b"%PDF")
    assert unheard == Status.SERVER_ERROR_SERVICE_UNAVAILABLE
    assert gate.transcript.count("ledger.unanswered") == 1
    cancel = request(Operation.CANCEL_JOB, job_id=9)
    assert gate.ask_status(cancel, user="bob") == Status.CLIENT_ERROR_NOT_AUTHORIZED
    assert gate.ask_status(cancel, user="alice") == Status.SUCCESSFUL_OK


def test_a_job_that_did_not_come_through_the_gateway_is_nobodys(gate: Gate) -> None:
    def script(message: Message, document: bytes) -> bytes:
        owner = Attribute("job-originating-user-name", (name("alice"),))
        return ipp_reply(message, Group(GroupTag.JOB, (owner,)))

    gate.printer.script = script
    cancel = request(Operation.CANCEL_JOB, job_id=9)
    assert gate.ask_status(cancel, user="alice") == Status.CLIENT_ERROR_NOT_FOUND
    codes = [message.code for message, _ in gate.printer.received]
    assert codes == [Operation.GET_JOB_ATTRIBUTES]


def test_a_ledger_that_cannot_be_written_refuses_before_anything_is_sent(gate: Gate) -> None:
    gate.ledger.down = True
    answer = gate.ask(print_job(), b"%PDF")
    assert status_of(answer) == Status.SERVER_ERROR_SERVICE_UNAVAILABLE
    assert "ledger" in words_of(answer)
    assert gate.printer.received == []
    assert gate.trail.records[-1].decision is not None
    assert gate.trail.records[-1].decision["reason"] == "ledger-unavailable"
    assert gate.trail.records[-1].result is not None
    assert gate.trail.records[-1].result["error"] == "ledger.db: the disk is full"


def test_of_a_job_that_the_printer_did_not_make_nothing_is_remembered(gate: Gate) -> None:
    gate.printer.script = lambda message, _: ipp_reply(
        message, status=Status.SERVER_ERROR_NOT_ACCEPTING_JOBS
    )
    gate.ask(print_job(), b"%PDF")
    assert "ledger.abandoned" in gate.transcript
    gate.printer.error = PrinterUnavailable("it refuses connections", sent=False)
    gate.ask(print_job(), b"%PDF")
    assert gate.ledger.waiting == {}


def test_a_client_that_goes_away_leaves_a_job_that_is_looked_for(gate: Gate) -> None:
    gate.ask(print_job(), b"%PDF", chunked=True, error=ClientGone("reset"))
    assert gate.transcript.count("ledger.unanswered") == 1
    assert len(gate.ledger.waiting) == 1


def test_a_job_that_does_not_exist_is_not_found(gate: Gate) -> None:
    gate.printer.script = lambda message, _: ipp_reply(
        message, status=Status.CLIENT_ERROR_NOT_FOUND
    )
    cancel = request(Operation.CANCEL_JOB, job_id=404)
    assert gate.ask_status(cancel) == Status.CLIENT_ERROR_NOT_FOUND


def test_my_jobs_are_the_authenticated_persons_whatever_name_is_claimed(gate: Gate) -> None:
    mine = Attribute("my-jobs", (boolean(True),))
    assert gate.ask_status(request(Operation.GET_JOBS, mine, user_name="not-alice")) == 0
    message, _ = gate.printer.received[0]
    group = message.group(GroupTag.OPERATION)
    assert group is not None
    sent = group.get("requesting-user-name")
    assert sent is not None
    assert sent.values == (name("alice"),)


def test_a_reply_to_another_request_is_not_passed_on(gate: Gate) -> None:
    gate.printer.script = lambda message, _: ipp_reply(message, request_id=78)
    answer = gate.ask(request(Operation.GET_PRINTER_ATTRIBUTES))
    assert status_of(answer) == Status.SERVER_ERROR_SERVICE_UNAVAILABLE


def test_a_printer_that_answers_nonsense_is_unavailable(gate: Gate) -> None:
    gate.printer.script = lambda message, _: b"<html>It works!</html>"
    answer = gate.ask(request(Operation.GET_PRINTER_ATTRIBUTES))
    assert status_of(answer) == Status.SERVER_ERROR_SERVICE_UNAVAILABLE


def test_a_client_that_goes_away_is_recorded_with_what_had_passed(gate: Gate) -> None:
    answer = gate.ask(print_job(), b"%PDF-1.7", error=ClientGone("connection lost"))
    assert answer.close
    assert gate.printer.received == []
    record = gate.trail.records[-1]
    assert record.event is Event.REQUEST_OUTCOME
    assert record.document is not None
    assert record.document["octets"] == 8
    assert record.result is not None
    assert record.result["error"] == "connection lost"


def test_a_client_that_is_too_slow_is_told_so(gate: Gate) -> None:
    answer = gate.ask(print_job(), b"%PDF", error=ClientTooSlow("4 octets/s"))
    assert (answer.status, answer.close) == (408, True)


@pytest.mark.parametrize(
    ("method", "target", "headers", "status"),
    [
        ("PUT", "/printers/lab-1", (), 405),
        ("POST", "/x", (), 404),
        ("POST", "/printers/lab-1?x=1", (), 404),
        ("POST", "/printers/..%2flab-1", (), 404),
        ("POST", "/admin", (), 404),
        ("POST", "/printers/lab-1", (("origin", "https://evil.example"),), 403),
        ("POST", "/printers/lab-1", (("sec-fetch-site", "cross-site"),), 403),
        ("POST", "/printers/lab-1", (("content-encoding", "gzip"),), 415),
    ],
)
def test_heads_that_are_not_ipp(
    gate: Gate, method: str, target: str, headers: tuple[tuple[str, str], ...], status: int
) -> None:
    given = (("content-type", "application/ipp"), ("authorization", "Basic alice"), *headers)
    body = FakeBody(b"x" * 100)
    answer = run(gate.exchange(Head(method, target, (1, 1), given, 100), body, PEER))
    assert answer.status == status
    assert body.read_octets == 0
    assert gate.identifier.asked == []


def test_only_application_ipp_is_taken(gate: Gate) -> None:
    head = Head("POST", "/printers/lab-1", (1, 1), (("content-type", "text/plain"),), 1)
    assert run(gate.exchange(head, FakeBody(b"x"), PEER)).status == 415


def test_the_printers_page_and_icon(gate: Gate) -> None:
    def get(path: str) -> Answer:
        return run(gate.exchange(Head("GET", path, (1, 1), (), 0), FakeBody(b""), PEER))

    page = get("/printers/lab-1")
    assert page.status == 200
    assert isinstance(page.body, bytes)
    assert b"ipps://print.example.org/printers/lab-1" in page.body
    assert get("/printers/lab-1/icon.png").body == b"PNG"
    assert get("/printers/lab-9").status == 404


def test_a_defect_is_recorded_and_not_hidden(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Policy, facts: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Policy, "decide", broken)
    with pytest.raises(ZeroDivisionError):
        gate.ask(print_job(), b"%PDF")
    assert gate.printer.received == []
    assert gate.trail.records[-1].result is not None
    assert gate.trail.records[-1].result["http"] == 500


def test_a_printer_is_described_as_asked_for_whatever_it_makes_of_that(gate: Gate) -> None:
    gate.printer.script = lambda message, _: ipp_reply(
        message,
        Group(
            GroupTag.PRINTER,
            (
                Attribute("printer-uri-supported", (uri(PRINTER_URI),)),
                Attribute("sides-supported", (keyword("one-sided"),)),
            ),
        ),
    )
    asking = request(
        Operation.GET_PRINTER_ATTRIBUTES,
        Attribute("requested-attributes", (keyword("sides-supported"),)),
    )
    message = message_of(gate.ask(asking, user=None))
    assert message.request_id == 77
    assert [a.name for group in message.groups[1:] for a in group.attributes] == ["sides-supported"]
    received, _ = gate.printer.received[0]
    assert texts_of(received, "requesting-user-name") == ["anonymous"]
    assert texts_of(received, "requested-attributes") == ["all"]


OWN = "/t/alices-own/printers/lab-1"


def test_an_address_of_ones_own_says_who_asks_and_goes_on_in_the_reply(gate: Gate) -> None:
    gate.printer.script = lambda message, _: job_reply(message, 12)
    for target in (f"ipps://print.example.org{OWN}", GATE_URI):
        answer = gate.ask(print_job(target=target), b"%PDF", user=None, path=OWN)
        assert texts_of(message_of(answer), "job-uri") == [f"ipps://print.example.org{OWN}/jobs/12"]
    message, _ = gate.printer.received[0]
    assert texts_of(message, "printer-uri") == [PRINTER_URI]
    assert "alices-own" not in repr(message)
    outcome = gate.trail.records[-1]
    assert outcome.user == {
        "name": "alice",
        "id": "id-alice",
        "method": "token",
        "credential": "t1",
        "groups": ["staff"],
        "claimed": "claimed",
    }
    assert "alices-own" not in repr(gate.trail.records)


def test_a_token_that_nobody_has_is_a_challenge_and_is_recorded(gate: Gate) -> None:
    answer = gate.ask(print_job(), b"%PDF", user=None, path="/t/other/printers/lab-1")

    assert answer.status == 401
    assert gate.trail.records[0].event == Event.AUTHENTICATION_REFUSED


def test_the_token_of_another_address_in_the_message_is_refused(gate: Gate) -> None:
    other = print_job(target="ipps://print.example.org/t/bobs-own/printers/lab-1")
    for path, user in ((OWN, None), ("/printers/lab-1", "alice")):
        assert gate.ask_status(other, b"%PDF", path=path, user=user) == (
            Status.CLIENT_ERROR_BAD_REQUEST
        )
    assert gate.printer.received == []


def test_a_claimed_name_is_believed_where_that_is_configured(gate: Gate) -> None:
    assert gate.ask(print_job(user_name="alice"), b"%PDF", user=None).status == 401
    assert gate.identifier.asked == []
    gate.identifier.believed = {"198.51.100.7"}

    assert gate.ask_status(print_job(user_name="alice"), b"%PDF", user=None) == (
        Status.SUCCESSFUL_OK
    )
    user = gate.trail.records[-1].user
    assert user is not None
    assert user["method"] == "network"
    for nobody in ("mallory", None):
        answer = gate.ask(print_job(user_name=nobody), b"%PDF", user=None)
        assert answer.status == 401
    # Whoever shows credentials is judged by them.
    assert gate.ask(print_job(user_name="alice"), b"%PDF", user="mallory").status == 401


def test_a_claim_that_cannot_be_looked_up_is_0502(gate: Gate) -> None:
    gate.identifier.believed = {"198.51.100.7"}
    gate.identifier.error = DirectoryUnavailable("dc1 does not answer")

    assert gate.ask_status(print_job(user_name="alice"), b"%PDF", user=None) == (
        Status.SERVER_ERROR_SERVICE_UNAVAILABLE
    )


CHIEFS = "{name: r, who: {groups: [chiefs]}, operations: ['@all'], decision: permit}"
NOT_HERE = "{name: n, who: anyone, operations: [Get-Printer-Attributes], decision: refuse}"
ANYBODY = "{name: a, who: anyone, operations: [Get-Printer-Attributes], decision: permit}"


@pytest.mark.parametrize(
    ("rules", "path", "status"),
    [
        (RULES, OWN, 200),
        (f"version: 1\nrules: [{CHIEFS}]\n", OWN, 404),
        (f"version: 1\nrules: [{CHIEFS}]\n", "/printers/lab-1", 404),
        (f"version: 1\nrules: [{ANYBODY}]\n", "/printers/lab-1", 200),
        (f"version: 1\nrules: [{NOT_HERE}, {ANYBODY}]\n", "/printers/lab-1", 404),
    ],
)
def test_a_page_is_for_those_who_may_use_its_printer(rules: str, path: str, status: int) -> None:
    gate = Gate(policy_of(rules))
    head = Head("GET", path, (1, 1), (("host", "print.example.org"),), 0)
    assert run(gate.exchange(head, FakeBody(b""), PEER)).status == status
