"""Which printers: names with ``*`` and ``?``, and ``!`` for all but these."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate

from ippgate.policy.facts import Facts

_PATTERN = re.compile(r"!?[A-Za-z0-9._*?-]{1,127}")


@dataclass(frozen=True, slots=True)
class Printers:
    """Matches names that fit one of the patterns, or any name when all of them are negative, and
    fit none of the negative ones. The order of patterns means nothing."""

    patterns: tuple[str, ...]
    _wanted: re.Pattern[str] | None
    _unwanted: re.Pattern[str] | None

    @classmethod
    def of(cls, patterns: tuple[str, ...]) -> Printers:
        """Raises ValueError for what cannot be a pattern."""
        for pattern in patterns:
            if not _PATTERN.fullmatch(pattern):
                raise ValueError(
                    f'"{pattern}" is not a pattern for printers: letters, digits, "." "_" "-", '
                    'with "*" and "?", and "!" in front for all but these'
                )
        wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
        unwanted = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
        return cls(patterns, _compiled(wanted), _compiled(unwanted))

    def names(self, printer: str) -> bool:
        """Whether a printer's name fits."""
        if self._unwanted is not None and self._unwanted.match(printer):
            return False
        return self._wanted is None or self._wanted.match(printer) is not None

    def matches(self, facts: Facts) -> bool:
        return self.names(facts.printer)

    def why_not(self, facts: Facts) -> str:
        return f"printer {facts.printer} is not one of {', '.join(self.patterns)}"


def _compiled(patterns: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(translate(pattern) for pattern in patterns)) if patterns else None
