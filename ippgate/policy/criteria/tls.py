"""How safe the client's own connection is: at least this version of TLS."""

from __future__ import annotations

from dataclasses import dataclass

from ippgate.policy.facts import Facts

VERSIONS = ("TLSv1.2", "TLSv1.3")
"""Older ones are not spoken."""


@dataclass(frozen=True, slots=True)
class LeastTls:
    """``version``: one of VERSIONS."""

    version: str

    @staticmethod
    def sees(facts: Facts) -> str | None:
        return facts.tls

    def matches(self, facts: Facts) -> bool:
        return facts.tls in VERSIONS[VERSIONS.index(self.version) :]

    def why_not(self, facts: Facts) -> str:
        return f"the connection is {facts.tls or 'in the clear'}, not {self.version} or newer"
