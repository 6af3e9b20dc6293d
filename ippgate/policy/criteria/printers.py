"""Which printers: by name, location or tag, with ``*`` and ``?``, and ``!`` for all but these."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import translate

from ippgate.policy.facts import NOWHERE, Place

_PATTERN = re.compile(r"!?[A-Za-z0-9._*?-]{1,127}")


@dataclass(frozen=True, slots=True)
class Patterns:
    """Matches words that fit one of the patterns, or any when all of them are negative, and fit
    none of the negative ones. The order of patterns means nothing."""

    patterns: tuple[str, ...]
    _wanted: re.Pattern[str] | None
    _unwanted: re.Pattern[str] | None

    @classmethod
    def of(cls, patterns: tuple[str, ...], *, any_case: bool = True) -> Patterns:
        """``any_case``: capitals and small letters are alike."""
        flags = re.IGNORECASE if any_case else re.NOFLAG
        wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
        unwanted = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
        return cls(patterns, _compiled(wanted, flags), _compiled(unwanted, flags))

    def fit(self, words: Iterable[str]) -> bool:
        """Whether some word is wanted, and none unwanted."""
        words = tuple(words)
        if self._unwanted is not None and any(map(self._unwanted.match, words)):
            return False
        return self._wanted is None or any(map(self._wanted.match, words))

    def __str__(self) -> str:
        return ", ".join(self.patterns)


@dataclass(frozen=True, slots=True)
class Printers:
    """All that is given must fit. ``tags``: one of the printer's tags must be wanted, and none
    unwanted."""

    patterns: Patterns
    locations: Patterns | None = None
    tags: Patterns | None = None

    @classmethod
    def of(
        cls,
        patterns: tuple[str, ...],
        locations: tuple[str, ...] = (),
        tags: tuple[str, ...] = (),
    ) -> Printers:
        """Raises ValueError for what cannot be a pattern of a name."""
        for pattern in patterns:
            if not _PATTERN.fullmatch(pattern):
                raise ValueError(
                    f'"{pattern}" is not a pattern for printers: letters, digits, "." "_" "-", '
                    'with "*" and "?", and "!" in front for all but these'
                )
        return cls(
            Patterns.of(patterns, any_case=False),
            Patterns.of(locations) if locations else None,
            Patterns.of(tags) if tags else None,
        )

    def fit(self, printer: str, place: Place = NOWHERE) -> bool:
        """Whether a printer is meant."""
        return self.why_not(printer, place) is None

    def why_not(self, printer: str, place: Place = NOWHERE) -> str | None:
        """Why it is not; None when it is."""
        if not self.patterns.fit((printer,)):
            return f"printer {printer} is not one of {self.patterns}"
        if self.locations is not None and not self.locations.fit((place.location,)):
            return f"{printer} stands in {place.location or 'no known place'}, not {self.locations}"
        if self.tags is not None and not self.tags.fit(place.tags):
            has = ", ".join(sorted(place.tags)) or "no tag"
            return f"{printer} has {has}, not {self.tags}"
        return None


def _compiled(patterns: list[str], flags: re.RegexFlag) -> re.Pattern[str] | None:
    if not patterns:
        return None
    return re.compile("|".join(translate(pattern) for pattern in patterns), flags)
