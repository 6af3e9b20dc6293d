"""Which servers are asked, in which order: a breaker before each server of a directory.

    closed      asked in the order of the configuration; one that failed lately, behind the others
    open        after FAILURES in a row: no person's question goes there
    half open   once in PROBE_SECONDS a probe asks it what any question begins with; when it
                answers, it is closed again

People never wait for a server that is known not to answer, and it is back as soon as it answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ippgate.exchange.ports import DirectoryUnavailable
from ippgate.identity.ldap_server import LdapServer

FAILURES = 3
"""In a row, before a server is left alone: one may be chance, such as a restart."""
BEHIND_SECONDS = 30.0
"""So long, a server that failed is asked after those that did not."""


@dataclass
class _State:
    server: LdapServer
    failures: int = 0
    failed_at: float = 0.0
    why: str = ""


class Availability:
    """The breakers of a directory's servers. ``seconds``: a monotonic clock."""

    def __init__(self, servers: Sequence[LdapServer], seconds: Callable[[], float]) -> None:
        self._states = {server.label: _State(server) for server in servers}
        self._seconds = seconds

    def to_ask(self) -> list[LdapServer]:
        """The servers that one question may go to, best first.

        Raises DirectoryUnavailable when all of them are left alone just now.
        """
        now = self._seconds()
        closed = [state for state in self._states.values() if state.failures < FAILURES]
        if not closed:
            whys = "; ".join(state.why for state in self._states.values())
            raise DirectoryUnavailable(f"not asked again yet: {whys}", unreachable=True)
        closed.sort(key=lambda s: s.failures > 0 and now < s.failed_at + BEHIND_SECONDS)
        return [state.server for state in closed]

    def answered(self, label: str) -> None:
        """The server of that label answered."""
        self._states[label].failures = 0

    def failed(self, label: str, why: str) -> None:
        """The server of that label could not be reached, or did not answer."""
        state = self._states[label]
        state.failures += 1
        state.failed_at = self._seconds()
        state.why = why

    def is_up(self, label: str) -> bool:
        """Whether it answered when it was last asked; True before that."""
        return self._states[label].failures == 0
