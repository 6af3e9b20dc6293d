"""How a decision becomes a refusal: which status, and in what words.

Which status says no is chosen by what clients do with it: a CUPS queue asks for other credentials
on 0x0403, treats 0x0406 as a printer that is not there, cancels the job with the message on 0x040A
and 0x040B, and holds it on 0x041E.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from ippgate.exchange.ports import DirectoryUnavailable, LedgerUnavailable, OverQuota
from ippgate.exchange.refusal import IppRefusal
from ippgate.exchange.request import Request
from ippgate.exchange.shaping import Unsupported, value
from ippgate.ipp.enums import GroupTag, Status, Tag
from ippgate.ipp.message import Attribute, Group, Value
from ippgate.ipp.values import mime_media_type
from ippgate.policy.attributes import in_words
from ippgate.policy.decision import Decision, Reason, Values
from ippgate.policy.facts import Scalar
from ippgate.policy.quota import Unit

_STATUS = {
    Reason.ATTRIBUTES: Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
    Reason.FORMAT: Status.CLIENT_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED,
    Reason.SIZE: Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE,
}
_UNIT = {Unit.PAGES: "pages", Unit.JOBS: "jobs", Unit.OCTETS: "octets"}


def directory_down(error: DirectoryUnavailable) -> IppRefusal:
    return IppRefusal(
        Status.SERVER_ERROR_SERVICE_UNAVAILABLE,
        "Who you are cannot be checked now: the directory does not answer. Try again later.",
        reason="directory-unavailable",
        detail=str(error),
    )


def no_such_printer(name: str) -> IppRefusal:
    """The same for a printer that does not exist and for one that the person may not use."""
    return IppRefusal(
        Status.CLIENT_ERROR_NOT_FOUND,
        f"There is no printer {name} for you here.",
        reason="no-such-printer",
    )


def no_such_job(request: Request) -> IppRefusal:
    """The same for a job that does not exist and for one that the person may not know about."""
    return IppRefusal(
        Status.CLIENT_ERROR_NOT_FOUND,
        f"Printer {request.target.printer} has no job {request.target.job_id} for you.",
        reason="no-such-job",
    )


def ledger_down(error: LedgerUnavailable) -> IppRefusal:
    return IppRefusal(
        Status.SERVER_ERROR_SERVICE_UNAVAILABLE,
        "Nothing is printed now, because the ledger of jobs cannot be read or written. "
        "Try again later.",
        reason="ledger-unavailable",
        detail=str(error),
    )


def refusal(decision: Decision, request: Request) -> IppRefusal:
    """What a decision that refuses says to the client."""
    operation, printer = request.operation.keyword, request.target.printer
    if decision.reason is Reason.UNKNOWN_OPERATION:
        return IppRefusal(
            Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED,
            f"{operation} is not served at printer {printer}.",
            reason=decision.reason.value,
        )
    if decision.message is not None:
        words = decision.message
    elif decision.reason is Reason.NOT_OWNER:
        words = f"Job {request.target.job_id} is not yours: {operation} is for its owner."
    elif decision.reason in _STATUS:
        words = _what_to_change(decision, printer)
    else:
        words = f"You may not use {operation} at printer {printer}."
    detail = None if decision.nearest is None else f'nearest rule: "{decision.nearest}"'
    return IppRefusal(
        _STATUS.get(decision.reason, Status.CLIENT_ERROR_NOT_AUTHORIZED),
        words,
        reason=decision.reason.value,
        rule=decision.rule,
        detail=detail,
        unsupported=unsupported(decision.refused),
    )


def cannot_do(decision: Decision, printer: str, error: Unsupported) -> IppRefusal:
    """A rule asks for what the printer has not got."""
    asked = f"{error.name} {in_words(error.name, error.value)}"
    return IppRefusal(
        Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
        f"You print with {asked} only, which printer {printer} cannot do. Use another printer.",
        reason="obligation",
        rule=decision.rule,
    )


def other_terms(decision: Decision, request: Request) -> IppRefusal:
    """The document falls under another rule than its job, which is too late to change."""
    return IppRefusal(
        Status.CLIENT_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED,
        f"This document is not what its job at printer {request.target.printer} was made for. "
        "Print it again.",
        reason="other-terms",
        rule=decision.rule,
    )


def not_remembered(request: Request) -> IppRefusal:
    """Whether a job may be changed depends on what it was made with."""
    return IppRefusal(
        Status.CLIENT_ERROR_NOT_POSSIBLE,
        f"What job {request.target.job_id} was made with is not known here any more, so it cannot "
        "be changed. Cancel it, and print it anew.",
        reason="not-remembered",
    )


def no_opinion(decision: Decision, why: str) -> IppRefusal:
    return IppRefusal(
        Status.SERVER_ERROR_SERVICE_UNAVAILABLE,
        "Whether you may cannot be found out now. Try again later.",
        reason="no-opinion",
        rule=decision.rule,
        detail=why,
    )


def over_quota(decision: Decision, error: OverQuota, now: datetime) -> IppRefusal:
    limit = error.limit
    resets = error.resets.astimezone(ZoneInfo(limit.timezone))
    day = "" if resets.date() == now.astimezone(resets.tzinfo).date() else f" on {resets:%a %d %b}"
    left = max(0, limit.most - error.used)
    words = decision.message or (
        f"{left:,} of your {limit.most:,} {_UNIT[limit.unit]} a {limit.period.value} are left, "
        "which is not enough."
    )
    return IppRefusal(
        Status.CLIENT_ERROR_ACCOUNT_LIMIT_REACHED,
        f"{words} Counting begins anew{day} at {resets:%H:%M} {resets.tzname()}.",
        reason="quota",
        rule=decision.rule,
        detail=str(error),
    )


def not_counted(decision: Decision, why: str) -> IppRefusal:
    return IppRefusal(
        Status.CLIENT_ERROR_ACCOUNT_LIMIT_REACHED,
        "What you print is limited, and it cannot be counted now. Try again later, or ask who "
        "looks after printing.",
        reason="quota-not-counted",
        rule=decision.rule,
        detail=why,
    )


def unsupported(refused: Values) -> Group | None:
    """The group of what a client must change (RFC 8011 section 4.1.7): the values that were
    refused, or, for an attribute that is missing, that it is."""
    if not refused:
        return None
    found: dict[str, tuple[Value, ...]] = {}
    for name, values in refused:
        # Two members of one collection are one attribute: a name stands once in a group.
        found.setdefault(name.partition(".")[0], tuple(_value(name, v) for v in values) or _NOTHING)
    return Group(GroupTag.UNSUPPORTED, tuple(Attribute(*one) for one in found.items()))


_NOTHING = (Value(Tag.UNSUPPORTED, b""),)


def _value(name: str, given: Scalar) -> Value:
    if "." in name:
        return _NOTHING[0]
    if name == "document-format":
        return mime_media_type(str(given))
    try:
        return value(name, given)
    except ValueError:
        return _NOTHING[0]


def _what_to_change(decision: Decision, printer: str) -> str:
    if decision.reason is Reason.SIZE:
        return f"This document is too large for you to print at printer {printer}."
    given = [
        f"{name} {', '.join(in_words(name, value) for value in values)}"
        for name, values in decision.refused
        if values
    ]
    missing = [name for name, values in decision.refused if not values]
    words = [f"with {' and '.join(given)}"] if given else []
    words += [f"without {' and '.join(missing)}"] if missing else []
    return f"You may not print {' or '.join(words)} at printer {printer}."
