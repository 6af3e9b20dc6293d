"""What a directory server can do besides the core of LDAP, as its root DSE says (RFC 4512 section
5.1)."""

from __future__ import annotations

from dataclasses import dataclass

from ippgate.identity.ldap_entry import Entry

ATTRIBUTES = ("supportedCapabilities", "supportedControl")

ACTIVE_DIRECTORY = b"1.2.840.113556.1.4.800"
"""[MS-ADTS] section 3.1.1.3.4.3.1: also of Samba's domain controllers."""
PAGED_RESULTS = b"1.2.840.113556.1.4.319"
"""RFC 2696."""


@dataclass(frozen=True, slots=True)
class Features:
    """``matches_in_chain``: the matching rule of :mod:`ippgate.identity.ldap_groups`. ``pages``:
    results in pages, without which Active Directory shows a thousand entries at most."""

    matches_in_chain: bool = False
    pages: bool = False

    @classmethod
    def of(cls, root: Entry) -> Features:
        """From the root DSE."""
        return cls(
            matches_in_chain=ACTIVE_DIRECTORY in root.attributes.get("supportedcapabilities", ()),
            pages=PAGED_RESULTS in root.attributes.get("supportedcontrol", ()),
        )
