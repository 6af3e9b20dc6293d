"""What the printer hears: its own addresses, the authenticated name, no claims and no
credentials."""

from __future__ import annotations

import pytest

from ippgate.exchange.addresses import Target
from ippgate.exchange.refusal import IppRefusal
from ippgate.exchange.request import understand
from ippgate.exchange.to_printer import WITHHELD, to_printer
from ippgate.ipp.enums import GroupTag, Operation
from ippgate.ipp.message import Attribute, Collection, Group, Message
from ippgate.ipp.values import integer, name, uri
from tests.support.exchange_fakes import GATE_URI, PRINTER_URI, request, texts_of

HOSTS = frozenset({"print.example.org", "localhost"})


def sent(message: Message, user: str | None = "alice") -> Message:
    return to_printer(understand(message, Target("lab-1")), PRINTER_URI, user, HOSTS)


def test_targets_come_third_and_fourth_and_jobs_are_named_by_id() -> None:
    message = request(
        Operation.CANCEL_JOB, Attribute("job-uri", (uri(f"{GATE_URI}/jobs/3"),)), target=None
    )
    names = [attribute.name for attribute in sent(message).groups[0].attributes]
    assert names == [
        "attributes-charset",
        "attributes-natural-language",
        "printer-uri",
        "job-id",
        "requesting-user-name",
    ]
    assert texts_of(sent(message), "printer-uri") == [PRINTER_URI]


def test_the_name_is_the_persons_also_when_none_was_sent() -> None:
    for claimed in ("root", None):
        message = sent(request(Operation.PRINT_JOB, user_name=claimed))
        assert texts_of(message, "requesting-user-name") == ["alice"]
    assert texts_of(sent(request(Operation.GET_JOBS), None), "requesting-user-name") == [
        "anonymous"
    ]


def test_claims_and_credentials_stay_here_in_whatever_group() -> None:
    claims = [Attribute(attribute_name, (name("x"),)) for attribute_name in sorted(WITHHELD)]
    message = request(
        Operation.PRINT_JOB, *claims[::2], groups=(Group(GroupTag.JOB, tuple(claims[1::2])),)
    )
    left = {a.name for group in sent(message).groups for a in group.attributes}
    assert left.isdisjoint(WITHHELD)


def test_the_gateways_address_becomes_the_printers_in_collections_too() -> None:
    nested = Collection((Attribute("x-printer", (uri(GATE_URI),)),))
    job = Group(GroupTag.JOB, (Attribute("x-col", (nested,)), Attribute("copies", (integer(2),))))
    groups = sent(request(Operation.PRINT_JOB, groups=(job,))).groups
    assert groups[1].attributes[0].values[0] == Collection(
        (Attribute("x-printer", (uri(PRINTER_URI),)),)
    )
    assert groups[1].attributes[1] is job.attributes[1]


def test_another_printer_of_the_gateway_is_not_an_address_to_pass_on() -> None:
    for other in ("lab-2", "lab-1/jobs/3"):
        address = Attribute("job-printer-uri", (uri(f"ipps://localhost/printers/{other}"),))
        with pytest.raises(IppRefusal):
            sent(request(Operation.GET_JOBS, address))


@pytest.mark.parametrize(
    ("operation", "attribute_name", "address"),
    [
        (Operation.PRINT_JOB, "document-uri", "http://192.0.2.99/x.pdf"),
        (Operation.PRINT_JOB, "notify-recipient-uri", "http://192.0.2.99/"),
        (Operation.PRINT_JOB, "notify-recipient-uri", "ftp:no-host"),
        (Operation.CREATE_JOB_SUBSCRIPTIONS, "notify-recipient-uri", "https://www.example.com/"),
        (Operation.PRINT_URI, "notify-recipient-uri", "https://www.example.com/"),
        (Operation.SET_PRINTER_ATTRIBUTES, "notify-recipient-uri", "https://www.example.com/"),
        (Operation.CREATE_JOB, "x-uri", "file:///etc/passwd"),
        (Operation.GET_JOBS, "x-uri", "https://www.example.com/a"),
    ],
)
def test_a_printer_is_not_made_to_speak_to_somebody_else(
    operation: Operation, attribute_name: str, address: str
) -> None:
    elsewhere = Attribute(attribute_name, (uri(address),))
    nested = Attribute("x-col", (Collection((Attribute("x-info", (Collection((elsewhere,)),)),)),))
    job_id = 3 if operation is Operation.CREATE_JOB_SUBSCRIPTIONS else None
    for attribute in (elsewhere, nested):
        with pytest.raises(IppRefusal) as refusal:
            sent(request(operation, attribute, job_id=job_id))
        assert refusal.value.reason == "address-elsewhere"


def test_subscriptions_that_come_with_a_job_push_nowhere_either() -> None:
    push = Attribute("notify-recipient-uri", (uri("http://192.0.2.99/"),))
    with pytest.raises(IppRefusal):
        sent(request(Operation.PRINT_JOB, groups=(Group(GroupTag.SUBSCRIPTION, (push,)),)))


def test_what_a_rule_must_name_may_name_an_address() -> None:
    document = Attribute("document-uri", (uri("https://www.example.com/a.pdf"),))
    for operation in (Operation.PRINT_URI, Operation.SEND_URI):
        job_id = 3 if operation is Operation.SEND_URI else None
        message = sent(request(operation, document, job_id=job_id))
        assert message.groups[0].get("document-uri") == document
    about = Attribute("printer-more-info", (uri("https://www.example.com/"),))
    group = Group(GroupTag.PRINTER, (about,))
    message = sent(request(Operation.SET_PRINTER_ATTRIBUTES, groups=(group,)))
    assert message.groups[1].attributes == (about,)


def test_what_leads_to_no_host_is_passed_on() -> None:
    fax = Attribute("x-number", (uri("tel:+1-555-0100"), uri("mailto:alice@example.com")))
    assert sent(request(Operation.PRINT_JOB, fax)).groups[0].get("x-number") == fax
