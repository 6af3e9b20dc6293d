"""A document that turns out too large: noticed at the first octet too many."""

from __future__ import annotations

import pytest

from ippgate.ipp.encoder import encode
from tests.support.exchange_fakes import Gate, print_job
from tests.support.policies import policy_of

PIECE = 1_000
"""Octets that a client's body comes in."""


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_document_is_broken_off_where_it_becomes_too_large(off: int) -> None:
    """Also when a piece of it ends exactly where the limit is."""
    limit = 20 * PIECE - len(encode(print_job())) + off
    gate = Gate(
        policy_of(
            "version: 1\nrules:\n  - {name: r, who: authenticated, operations: ['@print', '@job'], "
            f"decision: permit, document: {{max_size: {limit}}}}}\n"
        )
    )
    gate.ask(print_job(), b"x" * 400_000, chunked=True)
    assert gate.body.read_octets <= 22 * PIECE
    assert gate.ask_status(print_job(), b"x" * limit, chunked=True) == 0
