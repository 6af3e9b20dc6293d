"""Formats by their first octets."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.document.format import PCL, PJL, UNKNOWN, WINDOW, detect, inflated

PDF = "application/pdf"


@pytest.mark.parametrize(
    ("octets", "media_type"),
    [
        (b"%PDF-1.7\n", PDF),
        (b"%!PS-Adobe-3.0\n", "application/postscript"),
        (b"\x04%!PS\n", "application/postscript"),
        (b"UNIRAST\0\0\0\0\1", "image/urf"),
        (b"RaS2" + b"PwgRaster\0", "image/pwg-raster"),
        (b"2SaR", "image/pwg-raster"),
        (b"RaS3", "application/vnd.cups-raster"),
        (b"3SaR", "application/vnd.cups-raster"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"\x1f\x8b\x08", "application/gzip"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x1b%-12345X@PJL ENTER LANGUAGE=PDF\r\n%PDF-1.7", PJL),
        (b"@PJL INFO ID\r\n", PJL),
        (b") HP-PCL XL;3;0", "application/vnd.hp-pclxl"),
        (b"\x1bE\x1b&l0O", PCL),
        (b"\x1b&l0O", PCL),
        (b"\x1b*rB", PCL),
        (b"\x1b(s0p10h12V", PCL),
        (b"\x1b%-12345", PCL),
        (b"\n%!PS-Adobe", "application/postscript"),
        (b"\0\x04 %!PS", "application/postscript"),
        (b"\0\x1b%-12345X@PJL", PJL),
        (b"\r\n@PJL", PJL),
        (b" \x1bE", PCL),
        (b"text, and then\x1b%-12345X@PJL FSDELETE", PJL),
        (b"Hello, printer.\r\n\tTwo lines.\f", "text/plain"),
        ("Grüße".encode(), "text/plain"),
        (b"\0\1\2", UNKNOWN),
        (b"text\x1b[0m", UNKNOWN),
        (b"", UNKNOWN),
    ],
)
def test_formats(octets: bytes, media_type: str) -> None:
    assert detect(octets) == media_type


def test_a_pdf_may_begin_late_but_not_later() -> None:
    assert detect(b"\0" * 1019 + b"%PDF-1.7") == PDF
    assert detect(b"\0" * 1020 + b"%PDF-1.7") == UNKNOWN


def test_what_comes_first_counts() -> None:
    assert detect(b"\xff\xd8\xff %PDF-1.7") == "image/jpeg"
    assert detect(b"%!PS %PDF-1.7") == "application/postscript"
    assert detect(b"@PJL COMMENT %PDF-1.7") == PJL


@pytest.mark.parametrize("cut", ["%PDF", "%", "UNIRAST", "@PJ"])
def test_a_beginning_that_is_cut_short_is_not_the_format(cut: str) -> None:
    assert detect(cut.encode()) in ("text/plain", UNKNOWN)


@given(st.binary(max_size=100))
def test_octets_behind_the_window_do_not_count(octets: bytes) -> None:
    beginning = b"x" * WINDOW
    assert detect(beginning + octets) == detect(beginning) == "text/plain"


def test_empty_members_of_a_gzip_file_hide_nothing() -> None:
    hidden = gzip.compress(b"") * 3 + gzip.compress(b"%!PS-Adobe")
    assert detect(inflated(hidden, "gzip")) == "application/postscript"


def test_what_inflates_without_end_is_cut_at_the_window() -> None:
    assert len(inflated(gzip.compress(bytes(10_000_000)), "gzip")) == WINDOW
    assert inflated(gzip.compress(b"x") + b"no member", "gzip") == b""
