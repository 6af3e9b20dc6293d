"""What the exchange must know about an operation before it is forwarded.

Vendor operations, which only a rule that names them can permit, count as changing state.
"""

from __future__ import annotations

from ippgate.ipp.enums import Operation as Op

QUERIES = frozenset(
    {
        Op.VALIDATE_JOB,
        Op.GET_JOB_ATTRIBUTES,
        Op.GET_JOBS,
        Op.GET_PRINTER_ATTRIBUTES,
        Op.GET_PRINTER_SUPPORTED_VALUES,
        Op.GET_DOCUMENT_ATTRIBUTES,
        Op.GET_DOCUMENTS,
        Op.GET_SUBSCRIPTION_ATTRIBUTES,
        Op.GET_SUBSCRIPTIONS,
        Op.GET_NOTIFICATIONS,
        Op.GET_RESOURCE_ATTRIBUTES,
        Op.GET_RESOURCES,
        Op.VALIDATE_DOCUMENT,
        Op.GET_USER_PRINTER_ATTRIBUTES,
        Op.CUPS_GET_DEFAULT,
        Op.CUPS_GET_PRINTERS,
        Op.CUPS_GET_CLASSES,
        Op.CUPS_GET_DOCUMENT,
    }
)
"""Operations that change nothing at the printer: no intent is recorded, and they may be
repeated."""

CREATES_JOB = frozenset(
    {Op.PRINT_JOB, Op.PRINT_URI, Op.CREATE_JOB, Op.RESUBMIT_JOB, Op.REPROCESS_JOB}
)
"""Operations whose successful reply names a new job: its owner is whoever asked."""

PRINTS_AGAIN = frozenset({Op.RESTART_JOB, Op.REPROCESS_JOB})
"""Operations that print a job once more as it was made."""

CARRIES_DOCUMENT = frozenset(
    {Op.PRINT_JOB, Op.SEND_DOCUMENT, Op.ADD_DOCUMENT_IMAGES, Op.SET_RESOURCE_ATTRIBUTES}
)
"""Operations with document octets after the attributes (RFC 8011 sections 4.2.1 and 4.3.1)."""

CONTINUES_JOB = frozenset({Op.SEND_DOCUMENT, Op.SEND_URI, Op.CLOSE_JOB, Op.ADD_DOCUMENT_IMAGES})
"""Operations that add to a job under construction: for its owner alone, whatever a rule permits."""

TARGETS_JOB = CONTINUES_JOB | frozenset(
    {
        Op.CANCEL_JOB,
        Op.GET_JOB_ATTRIBUTES,
        Op.HOLD_JOB,
        Op.RELEASE_JOB,
        Op.RESTART_JOB,
        Op.REPROCESS_JOB,
        Op.SET_JOB_ATTRIBUTES,
        Op.RESUME_JOB,
        Op.PROMOTE_JOB,
        Op.SCHEDULE_JOB_AFTER,
        Op.CANCEL_DOCUMENT,
        Op.GET_DOCUMENT_ATTRIBUTES,
        Op.GET_DOCUMENTS,
        Op.SET_DOCUMENT_ATTRIBUTES,
        Op.RESUBMIT_JOB,
        Op.CUPS_AUTHENTICATE_JOB,
        Op.CUPS_GET_DOCUMENT,
    }
)
"""Operations that must name a job (RFC 8011 section 4.3)."""

SELECTS_OWN_JOBS = frozenset({Op.CANCEL_MY_JOBS})
"""Operations on a printer that act on the jobs of whoever asks, and on no others. The gateway does
them job by job: it alone knows whose they are."""

CANCELS_JOBS = frozenset({Op.CANCEL_MY_JOBS, Op.CANCEL_JOBS})
"""Operations that the gateway does job by job where a printer cannot."""

RETURNS_DOCUMENT = frozenset({Op.CUPS_GET_DOCUMENT})
"""Operations whose reply has document octets after its attributes."""

SHOWS_CAPABILITIES = frozenset(
    {
        Op.GET_PRINTER_ATTRIBUTES,
        Op.GET_USER_PRINTER_ATTRIBUTES,
        Op.GET_PRINTER_SUPPORTED_VALUES,
    }
)
"""Operations whose reply says what a printer can do: cut to what the person may do."""

LISTS_PRINTERS = frozenset({Op.CUPS_GET_PRINTERS, Op.CUPS_GET_DEFAULT})
"""Operations about all printers, which the gateway itself answers."""
