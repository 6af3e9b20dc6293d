"""What a distinguished name says about the entry it names (RFC 4514)."""

from __future__ import annotations

import re

from ldap3.core.exceptions import LDAPException
from ldap3.utils.dn import parse_dn

_ESCAPED = re.compile(r"((?:\\[0-9A-Fa-f]{2})+)|\\(.)", re.DOTALL)


def first_rdn(dn: str) -> list[tuple[str, str]]:
    """Attribute and value pairs of the leftmost RDN, values unescaped; most have one pair.

    Raises ValueError for what is not a DN.
    """
    try:
        parts = parse_dn(dn)
    except LDAPException as error:
        raise ValueError(f'"{dn}" is not a distinguished name: {error}') from None
    pairs = []
    for attribute, value, separator in parts:
        pairs.append((attribute, _unescaped(value)))
        if separator != "+":
            break
    return pairs


def _unescaped(value: str) -> str:
    """RFC 4514 section 2.4: ``\\XX`` is an octet of UTF-8, any other ``\\c`` is ``c``."""

    def plain(match: re.Match[str]) -> str:
        octets, character = match.groups()
        if octets is None:
            return str(character)
        return bytes.fromhex(octets.replace("\\", "")).decode()

    return _ESCAPED.sub(plain, value)
