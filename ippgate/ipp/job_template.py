"""The names of Job Template attributes: what the group keyword ``job-template`` means at a printer.

From the IANA registry "IPP Registrations", collection Job Template, obsolete ones included since
old printers have them (RFC 8011 section 5.2, PWG 5100 series).
"""

from __future__ import annotations

_SUFFIXES = ("-default", "-supported", "-ready", "-database")

_NAMES = """
    chamber-humidity chamber-temperature confirmation-sheet-print copies cover-back cover-front
    cover-sheet-info destination-uris feed-orientation finishings finishings-col force-front-side
    image-orientation imposition-template insert-sheet job-account-id job-account-type
    job-accounting-sheets job-accounting-user-id job-cancel-after job-complete-before
    job-complete-before-time job-copies job-cover-back job-cover-front job-delay-output-until
    job-delay-output-until-time job-error-action job-error-sheet job-finishings job-finishings-col
    job-hold-until job-hold-until-time job-message-to-operator job-pages-per-set job-phone-number
    job-priority job-recipient-name job-retain-until job-retain-until-interval
    job-retain-until-time job-save-disposition job-sheet-message job-sheets job-sheets-col
    materials-col media media-col media-input-tray-check media-overprint
    multiple-document-handling multiple-object-handling number-of-retries number-up
    orientation-requested output-bin output-device overrides page-delivery page-order-received
    page-ranges pages-per-subset pclm-source-resolution pdl-init-file platform-temperature
    presentation-direction-number-up print-accuracy print-base print-color-mode
    print-content-optimize print-darkness print-objects print-quality print-rendering-intent
    print-scaling print-speed print-supports printer-resolution proof-copies proof-print
    retry-interval retry-time-out separator-sheets sheet-collate sides x-image-position
    x-image-shift x-side1-image-shift x-side2-image-shift y-image-position y-image-shift
    y-side1-image-shift y-side2-image-shift
"""
NAMES = frozenset(_NAMES.split())
"""Of all Job Template attributes."""


def describes_job_template(name: str) -> bool:
    """Whether a printer's attribute is about a Job Template attribute: ``sides-supported``."""
    return any(name.endswith(suffix) and name.removesuffix(suffix) in NAMES for suffix in _SUFFIXES)
