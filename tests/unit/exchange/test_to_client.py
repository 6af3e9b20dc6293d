"""What the client sees of a printer's reply: the gateway's addresses, and nothing of the network
behind."""

from __future__ import annotations

import pytest

from ippgate.exchange.addresses import PublicAddress
from ippgate.exchange.to_client import View, to_client
from ippgate.ipp.enums import GroupTag, Operation, Tag
from ippgate.ipp.message import Attribute, Collection, Group, Message, Value
from ippgate.ipp.values import enum, integer, keyword, text, uri

PUBLIC = PublicAddress("print.example.org", 631)
OWN = uri("ipps://print.example.org/printers/lab-1")
VIEW = View(
    printer="lab-1",
    printer_uri="ipp://192.0.2.21/ipp/print",
    public=PUBLIC,
    operations=frozenset({Operation.PRINT_JOB, Operation.GET_JOBS}),
    title="Lab 1",
)


def seen(*attributes: Attribute, tag: int = GroupTag.PRINTER, job_id: int | None = None) -> Group:
    message = Message((2, 0), 0, 1, (Group(tag, attributes),))
    return to_client(message, VIEW, job_id).groups[0]


def values(group: Group, name: str) -> tuple[Value | Collection, ...] | None:
    attribute = group.get(name)
    return None if attribute is None else attribute.values


def test_the_three_parallel_attributes_stay_parallel() -> None:
    group = seen(
        Attribute(
            "printer-uri-supported", (uri("ipp://192.0.2.21/ipp/print"), uri("ipps://host/x"))
        ),
        Attribute("uri-security-supported", (keyword("none"), keyword("tls"))),
        Attribute("uri-authentication-supported", (keyword("none"), keyword("none"))),
    )
    assert values(group, "printer-uri-supported") == (OWN,)
    assert values(group, "uri-security-supported") == (keyword("tls"),)
    assert values(group, "uri-authentication-supported") == (keyword("basic"),)


def test_operations_supported_is_what_this_person_may_do() -> None:
    every = [Operation.PRINT_JOB, Operation.CANCEL_JOB, Operation.GET_JOBS, 0x4042]
    group = seen(Attribute("operations-supported", tuple(enum(code) for code in every)))
    assert values(group, "operations-supported") == (enum(2), enum(0x0A))


def test_uuids_are_the_gateways() -> None:
    group = seen(Attribute("printer-uuid", (uri("urn:uuid:1"),)))
    assert values(group, "printer-uuid") == (uri(PUBLIC.uuid("lab-1")),)


def test_pages_and_icons_lead_to_the_gateway() -> None:
    group = seen(
        Attribute("printer-more-info", (uri("http://192.0.2.21/"),)),
        Attribute("printer-icons", (uri("http://192.0.2.21/a.png"), uri("http://192.0.2.21/b"))),
    )
    page = "https://print.example.org:631/printers/lab-1"
    assert values(group, "printer-more-info") == (uri(page),)
    assert values(group, "printer-icons") == (uri(f"{page}/icon.png"),)


@pytest.mark.parametrize(
    "address",
    [
        "http://192.0.2.21/strings",
        "https://192.0.2.21:443/strings",
        "http://10.1.2.3/x",
        "http://printer.local/x",
        "http://printer/x",
        "ftp://192.0.2.21/x",
        "http://[fe80::1]/x",
        "http://[bad/x",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://www.example.com/x",
        "https://user:secret@www.example.com/",
    ],
)
def test_addresses_inside_are_dropped(address: str) -> None:
    nested = Collection((Attribute("profile-uri", (uri(address),)),))
    group = seen(
        Attribute("printer-strings-uri", (uri("https://www.example.com/ok"), uri(address))),
        Attribute("printer-icc-profiles", (nested,)),
        Attribute("copies-default", (integer(1),)),
    )
    assert [attribute.name for attribute in group.attributes] == ["copies-default"]


@pytest.mark.parametrize(
    "address",
    ["geo:52.5,13.4", "urn:uuid:2", "tel:+1-555-0100", "https://www.example.com/support"],
)
def test_addresses_outside_are_kept(address: str) -> None:
    attribute = Attribute("x-info", (uri(address),))
    assert seen(attribute).attributes == (attribute,)


def test_a_host_that_the_printer_calls_itself_is_inside() -> None:
    group = seen(
        Attribute("printer-uri-supported", (uri("ipp://epson.example.net:631/ipp/print"),)),
        Attribute("printer-driver-installer", (uri("http://epson.example.net/driver"),)),
        Attribute("x-self", (uri("ipp://epson.example.net:631/ipp/print"),)),
    )
    assert values(group, "printer-driver-installer") is None
    assert values(group, "x-self") == (OWN,)


def test_of_what_a_printer_says_twice_the_first_counts() -> None:
    group = seen(Attribute("x-y", (text("a"),)), Attribute("x-y", (text("b"),)))
    assert group.attributes == (Attribute("x-y", (text("a"),)),)


def test_what_shows_the_network_or_an_access_list_is_dropped() -> None:
    names = [
        "device-uri",
        "smi55357-device-uri",
        "member-uris",
        "requesting-user-name-allowed",
        "oauth-authorization-server-uri",
    ]
    group = seen(*(Attribute(name, (text("x"),)) for name in names))
    assert group.attributes == ()


def test_every_job_of_a_list_keeps_its_own_address() -> None:
    jobs = [
        Group(
            GroupTag.JOB,
            (
                Attribute("job-uri", (uri(f"ipp://192.0.2.21/jobs/{number}"),)),
                Attribute("job-printer-uri", (uri("ipp://192.0.2.21/ipp/print"),)),
            ),
        )
        for number in (3, 4)
    ]
    reply = to_client(Message((2, 0), 0, 1, (*jobs, Group(GroupTag.JOB, ()))), VIEW, None)
    assert [values(group, "job-uri") for group in reply.groups] == [
        (uri(PUBLIC.job("lab-1", 3)),),
        (uri(PUBLIC.job("lab-1", 4)),),
        None,
    ]
    assert values(reply.groups[0], "job-printer-uri") == (OWN,)


def test_a_job_uri_without_a_number_is_dropped_unless_the_request_named_the_job() -> None:
    address = Attribute("job-uri", (uri("ipp://192.0.2.21/jobs/current"),))
    assert seen(address, tag=GroupTag.JOB).attributes == ()
    named = seen(address, tag=GroupTag.JOB, job_id=8)
    assert values(named, "job-uri") == (uri(PUBLIC.job("lab-1", 8)),)


def test_title_replaces_printer_info_and_control_characters_become_spaces() -> None:
    group = seen(
        Attribute("printer-info", (text("EPSON"),)),
        Attribute("printer-make-and-model", (Value(Tag.TEXT_WITHOUT_LANGUAGE, b"a\x1b[2Jb"),)),
    )
    assert values(group, "printer-info") == (text("Lab 1"),)
    assert values(group, "printer-make-and-model") == (text("a [2Jb"),)


def test_what_needs_no_change_is_the_same_object() -> None:
    collection = Collection((Attribute("x-dimension", (integer(21000),)),))
    attribute = Attribute("media-size-supported", (collection, collection))
    assert seen(attribute).attributes[0] is attribute
