"""Printers' addresses."""

from __future__ import annotations

import pytest

from ippgate.printer.address import PrinterAddress


@pytest.mark.parametrize(
    ("uri", "host", "port", "authority", "path"),
    [
        ("ipp://192.0.2.21/ipp/print", "192.0.2.21", 631, "192.0.2.21:631", "/ipp/print"),
        ("ipp://printer.test:8631", "printer.test", 8631, "printer.test:8631", "/"),
        ("http://printer.test/x", "printer.test", 80, "printer.test:80", "/x"),
        ("IPP://[2001:db8::1]/ipp", "2001:db8::1", 631, "[2001:db8::1]:631", "/ipp"),
    ],
)
def test_parsed(uri: str, host: str, port: int, authority: str, path: str) -> None:
    assert PrinterAddress.parse(uri) == (uri, host, port, authority, path)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "printer.test",
        "ipps://printer.test/ipp/print",
        "file:///etc/passwd",
        "ipp:///ipp/print",
        "ipp://user:password@printer.test/",
        "ipp://printer.test/?a=b",
        "ipp://printer.test/#a",
        "ipp://printer.test:99999/",
        "ipp://printer.test:x/",
        "ipp://printer.test/a b",
        "ipp://printer.test/\r\nX: y",
        "ipp://drücker.test/",
    ],
)
def test_refused(uri: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        PrinterAddress.parse(uri)
