"""READ_HEAD: what a request's head alone decides.

Only POST with application/ipp reaches IPP (RFC 8010 section 4). A browser that is made to post by a
foreign page shows itself by Origin or Sec-Fetch-*: no IPP client sends them.
"""

from __future__ import annotations

from typing import NamedTuple

from ippgate.exchange.addresses import Target, Token, parse_path
from ippgate.exchange.ports import Head
from ippgate.exchange.refusal import HttpRefusal

IPP_CONTENT_TYPE = "application/ipp"
ROOT = "/"
ICON_SUFFIX = "/icon.png"


class PageRoute(NamedTuple):
    """A person's browser asks for a printer's page, or its icon."""

    printer: str
    icon: bool
    token: Token | None = None


class RootRoute(NamedTuple):
    """The request itself says which printer is meant, or asks which there are."""


def route(head: Head) -> Target | PageRoute | RootRoute:
    """What the head asks for. Raises HttpRefusal.

    The target is taken apart by hand: urllib takes ``//…`` for the name of a server, and fails on
    ``//[``.
    """
    path, query_follows, _ = head.target.partition("?")
    if head.method in ("GET", "HEAD"):
        return _page(path)
    if head.method != "POST":
        raise HttpRefusal(
            405,
            "Only POST is served here, and GET for pages.",
            headers=(("Allow", "GET, HEAD, POST"),),
        )
    _refuse_browsers(head)
    content_type = (head.values("content-type") or [""])[0].partition(";")[0].strip().lower()
    if content_type != IPP_CONTENT_TYPE:
        raise HttpRefusal(415, f"Content-Type must be {IPP_CONTENT_TYPE}.")
    encodings = [value.strip().lower() for value in head.values("content-encoding")]
    if encodings not in ([], ["identity"]):
        raise HttpRefusal(
            415,
            "Content-Encoding is not accepted. Documents are compressed by the IPP attribute "
            "compression.",
        )
    if head.target == ROOT:
        return RootRoute()
    target = None if query_follows else parse_path(path)
    if target is None:
        raise HttpRefusal(404, "No printer has this address. Printers are at /printers/NAME.")
    return target


def _page(path: str) -> PageRoute:
    target = parse_path(path.removesuffix(ICON_SUFFIX))
    if target is None or target.job_id is not None:
        raise HttpRefusal(404, "There is no such page. Printers are at /printers/NAME.")
    return PageRoute(target.printer, icon=path.endswith(ICON_SUFFIX), token=target.token)


def _refuse_browsers(head: Head) -> None:
    for name, _ in head.headers:
        if name == "origin" or name.startswith("sec-fetch-"):
            raise HttpRefusal(403, "Requests that a web page made are not accepted.")
