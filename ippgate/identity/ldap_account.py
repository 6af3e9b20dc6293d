"""Whether an account may be used, as far as its entry says so.

A bind as the person finds most of this out; but OpenLDAP does not look at shadowExpire, refuses a
locked account without saying why, and nobody binds for whoever comes with a certificate.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ippgate.identity.ldap_entry import Entry, EntryUnfit

ATTRIBUTES = (
    "userAccountControl",
    "msDS-User-Account-Control-Computed",
    "accountExpires",
    "shadowExpire",
    "nsAccountLock",
    "pwdAccountLockedTime",
)
"""Active Directory's three; posixAccount's (RFC 2307); 389 Directory Server's and FreeIPA's;
ppolicy's (draft-behera-ldap-password-policy section 5.3.3)."""

_DISABLED = 0x0002
_LOCKED_OUT = 0x0010
_PASSWORD_EXPIRED = 0x800000
"""Bits of userAccountControl ([MS-ADTS] section 2.2.16)."""
_WINDOWS_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = frozenset({0, 2**63 - 1})
"""Of accountExpires ([MS-ADA1] section 2.3)."""
_LATEST_DAY = 2_900_000
"""More days after an epoch than a datetime can hold: never."""


def unusable(entry: Entry, now: datetime) -> str | None:
    """Why nobody may use the account, whatever password they know; None when they may.

    Raises EntryUnfit for values that cannot be read: they may mean that it is disabled.
    """
    if _flags(entry, "userAccountControl") & _DISABLED:
        return "the account is disabled (userAccountControl)"
    if _text(entry, "nsAccountLock").lower() == "true":
        return "the account is disabled (nsAccountLock)"
    expires = _number(entry, "accountExpires")
    if expires is not None and expires not in _NEVER:
        if _reached(_WINDOWS_EPOCH, timedelta(microseconds=1), expires // 10, now):
            return "the account has expired (accountExpires)"
    day = _number(entry, "shadowExpire")
    # shadow(5): on this day the account is already closed; -1 is never.
    if day is not None and day >= 0 and _reached(_UNIX_EPOCH, timedelta(days=1), day, now):
        return "the account has expired (shadowExpire)"
    return None


def locked(entry: Entry) -> str | None:
    """Why the directory itself would refuse a bind just now, whatever the password is; None when
    it says nothing of that kind. A bind that succeeds proves otherwise: ppolicy leaves its mark
    until then. Raises EntryUnfit."""
    computed = _flags(entry, "msDS-User-Account-Control-Computed")
    if computed & _LOCKED_OUT:
        return "the account is locked (lockoutTime)"
    if computed & _PASSWORD_EXPIRED:
        return "the password has expired (pwdLastSet)"
    if entry.attributes.get("pwdaccountlockedtime"):
        return "the account is locked (pwdAccountLockedTime)"
    return None


def _reached(epoch: datetime, unit: timedelta, count: int, now: datetime) -> bool:
    return count * unit // timedelta(days=1) < _LATEST_DAY and now >= epoch + count * unit


def _flags(entry: Entry, attribute: str) -> int:
    return _number(entry, attribute) or 0


def _number(entry: Entry, attribute: str) -> int | None:
    text = _text(entry, attribute)
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise EntryUnfit(f"{attribute} of {entry.dn} is not a number") from None


def _text(entry: Entry, attribute: str) -> str:
    values = entry.texts(attribute)
    return values[0] if values else ""
