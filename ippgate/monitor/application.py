"""What the monitoring address serves: ``/metrics``, ``/healthz``, ``/readyz``.

It listens apart from the printers' port, in the clear, for Prometheus and for probes: nothing here
names a person, and nothing here changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ippgate.exchange.ports import Answer, Body, Head, Peer
from ippgate.monitor.metrics import CONTENT_TYPE

_TEXT = (
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
)
_METRICS = (("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-store"))

Checks = Callable[[], Mapping[str, str | None]]
"""What readiness depends on, by name; the value is None, or what is wrong in words."""


class MonitorApplication:
    """The application of the monitoring listener."""

    def __init__(self, exposition: Callable[[], bytes], checks: Checks) -> None:
        self._exposition = exposition
        self._checks = checks

    async def __call__(self, head: Head, body: Body, peer: Peer) -> Answer:  # noqa: ARG002
        """Healthy: the process answers. Ready: it can serve people, too; 503 says what lacks."""
        if head.method not in ("GET", "HEAD"):
            return Answer(405, (*_TEXT, ("Allow", "GET, HEAD")), b"Only GET is served here.\n")
        path = head.target.partition("?")[0]
        if path == "/metrics":
            return Answer(200, _METRICS, self._exposition())
        if path == "/healthz":
            return Answer(200, _TEXT, b"ok\n")
        if path == "/readyz":
            return self._ready()
        return Answer(404, _TEXT, b"Here are /metrics, /healthz and /readyz.\n")

    def _ready(self) -> Answer:
        checks = self._checks()
        wrong = [name for name, words in checks.items() if words is not None]
        lines = [f"{name}: {words or 'ok'}\n" for name, words in checks.items()]
        return Answer(503 if wrong else 200, _TEXT, "".join(lines).encode())
