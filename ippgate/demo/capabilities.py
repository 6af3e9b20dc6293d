"""What the virtual printer says of itself: an office laser of 2009, IPP/1.1, no TLS, no users."""

from __future__ import annotations

from ippgate.ipp import values
from ippgate.ipp.enums import Operation
from ippgate.ipp.message import Attribute, Collection, Value

OPERATIONS = (
    Operation.PRINT_JOB,
    Operation.VALIDATE_JOB,
    Operation.CREATE_JOB,
    Operation.SEND_DOCUMENT,
    Operation.CANCEL_JOB,
    Operation.GET_JOB_ATTRIBUTES,
    Operation.GET_JOBS,
    Operation.GET_PRINTER_ATTRIBUTES,
)
FORMATS = ("application/pdf", "image/jpeg", "image/pwg-raster", "application/octet-stream")
MEDIA = {"iso_a4_210x297mm": (21000, 29700), "na_letter_8.5x11in": (21590, 27940)}
"""PWG names, with width and height in hundredths of a millimetre (PWG 5100.7)."""
ONE_SIDED = "one-sided"
_MARGIN = 423
_IDLE, _PROCESSING = 3, 4
_NORMAL_QUALITY = 4
_PORTRAIT = 3


def printer_attributes(uri: str, up_seconds: int, jobs: int) -> list[Attribute]:
    """Its Get-Printer-Attributes reply (RFC 8011 section 5.4), without the person's choice."""
    a4 = next(iter(MEDIA))
    return [
        _set("printer-uri-supported", [values.uri(uri)]),
        _keywords("uri-security-supported", "none"),
        _keywords("uri-authentication-supported", "requesting-user-name"),
        _set("printer-name", [values.name("legacy")]),
        _set("printer-info", [values.text("Virtual legacy printer")]),
        _set("printer-location", [values.text("In this process")]),
        _set("printer-make-and-model", [values.text("ippgate virtual legacy printer")]),
        _set("printer-more-info", [values.uri(uri.replace("ipp://", "http://"))]),
        _set("printer-state", [values.enum(_PROCESSING if jobs else _IDLE)]),
        _keywords("printer-state-reasons", "none"),
        _set("printer-is-accepting-jobs", [values.boolean(True)]),
        _set("printer-up-time", [values.integer(max(1, up_seconds))]),
        _set("queued-job-count", [values.integer(jobs)]),
        _keywords("ipp-versions-supported", "1.0", "1.1"),
        _set("operations-supported", [values.enum(code) for code in OPERATIONS]),
        _set("charset-configured", [values.charset("utf-8")]),
        _set("charset-supported", [values.charset("utf-8")]),
        _set("natural-language-configured", [values.natural_language("en")]),
        _set("generated-natural-language-supported", [values.natural_language("en")]),
        _set("document-format-default", [values.mime_media_type(FORMATS[0])]),
        _set("document-format-supported", [values.mime_media_type(f) for f in FORMATS]),
        _keywords("compression-supported", "none"),
        _keywords("pdl-override-supported", "attempted"),
        _set("multiple-document-jobs-supported", [values.boolean(False)]),
        _set("color-supported", [values.boolean(False)]),
        _keywords("print-color-mode-supported", "monochrome"),
        _keywords("print-color-mode-default", "monochrome"),
        _set("copies-supported", [values.range_of_integer(1, 99)]),
        _set("copies-default", [values.integer(1)]),
        _keywords("sides-supported", ONE_SIDED),
        _keywords("sides-default", ONE_SIDED),
        _set("print-quality-supported", [values.enum(_NORMAL_QUALITY)]),
        _set("print-quality-default", [values.enum(_NORMAL_QUALITY)]),
        _set("orientation-requested-supported", [values.enum(_PORTRAIT)]),
        _set("orientation-requested-default", [values.enum(_PORTRAIT)]),
        _set("printer-resolution-supported", [values.resolution(600, 600)]),
        _set("printer-resolution-default", [values.resolution(600, 600)]),
        _set("pwg-raster-document-resolution-supported", [values.resolution(600, 600)]),
        _keywords("pwg-raster-document-type-supported", "black_1", "sgray_8"),
        _keywords("pwg-raster-document-sheet-back", "normal"),
        _keywords("media-supported", *MEDIA),
        _keywords("media-ready", a4),
        _keywords("media-default", a4),
        _keywords(
            "media-col-supported",
            *("media-size", "media-top-margin", "media-bottom-margin"),
            *("media-left-margin", "media-right-margin"),
        ),
        _set("media-col-default", [_media_col(a4)]),
        _set("media-col-database", [_media_col(name) for name in MEDIA]),
        _set("media-size-supported", [_size(name) for name in MEDIA]),
    ]


def _set(name: str, members: list[Value] | list[Collection]) -> Attribute:
    return Attribute(name, tuple(members))


def _keywords(name: str, *words: str) -> Attribute:
    return _set(name, [values.keyword(word) for word in words])


def _size(name: str) -> Collection:
    width, height = MEDIA[name]
    return Collection(
        (
            _set("x-dimension", [values.integer(width)]),
            _set("y-dimension", [values.integer(height)]),
        )
    )


def _media_col(name: str) -> Collection:
    sides = ("top", "bottom", "left", "right")
    margins = [_set(f"media-{side}-margin", [values.integer(_MARGIN)]) for side in sides]
    return Collection((_set("media-size", [_size(name)]), *margins))
