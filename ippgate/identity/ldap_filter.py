"""LDAP filters with places for values (RFC 4515), filled by one escaping function."""

from __future__ import annotations

import re
from typing import Any

from ldap3.core.exceptions import LDAPException
from ldap3.operation.search import MATCH_EQUAL, MATCH_EXTENSIBLE, parse_filter
from ldap3.utils.conv import escape_filter_chars

_PLACE = re.compile(r"\{([A-Za-z_]*)\}")


def fill(template: str, **values: str) -> str:
    """The filter with each ``{name}`` replaced by its value, escaped.

    In one pass: a value that itself reads ``{dn}`` is not replaced again.
    """
    return _PLACE.sub(lambda place: str(escape_filter_chars(values[place[1]])), template)


def mistakes(template: str, *, known: frozenset[str], needed: frozenset[str]) -> list[str]:
    """What is wrong with a filter, in words: it must parse; its places must be among ``known`` and
    stand in values of equality (or of a matching rule, RFC 4511 section 4.5.1.7.7); one of
    ``needed`` must be there."""
    places = set(_PLACE.findall(template))
    found = [
        f'"{template}": {{{place}}} is not known: ' + " or ".join(f"{{{k}}}" for k in sorted(known))
        for place in sorted(places - known)
    ]
    if not places & needed:
        names = " or ".join(f"{{{place}}}" for place in sorted(needed))
        found.append(f'"{template}": {names} must stand in it, or everybody would be found')
    if found:
        return found
    probes = {place: f"probe{number}x" for number, place in enumerate(sorted(places))}
    try:
        parsed = parse_filter(fill(template, **probes), None, False, True, None, False)  # type: ignore[no-untyped-call]
    except (LDAPException, ValueError, IndexError) as error:
        return [f'"{template}" is not a filter: {error}']
    exact = [
        _text(node.assertion["value"])
        for node in _leaves(parsed)
        if node.assertion and node.tag in (MATCH_EQUAL, MATCH_EXTENSIBLE)
    ]
    return [
        f'"{template}": {{{place}}} must follow an equals sign, without *, as in (uid={{{place}}})'
        for place, probe in probes.items()
        if not any(probe in value for value in exact)
    ]


def _leaves(node: Any) -> list[Any]:
    return [leaf for below in node.elements for leaf in _leaves(below)] or [node]


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
