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


def test_addresses_elsewhere_are_as_they_were() -> None:
    elsewhere = Attribute("x-uri", (uri("https://www.example.com/a"),))
    assert sent(request(Operation.GET_JOBS, elsewhere)).groups[0].get("x-uri") == elsewhere
