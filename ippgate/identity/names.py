"""Which names may be asked for, and which may stand for a person."""

from __future__ import annotations

import unicodedata

MAX_OCTETS = 255
"""The longest value of IPP's name syntax (RFC 8011 section 5.1.3): a person's name must fit."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of what nobody sees: controls, marks of direction and joining, surrogates,
private and unassigned code points, line and paragraph separators."""


def typed_mistake(name: str) -> str | None:
    """Why a name that somebody typed is refused; None when it may be asked for.

    Directories compare names after preparing them (RFC 4518: case, spaces, compatibility forms), so
    many spellings find one entry. Here only case may differ: what is not its own NFKC form
    (no-break space, fullwidth letters, ligatures), or has white space around it, is refused.
    """
    mistake = canonical_mistake(name)
    if mistake is not None or name.isascii():
        return mistake
    if unicodedata.normalize("NFKC", name) != name:
        return "the user name has characters with a plainer form (Unicode NFKC)"
    return None


def canonical_mistake(name: str) -> str | None:
    """Why a name cannot stand for a person in rules, in the trail and at printers; None when it
    can."""
    if not name:
        return "the user name is empty"
    if len(name) > MAX_OCTETS or len(name.encode("utf-8", "surrogatepass")) > MAX_OCTETS:
        return f"the user name is longer than {MAX_OCTETS} octets"
    if name[0].isspace() or name[-1].isspace():
        return "the user name begins or ends with white space"
    if name.isascii():
        unseen = not name.isprintable()
    else:
        unseen = any(unicodedata.category(character) in _UNSEEN for character in name)
    return "the user name has control or invisible characters" if unseen else None
