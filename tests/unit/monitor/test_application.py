"""What the monitoring address answers."""

from __future__ import annotations

import pytest

from ippgate.exchange.ports import Answer, Head, Peer
from ippgate.monitor.application import MonitorApplication
from tests.support.exchange_fakes import FakeBody, run

PEER = Peer("192.0.2.7", 40000, 9631)


def ask(target: str, *, method: str = "GET", trail: str | None = None) -> Answer:
    application = MonitorApplication(lambda: b"a_metric 1\n", lambda: {"trail": trail})
    return run(application(Head(method, target, (1, 1), (), 0), FakeBody(b""), PEER))


def test_metrics() -> None:
    answer = ask("/metrics")
    assert (answer.status, answer.body) == (200, b"a_metric 1\n")
    assert ("Content-Type", "text/plain; version=0.0.4; charset=utf-8") in answer.headers


def test_healthy_as_long_as_it_answers() -> None:
    assert ask("/healthz", trail="disk full").status == 200


def test_ready_only_when_it_can_serve_and_says_what_lacks() -> None:
    assert ask("/readyz").body == b"trail: ok\n"
    answer = ask("/readyz", trail="the trail cannot be written")
    assert (answer.status, answer.body) == (503, b"trail: the trail cannot be written\n")


@pytest.mark.parametrize("target", ["/", "/metrics/", "/printers/lab-1", "//metrics"])
def test_nothing_else_is_here(target: str) -> None:
    assert ask(target).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_changed(method: str) -> None:
    assert ask("/metrics", method=method).status == 405
