"""Which printers there are, for whom."""

from __future__ import annotations

from typing import Any

import pytest

from ippgate.exchange.site import PrinterText, Site
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Message
from ippgate.ipp.values import integer, keyword
from tests.support.exchange_fakes import Gate, message_of, request, status_of, texts_of
from tests.support.policies import policy_of

RULES = """version: 1
rules:
  - {name: look, who: anyone, operations: [Get-Printer-Attributes], printers: [lab-1, lab-2],
     decision: permit}
  - {name: not lab-2, who: {groups: [students]}, printers: [lab-2], operations: ["@all"],
     decision: refuse}
  - {name: print, who: authenticated, printers: ["lab-*"], operations: ["@print"],
     decision: permit}
  - {name: hall, who: {groups: [operators]}, printers: [hall], operations: ["@all"],
     decision: permit}
"""
LIST, DEFAULT = Operation.CUPS_GET_PRINTERS, Operation.CUPS_GET_DEFAULT


def gate_of(rules: str = RULES) -> Gate:
    gate = Gate(policy_of(rules))
    site = Site(
        "print.example.org",
        {name: PrinterText(name.upper()) for name in ("lab-1", "lab-2", "hall")},
    )
    gate.exchange._site = site
    return gate


def ask(gate: Gate, operation: int = LIST, *more: Attribute, **how: Any) -> Message:
    return message_of(gate.ask(request(operation, *more, target=None), path="/", **how))


@pytest.mark.parametrize(
    ("user", "printers"),
    [
        ("alice", ["lab-1", "lab-2"]),
        ("bob", ["lab-1", "lab-2"]),
        ("olga", ["lab-1", "lab-2", "hall"]),
    ],
)
def test_each_sees_their_own(user: str, printers: list[str]) -> None:
    message = ask(gate_of(), user=user)
    assert texts_of(message, "printer-name") == printers
    assert texts_of(message, "printer-uri-supported") == [
        f"ipps://print.example.org/printers/{name}" for name in printers
    ]


def test_who_may_do_nothing_at_a_printer_does_not_see_it() -> None:
    rules = RULES.replace("printers: [lab-1, lab-2]", "printers: [lab-1]")
    assert texts_of(ask(gate_of(rules), user="bob"), "printer-name") == ["lab-1"]


def test_nobody_is_challenged() -> None:
    gate = gate_of()
    answer = gate.ask(request(LIST, target=None), path="/", user=None)
    assert answer.status == 401
    assert gate.ask(request(LIST, target=None), path="/", user="mallory").status == 401


def test_a_rule_that_names_the_operation_opens_the_list_or_hides_from_it() -> None:
    more = (
        "  - {name: strangers, who: anyone, printers: [lab-1], operations: [CUPS-Get-Printers],"
        " decision: permit}\n"
    )
    assert texts_of(ask(gate_of(RULES + more), user=None), "printer-name") == ["lab-1"]
    hidden = RULES.replace(
        "rules:\n",
        "rules:\n  - {name: hidden, who: anyone, printers: [lab-2], "
        "operations: [CUPS-Get-Printers], decision: refuse}\n",
    )
    assert texts_of(ask(gate_of(hidden)), "printer-name") == ["lab-1"]


def test_the_default_is_the_first_that_one_sees() -> None:
    message = ask(gate_of(), DEFAULT)
    assert texts_of(message, "printer-name") == ["lab-1"]


def test_nothing_to_see_is_not_found() -> None:
    rules = (
        "version: 1\nrules:\n"
        "  - {name: r, who: {groups: [x]}, operations: ['@all'], decision: permit}\n"
    )
    answer = gate_of(rules).ask(request(LIST, target=None), path="/")
    assert status_of(answer) == Status.CLIENT_ERROR_NOT_FOUND


def test_only_what_is_asked_for_is_told() -> None:
    wanted = Attribute("requested-attributes", (keyword("printer-name"),))
    message = ask(gate_of(), LIST, wanted, Attribute("limit", (integer(1),)))
    (group,) = [group for group in message.groups if group.tag == GroupTag.PRINTER]
    assert [attribute.name for attribute in group.attributes] == ["printer-name"]


def test_at_the_root_printer_uri_names_the_printer() -> None:
    gate = gate_of()
    assert status_of(gate.ask(request(Operation.GET_PRINTER_ATTRIBUTES), path="/")) == 0
    assert gate.printer.received
    other = request(Operation.GET_PRINTER_ATTRIBUTES, target=None)
    assert status_of(gate.ask(other, path="/")) == Status.CLIENT_ERROR_BAD_REQUEST


def test_the_list_is_recorded() -> None:
    gate = gate_of()
    ask(gate)
    record = gate.trail.records[-1]
    assert record.operation == "CUPS-Get-Printers"
    assert record.user is not None
    assert gate.meter.outcomes == [("unknown", "CUPS-Get-Printers", "answered")]
