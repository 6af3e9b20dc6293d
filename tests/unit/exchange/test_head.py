"""What a head alone decides: the printer or page that is asked for, or why not."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.exchange.addresses import Target
from ippgate.exchange.head import PageRoute, RootRoute, route
from ippgate.exchange.ports import Head
from ippgate.exchange.refusal import HttpRefusal

IPP = ("content-type", "application/ipp")


def head(target: str = "/printers/lab-1", *headers: tuple[str, str], method: str = "POST") -> Head:
    return Head(method, target, (1, 1), headers, 100)


def refusal(of: Head) -> HttpRefusal:
    with pytest.raises(HttpRefusal) as caught:
        route(of)
    return caught.value


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("/printers/lab-1", Target("lab-1")),
        ("/printers/lab-1/", Target("lab-1")),
        ("/ipp/print/lab-1", Target("lab-1")),
        ("/printers/lab-1/jobs/7", Target("lab-1", 7)),
    ],
)
def test_a_post_names_a_printer_or_a_job(target: str, names: Target) -> None:
    assert route(head(target, IPP)) == names


@pytest.mark.parametrize(
    "target",
    [
        "/printers/lab-1?waitjob=false",
        "/printers/lab-1?",
        "/printers/lab-1#top",
        "/printers/lab-1/jobs/0",
        "/printers/lab-1/icon.png",
        "/PRINTERS/lab-1",
        "/printers/lab%2D1",
        "//print.example.org/printers/lab-1",
        "//[/printers/lab-1",
        "/printers",
    ],
)
def test_any_other_address_names_nothing_and_the_answer_says_where_printers_are(
    target: str,
) -> None:
    refused = refusal(head(target, IPP))
    assert refused.status == 404
    assert "/printers/NAME" in refused.text


@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS"]),
    st.text(alphabet=[chr(octet) for octet in range(0x21, 0x7F)], min_size=1, max_size=40),
)
def test_whatever_the_target_is_it_is_taken_or_refused(method: str, rest: str) -> None:
    with contextlib.suppress(HttpRefusal):
        asked = route(head(f"/{rest}", IPP, method=method))
        assert not isinstance(asked, RootRoute)
        assert rest.startswith(("printers/", "ipp/print/"))
        assert asked.printer in rest


@pytest.mark.parametrize(
    "content_type",
    ["application/ipp", "Application/IPP", "application/ipp; charset=utf-8", " application/ipp "],
)
def test_ipp_by_whatever_way_its_type_is_written(content_type: str) -> None:
    assert route(head("/printers/lab-1", ("content-type", content_type))) == Target("lab-1")


@pytest.mark.parametrize("content_type", ["", "application/ippx", "text/plain", "application"])
def test_other_content_is_not_taken_and_the_answer_says_what_is(content_type: str) -> None:
    refused = refusal(head("/printers/lab-1", ("content-type", content_type)))
    assert refused.status == 415
    assert "application/ipp" in refused.text


def test_content_without_a_type_is_not_taken() -> None:
    assert refusal(head()).status == 415


def test_encoded_content_is_refused_and_the_answer_names_the_ipp_way() -> None:
    assert route(head("/printers/lab-1", IPP, ("content-encoding", "Identity"))) == Target("lab-1")
    refused = refusal(head("/printers/lab-1", IPP, ("content-encoding", "gzip")))
    assert refused.status == 415
    assert "compression" in refused.text
    both = (("content-encoding", "identity"), ("content-encoding", "gzip"))
    assert refusal(head("/printers/lab-1", IPP, *both)).status == 415


@pytest.mark.parametrize("name", ["origin", "sec-fetch-site", "sec-fetch-mode"])
def test_a_web_page_cannot_print(name: str) -> None:
    assert refusal(head("/printers/lab-1", IPP, (name, "https://print.example.org"))).status == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_told_which_are_served(method: str) -> None:
    refused = refusal(head(method=method))
    assert refused.status == 405
    assert refused.headers == (("Allow", "GET, HEAD, POST"),)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_browsers_get_a_printers_page_and_its_icon_and_nothing_else(method: str) -> None:
    assert route(head("/printers/lab-1", method=method)) == PageRoute("lab-1", icon=False)
    assert route(head("/printers/lab-1?from=mail", method=method)) == PageRoute("lab-1", icon=False)
    assert route(head("/printers/lab-1/icon.png", method=method)) == PageRoute("lab-1", icon=True)
    for target in ("/printers/lab-1/jobs/7", "/icon.png", "/metrics"):
        assert refusal(head(target, method=method)).status == 404
