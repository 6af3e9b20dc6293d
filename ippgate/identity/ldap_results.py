"""What a directory's result codes say (RFC 4511 appendix A), in words."""

from __future__ import annotations

import re

SUCCESS = 0
SIZE_LIMIT_EXCEEDED = 4
REFERRAL = 10
NOT_OFFERED = frozenset({2, 12, 53})
"""protocolError, unavailableCriticalExtension, unwillingToPerform: how servers answer an extended
operation that they do not have (RFC 4511 section 4.12)."""
OUT_OF_SERVICE = frozenset({51, 52})
"""busy, unavailable: another server may do."""

WRONG_PASSWORD = "wrong password"  # noqa: S105 - words

_REFUSED = {
    19: "the directory refuses the account (constraintViolation: locked, perhaps)",
    32: "the account is gone",
    48: "the account has no password",
    49: WRONG_PASSWORD,
    50: "the account may not bind",
    53: "the directory refuses the account (unwillingToPerform: locked, perhaps)",
}
_ACTIVE_DIRECTORY = {
    "525": "no such user",
    "52e": WRONG_PASSWORD,
    "530": "not at this time",
    "531": "not from this machine",
    "532": "the password has expired",
    "533": "the account is disabled",
    "701": "the account has expired",
    "773": "the password must be changed",
    "775": "the account is locked",
}
"""Active Directory's ``data`` in the text of invalidCredentials ([MS-ADTS] section 3.1.1.3.4.5.1,
system error codes of Windows)."""
_DATA = re.compile(r"\bdata ([0-9a-fA-F]+)\b")


def refusal(code: int, message: str) -> str | None:
    """Why a bind as a person was refused; None when the result is not about the person."""
    reason = _REFUSED.get(code)
    if code == 49:
        data = _DATA.search(message)
        if data is not None:
            reason = _ACTIVE_DIRECTORY.get(data[1].lower(), reason)
    return reason
