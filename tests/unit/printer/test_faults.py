"""Faults in an administrator's words."""

from __future__ import annotations

import pytest
from twisted.internet import defer, error

from ippgate.printer.faults import status_words, words


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (error.DNSLookupError(), "(DNS)"),
        (error.ConnectionRefusedError(), "is it off"),  # type: ignore[no-untyped-call]
        (error.TimeoutError(), "does not answer connections"),  # type: ignore[no-untyped-call]
        (defer.TimeoutError(), "does not answer connections"),
        (error.TCPTimedOutError(), "does not answer connections"),  # type: ignore[no-untyped-call]
        (error.NoRouteError(), "no route"),  # type: ignore[no-untyped-call]
        (error.ConnectError(), "cannot be connected to"),  # type: ignore[no-untyped-call]
        (error.ConnectionDone(), "closed the connection"),
        (error.ConnectionLost(), "broke the connection"),
        (ZeroDivisionError(), "ZeroDivisionError"),
        (None, "the connection failed"),
    ],
)
def test_words(fault: BaseException | None, text: str) -> None:
    assert text in words(fault)


@pytest.mark.parametrize("status", [101, 204, 301, 400, 401, 404, 426, 500, 599])
def test_statuses_are_always_named(status: int) -> None:
    assert status_words(status).endswith(f"(HTTP status {status})")
