"""What a document is, by its first octets: what a printer's firmware would take it for."""

from __future__ import annotations

import zlib

WINDOW = 4096
"""Octets from the beginning that are looked at."""

UNKNOWN = "application/octet-stream"
PJL = "application/vnd.hp-pjl"
PCL = "application/vnd.hp-pcl"

_UEL = b"\x1b%-12345X"
"""Universal Exit Language: begins PJL, whatever language follows (PJL Technical Reference)."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"%!", "application/postscript"),
    (b"UNIRAST\0", "image/urf"),
    (b"RaS2", "image/pwg-raster"),
    (b"2SaR", "image/pwg-raster"),
    (b"RaS3", "application/vnd.cups-raster"),
    (b"3SaR", "application/vnd.cups-raster"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\x1f\x8b", "application/gzip"),
    (b"PK\x03\x04", "application/zip"),
    (_UEL, PJL),
    (b"@PJL", PJL),
    (b") HP-PCL XL;", "application/vnd.hp-pclxl"),
    (b"\x1b", PCL),  # every PCL command begins with ESC, and firmware takes any
)
_SKIPPED = b"\0\x04\t\n\f\r "
"""What firmware skips before it looks for a language."""
_PROGRAMS = ("application/postscript", PJL, PCL, "application/vnd.hp-pclxl")


_WBITS = {"gzip": 31, "deflate": 15}
"""zlib's window bits for values of ``compression`` (RFC 8011 section 5.4.32)."""


def inflated(window: bytes, compression: str | None) -> bytes:
    """The beginning of a document that IPP's ``compression`` was applied to: WINDOW octets at most.

    Empty when it does not inflate, or is compressed in another way: then nobody can tell what it
    is. Without compression, the window itself.
    """
    if compression in (None, "none"):
        return window
    wbits = _WBITS.get(compression)
    if wbits is None:
        return b""
    found = b""
    try:
        # A gzip file has members (RFC 1952 section 2.2), of which the first ones may be empty.
        while window and len(found) < WINDOW:
            member = zlib.decompressobj(wbits)
            found += member.decompress(window, WINDOW - len(found))
            window = member.unused_data
    except zlib.error:
        return b""
    return found


def detect(window: bytes) -> str:
    """The MIME media type of a document that begins with ``window`` (at most WINDOW octets count).

    A PDF may have other octets before its header (ISO 32000-1, annex H.3.4.1): up to 1,024.
    Programs may have white space before them, and PJL is what UEL begins wherever it stands:
    firmware takes it so. ``application/octet-stream`` when nothing fits; the empty document too.
    """
    window = window[:WINDOW]
    for magic, media_type in _MAGIC:
        if window.startswith(magic):
            return media_type
    program = window.lstrip(_SKIPPED)
    for magic, media_type in _MAGIC:
        if media_type in _PROGRAMS and program.startswith(magic):
            return media_type
    if _UEL in window:
        return PJL
    if b"%PDF-" in window[:1024]:
        return "application/pdf"
    if window and not any(octet < 0x20 and octet not in b"\t\n\f\r" for octet in window):
        return "text/plain"
    return UNKNOWN
