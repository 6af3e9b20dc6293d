"""Which servers are asked, in which order: those that did not answer are left alone for a while."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ippgate.exchange.ports import DirectoryUnavailable
from ippgate.identity.ldap_server import LdapServer

FAILURES = 3
"""In a row, before a server is left alone: one may be chance, such as a restart."""
RETRY_SECONDS = 2.0
"""Then one question in this time tries it again: people wait for others' questions no longer, and
it is back within this time."""
BEHIND_SECONDS = 30.0
"""So long, a server that failed is asked after those that did not."""


@dataclass
class _State:
    server: LdapServer
    failures: int = 0
    failed_at: float = 0.0
    retry_at: float = 0.0
    why: str = ""


class Availability:
    """The breaker before a directory's servers. ``seconds``: a monotonic clock."""

    def __init__(self, servers: Sequence[LdapServer], seconds: Callable[[], float]) -> None:
        self._states = {server.label: _State(server) for server in servers}
        self._seconds = seconds

    def to_ask(self) -> list[LdapServer]:
        """The servers that one question may go to, best first.

        Raises DirectoryUnavailable when all of them are left alone just now.
        """
        now = self._seconds()
        usable = [s for s in self._states.values() if s.failures < FAILURES or now >= s.retry_at]
        if not usable:
            whys = "; ".join(state.why for state in self._states.values())
            raise DirectoryUnavailable(f"not asked again yet: {whys}")
        usable.sort(key=lambda s: s.failures > 0 and now < s.failed_at + BEHIND_SECONDS)
        for state in usable:
            if state.failures >= FAILURES:
                state.retry_at = now + RETRY_SECONDS
        return [state.server for state in usable]

    def answered(self, label: str) -> None:
        """The server of that label answered."""
        self._states[label].failures = 0

    def failed(self, label: str, why: str) -> None:
        """The server of that label could not be reached, or did not answer."""
        now = self._seconds()
        state = self._states[label]
        state.failures += 1
        state.failed_at = now
        state.retry_at = now + RETRY_SECONDS
        state.why = why
