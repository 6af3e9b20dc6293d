"""A gate that is killed at random moments loses no owner and prints nothing twice."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.e2e.kill_gate import ROUNDS, main


# A peer that resets a connection before its handshake makes CPython's SSLSocket forget its socket.
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning"
)
def test_kill_9_at_random_moments(tmp_path: Path) -> None:
    words = main(ROUNDS, random.SystemRandom().randrange(10**6), tmp_path)
    print(words)
    assert "none was sent twice" in words
