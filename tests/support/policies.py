"""Policies from a few lines of YAML."""

from __future__ import annotations

from ippgate.policy.file import load
from ippgate.policy.policy import Policy


def policy_of(text: str) -> Policy:
    """The policy of one rule file."""
    return load([("policy.yaml", text)])
