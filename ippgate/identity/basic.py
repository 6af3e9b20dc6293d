"""HTTP Basic authentication, RFC 7617: the challenge, and a strict reading of what comes back."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field

from ippgate.exchange.ports import CredentialsRefused
from ippgate.identity.names import MAX_OCTETS as MAX_NAME_OCTETS
from ippgate.identity.names import typed_mistake

MAX_PASSWORD_OCTETS = 1024
"""More than any password manager makes; hashing it costs nothing worth mentioning."""
MAX_HEADER = 1800
"""Characters of the longest name and password with their colon, in base64, and the scheme."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class BasicCredentials:
    """A name and a password as they were typed: nothing is proved yet."""

    username: str
    password: str = field(repr=False)


def challenge(realm: str) -> str:
    """The value of WWW-Authenticate (RFC 7617 section 2). ``charset`` tells clients to encode names
    and passwords as UTF-8; it is advisory, and the only value there is."""
    quoted = realm.replace("\\", "\\\\").replace('"', '\\"')
    return f'Basic realm="{quoted}", charset="UTF-8"'


def parse(authorization: str) -> BasicCredentials:
    """The credentials of an Authorization header.

    Raises CredentialsRefused when they are of another scheme, malformed, or could never be right:
    a password that is empty would make an LDAP bind succeed without proving anything (RFC 4513
    section 5.1.2), and control characters end strings early somewhere (RFC 7617 section 2 forbids
    them).
    """
    user_pass = _decoded(authorization)
    username, colon, password = user_pass.partition(":")
    if not colon:
        raise CredentialsRefused("the credentials have no colon")
    mistake = typed_mistake(username) or password_mistake(password)
    if mistake is not None:
        raise CredentialsRefused(mistake, claimed=username[:MAX_NAME_OCTETS] or None)
    return BasicCredentials(username, password)


def _decoded(authorization: str) -> str:
    """``user-pass`` of RFC 7617 section 2."""
    if len(authorization) > MAX_HEADER:
        raise CredentialsRefused(f"the Authorization header is longer than {MAX_HEADER}")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise CredentialsRefused("credentials of a scheme other than Basic")
    token = token.lstrip(" ")
    try:
        octets = base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        raise CredentialsRefused("the credentials are not base64") from None
    # One person, one header: bits that base64 leaves unused must be zero (RFC 4648 section 3.5).
    if base64.b64encode(octets).decode() != token:
        raise CredentialsRefused("the credentials are not canonical base64")
    try:
        return octets.decode()
    except UnicodeDecodeError:
        raise CredentialsRefused("the credentials are not UTF-8") from None


def password_mistake(password: str) -> str | None:
    """Why a password could never be right; None when it may be tried."""
    if not password:
        return "the password is empty"
    if len(password.encode()) > MAX_PASSWORD_OCTETS:
        return f"the password is longer than {MAX_PASSWORD_OCTETS} octets"
    if _CONTROL.search(password):
        return "the password has control characters"
    return None
