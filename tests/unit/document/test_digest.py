"""Octets, digest and format of a document, in whatever pieces it passes."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from ippgate.document.digest import Document, DocumentFacts
from ippgate.document.format import WINDOW, detect


def facts_of(*pieces: bytes, declared: str | None = None) -> DocumentFacts:
    document = Document(declared)
    for piece in pieces:
        document.update(piece)
    return document.finish()


def test_a_document() -> None:
    octets = b"%PDF-1.7\n" + b"x" * 10_000
    assert facts_of(octets, declared="application/pdf") == DocumentFacts(
        "application/pdf", "application/pdf", len(octets), hashlib.sha256(octets).hexdigest()
    )


def test_no_document() -> None:
    assert facts_of() == DocumentFacts(
        None, "application/octet-stream", 0, hashlib.sha256(b"").hexdigest()
    )


def test_what_is_declared_and_what_is_found_stand_apart() -> None:
    facts = facts_of(b"\x1b%-12345X@PJL", declared="image/jpeg")
    assert (facts.declared, facts.detected) == ("image/jpeg", "application/vnd.hp-pjl")


@given(st.lists(st.binary(max_size=3000), max_size=5))
def test_pieces_do_not_matter(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    assert facts_of(*pieces) == facts_of(whole)
    assert facts_of(*pieces).detected == detect(whole)


def test_facts_are_of_what_passed_so_far() -> None:
    document = Document(None)
    document.update(b"GIF8")
    assert document.finish().detected == "text/plain"
    document.update(b"9a")
    assert document.finish().detected == "image/gif"
    assert document.finish().octets == 6


def test_only_the_window_is_kept() -> None:
    document = Document(None)
    for _ in range(100):
        document.update(b"x" * 1000)
    assert len(document._window) == WINDOW
