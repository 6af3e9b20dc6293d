"""The forms in which people may give their names, and what sources are asked for then.

Windows sends ``DOMAIN\\alice`` or ``PC-17\\alice``, others ``alice@REALM``. Whether these are
``alice`` is known to the site alone: a table says so, and what is not in it is refused. To cut such
a name at its separator would let everybody choose which realm's alice they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ippgate.exchange.ports import CredentialsRefused
from ippgate.identity.names import typed_mistake

PLACE = "{username}"
SEPARATORS = "\\@"
"""A name without them is asked for as it is."""

_PART = re.compile(r"\{username\}|\*|[^*]+?(?=\{username\}|\*|$)")
_ANY = r"[^\\@]{1,64}"
"""What ``*`` stands for: a computer's name, a domain."""


@dataclass(frozen=True, slots=True)
class _Form:
    typed: re.Pattern[str]
    asked: str


class NameForms:
    """``table``: from forms that may be typed to what is asked for, the first that fits counts.

    ``{"CORP\\\\{username}": "{username}"}``. Domains and realms are compared without case; ``*`` is
    any of them.
    """

    def __init__(self, table: Mapping[str, str]) -> None:
        """``table`` without mistakes."""
        self._forms = [_Form(_pattern(typed), asked) for typed, asked in table.items()]

    def asked(self, typed: str) -> str:
        """What sources are asked for, for a name that ``typed_mistake`` finds nothing wrong with.

        Raises CredentialsRefused.
        """
        if not any(separator in typed for separator in SEPARATORS):
            return typed
        for form in self._forms:
            match = form.typed.fullmatch(typed)
            if match is None:
                continue
            asked = form.asked.replace(PLACE, match["username"])
            mistake = typed_mistake(asked)
            if mistake is None:
                return asked
            raise CredentialsRefused(mistake, claimed=typed)
        raise CredentialsRefused(
            "identity.names has no form that fits the user name", claimed=typed
        )


def mistakes(table: Mapping[str, str]) -> list[str]:
    """What is wrong with a table, in words."""
    found = []
    for typed, asked in table.items():
        if typed.count(PLACE) != 1:
            found.append(f'"{typed}": {PLACE} must stand in it once, as in "CORP\\{PLACE}"')
        elif not any(separator in typed for separator in SEPARATORS):
            found.append(f'"{typed}": has neither \\ nor @; such names are asked for as they are')
        if asked.count(PLACE) != 1:
            found.append(f'"{typed}": what is asked for must have {PLACE} in it, once: "{asked}"')
        elif "*" in asked:
            found.append(f'"{typed}": what is asked for cannot have * in it: "{asked}"')
    return found


def _pattern(typed: str) -> re.Pattern[str]:
    kinds = {PLACE: rf"(?P<username>[^{re.escape(SEPARATORS)}]+)", "*": _ANY}
    parts = [kinds.get(part) or re.escape(part) for part in _PART.findall(typed)]
    return re.compile("".join(parts), re.IGNORECASE)
