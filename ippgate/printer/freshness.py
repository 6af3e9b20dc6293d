"""What of a printer's attributes changes by itself, and how a newer reply is laid over an older
one. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ippgate.exchange.capabilities import Snapshot
from ippgate.ipp.enums import GroupTag
from ippgate.ipp.first import first_integer
from ippgate.ipp.message import Attribute, Message
from ippgate.ipp.values import enum, keyword, text

STOPPED = 5
"""printer-state (RFC 8011 section 5.4.11)."""
NOT_ANSWERING = "timed-out-error"
"""printer-state-reasons of a printer that does not answer (RFC 8011 section 5.4.12)."""

VOLATILE = (
    "printer-state",
    "printer-state-reasons",
    "printer-state-message",
    "printer-state-change-time",
    "printer-state-change-date-time",
    "printer-config-change-time",
    "printer-config-change-date-time",
    "printer-is-accepting-jobs",
    "printer-up-time",
    "printer-current-time",
    "printer-alert",
    "printer-alert-description",
    "printer-supply",
    "printer-input-tray",
    "printer-output-tray",
    "queued-job-count",
    "marker-levels",
    "marker-message",
    "marker-change-time",
    "media-ready",
    "media-col-ready",
)
"""Attributes that change while a printer works. All others change when somebody changes the
printer's configuration, and it says so."""

_VOLATILE = frozenset(VOLATILE)
_CONFIGURED_AT = ("printer-config-change-time", "printer-config-change-date-time")
_CHANGED_AT = ("printer-state-change-time", "printer-state-change-date-time")


def renewed(old: Message, new: Message) -> Message | None:
    """``old`` with the volatile attributes of ``new``; None when the printer must be asked for
    everything again: it was configured, or started, since."""
    before, after = _attributes(old), _attributes(new)
    if _started_again(before, after):
        return None
    told = [name for name in _CONFIGURED_AT if name in before] or _CHANGED_AT
    if any(before.get(name) != after.get(name) for name in told):
        return None
    fresh = {name: after[name] for name in VOLATILE if name in after}
    # Old ones keep their places; those that the printer has no more are left out.
    return _with(
        old,
        [
            *(
                fresh.get(name, attribute)
                for name, attribute in before.items()
                if name in fresh or name not in _VOLATILE
            ),
            *(attribute for name, attribute in fresh.items() if name not in before),
        ],
    )


def not_answering(known: Snapshot, why: str) -> Snapshot:
    """What is known of a printer, for clients to keep their queues by, while it does not answer."""
    told = {
        "printer-state": Attribute("printer-state", (enum(STOPPED),)),
        "printer-state-reasons": Attribute("printer-state-reasons", (keyword(NOT_ANSWERING),)),
        "printer-state-message": Attribute(
            "printer-state-message", (text(f"The printer does not answer: {why}"[:255]),)
        ),
    }
    attributes = _attributes(known.message)
    return Snapshot(_with(known.message, (attributes | told).values()))


def _attributes(message: Message) -> dict[str, Attribute]:
    group = message.group(GroupTag.PRINTER)
    return {attribute.name: attribute for attribute in group.attributes} if group else {}


def _with(message: Message, attributes: Iterable[Attribute]) -> Message:
    """The message with these attributes in its printer group."""
    return message._replace(
        groups=tuple(
            group._replace(attributes=tuple(attributes)) if group.tag == GroupTag.PRINTER else group
            for group in message.groups
        )
    )


def _started_again(before: dict[str, Attribute], after: dict[str, Attribute]) -> bool:
    """Whether printer-up-time went back (RFC 8011 section 5.4.29)."""
    then, now = (first_integer(told.get("printer-up-time")) for told in (before, after))
    return then is not None and now is not None and now < then
