"""The demo's PDF: small, and right to the octet."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.demo.pdf import page
from ippgate.document.format import detect

LATIN_1 = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=60)


def shown(content: bytes) -> list[str]:
    """The lines that a reader shows: the literal strings (ISO 32000-1 section 7.3.4.2)."""
    literals = re.findall(rb"^\(((?:[^\\()]|\\.)*)\) Tj T\*$", content, re.MULTILINE)
    return [re.sub(rb"\\(.)", rb"\1", literal).decode("latin-1") for literal in literals]


@given(st.lists(LATIN_1, max_size=5))
def test_every_offset_and_length_is_right_and_every_line_is_shown(lines: list[str]) -> None:
    pdf = page(lines)
    assert detect(pdf) == "application/pdf"
    start = int(pdf.removesuffix(b"\n%%EOF\n").rpartition(b"startxref\n")[2])
    table = pdf[start:].splitlines()
    assert table[:3] == [b"xref", b"0 6", b"0000000000 65535 f "]
    offsets = [int(entry[:10]) for entry in table[3:8]]
    for number, offset in enumerate(offsets, 1):
        assert pdf[offset:].startswith(b"%d 0 obj\n" % number)
    assert all(len(entry) == 19 for entry in table[2:8]), "20 octets with the end of line"
    stream = re.search(rb"/Length (\d+) >>\nstream\n", pdf)
    assert stream is not None
    content = pdf[stream.end() : stream.end() + int(stream[1])]
    assert pdf[stream.end() + len(content) :].startswith(b"\nendstream\n")
    assert shown(content) == lines


def test_what_helvetica_cannot_show_is_not_shown_as_something_else() -> None:
    with pytest.raises(UnicodeEncodeError):
        page(["紙"])
