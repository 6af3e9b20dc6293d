"""An IPP message as values: message, group, attribute, value (RFC 8010 section 3).

Values keep the octets they had on the wire, so that what is not understood survives
decode → encode unchanged. Typed reading (``as_integer`` …) is in :mod:`ippgate.ipp.values`.
"""

from __future__ import annotations

from typing import NamedTuple


class Value(NamedTuple):
    """One value that is not a collection: its value tag and its octets (RFC 8010 section 3.5.2)."""

    tag: int
    octets: bytes


class Collection(NamedTuple):
    """A collection value (RFC 8010 section 3.1.6): members in the order in which they came.

    ``named_in_place`` records a quirk of some printers: members are named in their own name
    field instead of by a memberAttrName value. Kept so that such a reply encodes as it came.
    """

    members: tuple[Attribute, ...]
    named_in_place: bool = False


class Attribute(NamedTuple):
    """A name and its values, at least one; more than one is a 1setOf (RFC 8010 section 3.1.5)."""

    name: str
    values: tuple[Value | Collection, ...]


class Group(NamedTuple):
    """An attribute group: its begin tag and its attributes, in order (RFC 8010 section 3.1.2)."""

    tag: int
    attributes: tuple[Attribute, ...]

    def get(self, name: str) -> Attribute | None:
        """The first attribute of that name, or None."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        return None


class Message(NamedTuple):
    """A request or a reply without its document (RFC 8010 section 3.1.1).

    ``version``: (major, minor). ``code``: operation-id of a request, status-code of a reply,
    16 bits. ``request_id``: 32 bits as they came (signed on paper, echoed bit for bit).
    """

    version: tuple[int, int]
    code: int
    request_id: int
    groups: tuple[Group, ...]

    def group(self, tag: int) -> Group | None:
        """The first group with that begin tag, or None."""
        for group in self.groups:
            if group.tag == tag:
                return group
        return None
