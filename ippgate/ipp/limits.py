"""How much of a message is decoded at most: bounds on what one message may cost."""

from __future__ import annotations

from dataclasses import dataclass

REQUEST_OCTETS = 64 * 1024
"""Attributes of a request: the largest seen in practice are a few KB (media-col with
finishings)."""
REPLY_OCTETS = 1024 * 1024
"""Attributes of a printer's reply: a real Xerox B235 sends 100 KB, most of it
media-col-database."""
REQUEST_ATTRIBUTES = 1_000
REPLY_ATTRIBUTES = 50_000
"""Members of collections count as attributes. The Xerox reply has about 6,000; Get-Jobs of a busy
printer repeats 30 attributes for each of hundreds of jobs."""
REQUEST_VALUES = 5_000
REPLY_VALUES = 100_000
NAME_LENGTH = 255
"""Octets of an attribute's name (RFC 8011 section 5.1.4: keywords are at most 255)."""
VALUE_LENGTH = 32_767
"""Octets of one value: value-length is a SIGNED-SHORT (RFC 8010 section 3.1.4)."""
COLLECTION_DEPTH = 10
"""Collections within collections. Real printers nest three deep; software that recurses dies of
thousands."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one message.

    ``octets``: of the attribute section, header and end tag included. ``attributes``: attributes
    and members of collections. ``values``: values, and the fields that begin, name and end what
    collections hold. ``syntax_lengths``: text is held to the lengths of RFC 8011 section 5.1, and
    out-of-band values to be empty, which some printers' replies are not.
    """

    octets: int = REQUEST_OCTETS
    attributes: int = REQUEST_ATTRIBUTES
    values: int = REQUEST_VALUES
    name_length: int = NAME_LENGTH
    value_length: int = VALUE_LENGTH
    depth: int = COLLECTION_DEPTH
    syntax_lengths: bool = True


REQUEST_LIMITS = Limits()
REPLY_LIMITS = Limits(
    octets=REPLY_OCTETS,
    attributes=REPLY_ATTRIBUTES,
    values=REPLY_VALUES,
    syntax_lengths=False,
)


@dataclass(frozen=True, slots=True)
class Quirks:
    """Deviations from RFC 8010 that are accepted from a printer, each by its own switch.

    ``members_named_in_place``: members of collections carry their name in their own name field,
    without memberAttrName (Pantum M7300FDW).
    """

    members_named_in_place: bool = False


STRICT = Quirks()
