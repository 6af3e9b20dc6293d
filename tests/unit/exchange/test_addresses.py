"""Addresses: which paths and URIs name a printer or a job, and what the gateway writes."""

from __future__ import annotations

import pytest

from ippgate.exchange.addresses import PublicAddress, Target, Token, parse_path, parse_target_uri


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/printers/lab-1", Target("lab-1")),
        ("/printers/lab-1/", Target("lab-1")),
        ("/ipp/print/lab-1", Target("lab-1")),
        ("/printers/lab-1/jobs/7", Target("lab-1", 7)),
        ("/t/a-b_C9/printers/lab-1", Target("lab-1", None, Token("a-b_C9"))),
        ("/t/a-b_C9/ipp/print/lab-1/jobs/7", Target("lab-1", 7, Token("a-b_C9"))),
        ("/t//printers/lab-1", None),
        ("/t/a/b/printers/lab-1", None),
        ("/t/a%41/printers/lab-1", None),
        (f"/t/{'a' * 129}/printers/lab-1", None),
        ("/printers/lab-1/t/a", None),
        ("/printers/lab-1/jobs/0", None),
        ("/printers/lab-1/jobs/99999999999", None),
        ("/printers/lab-1/jobs/4294967295", None),
        ("/printers/", None),
        ("/printers/lab 1", None),
        ("/printers/lab%2D1", None),
        ("/printers/lab-1/../lab-2", None),
        ("//printers/lab-1", None),
        ("/printers/lab-1\n", None),
        ("/", None),
        ("", None),
    ],
)
def test_paths(path: str, target: Target | None) -> None:
    assert parse_path(path) == target


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("ipps://print.example.org/printers/lab-1", Target("lab-1")),
        ("ipp://localhost:8631/ipp/print/lab-1", Target("lab-1")),
        ("ipps://print.example.org/printers/lab-1/jobs/3", Target("lab-1", 3)),
        ("/printers/lab-1", None),
        ("ipps:/printers/lab-1", None),
        ("file://print.example.org/printers/lab-1", None),
        ("ipps://print.example.org/printers/lab-1?a=b", None),
        ("ipps://print.example.org/printers/lab-1#x", None),
        ("ipps://[::1/printers/lab-1", None),
    ],
)
def test_target_uris(uri: str, target: Target | None) -> None:
    assert parse_target_uri(uri) == target


@pytest.mark.parametrize(
    ("public_name", "port", "printer", "page"),
    [
        ("print.example.org", 631, "ipps://print.example.org/printers/p", None),
        ("print.example.org", 8631, "ipps://print.example.org:8631/printers/p", None),
        ("print.example.org:631", 8631, "ipps://print.example.org/printers/p", None),
        (
            "[2001:db8::1]:443",
            631,
            "ipps://[2001:db8::1]:443/printers/p",
            "https://[2001:db8::1]/printers/p",
        ),
    ],
)
def test_what_the_gateway_writes(
    public_name: str, port: int, printer: str, page: str | None
) -> None:
    address = PublicAddress.parse(public_name, port)
    assert address.printer("p") == printer
    assert address.job("p", 4) == f"{printer}/jobs/4"
    if page is not None:
        assert address.page("p") == page


def test_what_the_gateway_writes_it_understands() -> None:
    address = PublicAddress.parse("print.example.org", 8631)
    assert parse_target_uri(address.printer("lab-1")) == Target("lab-1")
    assert parse_target_uri(address.job("lab-1", 9)) == Target("lab-1", 9)


def test_uuids_are_stable_and_differ_by_printer() -> None:
    address = PublicAddress.parse("print.example.org", 631)
    moved = PublicAddress.parse("PRINT.example.org", 8631)
    assert address.uuid("a") == moved.uuid("a") != address.uuid("b")
    assert address.uuid("a").startswith("urn:uuid:")


def test_the_addresses_of_one_person_all_begin_alike() -> None:
    address = PublicAddress.parse("print.example.org", 631, Token("abc"))

    for uri in (address.printer("p"), address.job("p", 7), address.page("p"), address.icon("p")):
        assert "/t/abc/printers/p" in uri
        assert parse_target_uri(uri.removesuffix("/icon.png")) is not None
    assert address.uuid("p") == PublicAddress.parse("print.example.org", 631).uuid("p")


def test_a_token_is_not_shown_where_its_address_is() -> None:
    target = parse_path("/t/abc-secret/printers/lab-1")

    assert target is not None
    assert "secret" not in repr(target)
    assert "secret" not in repr(PublicAddress("h", 1, target.token))
