"""Security identifiers, as far as they tell a person's primary group ([MS-DTYP] section 2.4.2).

Active Directory lists every group of a person in memberOf but the primary one, which is Domain
Users for most: of that, the person's entry has only the last part of the group's identifier.
"""

from __future__ import annotations

import struct

from ippgate.identity.ldap_entry import Entry, EntryUnfit

ATTRIBUTES = ("primaryGroupID", "objectSid")

_FIXED = 8
"""Octets before the first part: revision, count of parts, authority."""


def primary_group(entry: Entry) -> bytes | None:
    """The identifier of the person's primary group; None where the directory has no such thing.

    Raises EntryUnfit.
    """
    ids, sids = entry.texts("primaryGroupID"), entry.attributes.get("objectsid", ())
    if not ids or not sids:
        return None
    sid = bytes(sids[0])
    if len(sid) < _FIXED + 4 or len(sid) != _FIXED + 4 * sid[1]:
        raise EntryUnfit(f"objectSid of {entry.dn} is malformed")
    try:
        return sid[:-4] + struct.pack("<I", int(ids[0]))
    except (ValueError, struct.error):
        raise EntryUnfit(f"primaryGroupID of {entry.dn} is not a number") from None


def as_text(sid: bytes) -> str:
    """``S-1-5-21-…``, for a well-formed identifier."""
    authority = int.from_bytes(sid[2:_FIXED], "big")
    parts = struct.unpack(f"<{sid[1]}I", sid[_FIXED:])
    return "-".join(["S", str(sid[0]), str(authority), *map(str, parts)])


def as_filter_value(sid: bytes) -> str:
    """Its octets as a filter has them (RFC 4515 section 3)."""
    return "".join(f"\\{octet:02x}" for octet in sid)
