"""The page about a printer, as a browser reads it."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from ippgate.exchange.page import ICON_HEADERS, PAGE_HEADERS, printer_page

URI = "ipps://print.example.org/printers/lab-1"


class Reader(HTMLParser):
    """Tags with their attributes, and the text of each element."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open = ""
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._open, []).append(data.strip())


def test_it_names_the_printer_where_it_stands_and_the_address_to_add() -> None:
    page = Reader(printer_page("lab-1", "Lab 1", "Building 3", URI))
    assert page.texts["title"][0] == "Lab 1"
    assert page.texts["code"][0] == URI
    assert "Building 3" in page.texts["p"]
    assert ("img", "/printers/lab-1/icon.png") in [(tag, at.get("src")) for tag, at in page.tags]


def test_a_printer_that_stands_nowhere_has_no_empty_paragraph() -> None:
    for nowhere in (None, ""):
        assert b"<p></p>" not in printer_page("lab-1", "Lab 1", nowhere, URI)


@given(st.text(st.sampled_from("<>&\"'{}%/ abcscript=:"), max_size=40))
def test_no_title_or_location_becomes_markup(text: str) -> None:
    page = Reader(printer_page("lab-1", text, text, URI))
    plain = Reader(printer_page("lab-1", "Lab 1", "Building 3", URI))
    without = Reader(printer_page("lab-1", "Lab 1", None, URI))
    assert page.tags == (plain.tags if text else without.tags)
    assert page.texts["title"][0] == text.strip()


def test_browsers_are_told_to_run_nothing_and_to_keep_nothing() -> None:
    page, icon = dict(PAGE_HEADERS), dict(ICON_HEADERS)
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "script-src" not in page["Content-Security-Policy"]
    assert page["Cache-Control"] == "no-store"
    assert page["Content-Type"] == "text/html; charset=utf-8"
    assert page["X-Content-Type-Options"] == icon["X-Content-Type-Options"] == "nosniff"
