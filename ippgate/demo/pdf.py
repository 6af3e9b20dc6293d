"""A small PDF with a few lines of text: a real document for the demo."""

from __future__ import annotations

from collections.abc import Sequence

_FONT_SIZE = 18
_LEADING = 26
_TOP = 760


def page(lines: Sequence[str]) -> bytes:
    """One A4 page of Helvetica (ISO 32000-1). Lines are of Latin-1 characters."""
    operators = [f"BT /F1 {_FONT_SIZE} Tf {_LEADING} TL 60 {_TOP} Td"]
    operators += [f"({_escaped(line)}) Tj T*" for line in lines]
    content = "\n".join([*operators, "ET"]).encode("latin-1")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    pdf = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(pdf)
    pdf += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    pdf += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return pdf + trailer % (len(objects) + 1, start)


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
