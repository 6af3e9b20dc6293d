"""When: days of the week and hours of the day, on a clock that the rule names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from ippgate.config.findings import did_you_mean
from ippgate.policy.facts import Facts

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UTC = "UTC"
_HOURS = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])-([01]?[0-9]|2[0-4]):([0-5][0-9])")
_MIDNIGHT = 24 * 60


@dataclass(frozen=True, slots=True)
class Times:
    """``days``: 0 is Monday; ``hours``: minutes since midnight, from the first up to and without
    the second. Empty: any. ``zone``: an IANA name."""

    days: frozenset[int]
    hours: tuple[tuple[int, int], ...]
    zone: str

    @staticmethod
    def sees(facts: Facts) -> datetime:
        """The minute: offsets of time zones are whole minutes."""
        return facts.at.replace(second=0, microsecond=0)

    def matches(self, facts: Facts) -> bool:
        local = facts.at.astimezone(ZoneInfo(self.zone))
        if self.days and local.weekday() not in self.days:
            return False
        minute = local.hour * 60 + local.minute
        return not self.hours or any(first <= minute < end for first, end in self.hours)

    def why_not(self, facts: Facts) -> str:
        local = facts.at.astimezone(ZoneInfo(self.zone))
        words = []
        if self.days:
            words.append(" ".join(DAYS[day] for day in sorted(self.days)))
        if self.hours:
            words.append(", ".join(f"{_clock(first)}-{_clock(end)}" for first, end in self.hours))
        now = f"{DAYS[local.weekday()]} {local:%H:%M}"
        return f"it is {now} in {self.zone}, which is not within {' '.join(words)}"


def days(words: tuple[str, ...]) -> frozenset[int]:
    """``mon-fri``, ``sat``: the days. Raises ValueError."""
    found: set[int] = set()
    for word in words:
        first, dash, last = word.partition("-")
        begin, end = _day(first, word), _day(last if dash else first, word)
        if begin > end:
            raise ValueError(f'"{word}" ends before it begins: write ["{first}-sun", "mon-{last}"]')
        found.update(range(begin, end + 1))
    return frozenset(found)


def hours(words: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """``07:00-20:00``: minutes since midnight. Raises ValueError."""
    found = []
    for word in words:
        match = _HOURS.fullmatch(word)
        if match is None:
            raise ValueError(f'"{word}" are no hours: write "07:00-20:00", in quotes')
        first, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
        if end > _MIDNIGHT or first >= _MIDNIGHT:
            raise ValueError(f'"{word}": a day ends at 24:00')
        if first >= end:
            raise ValueError(
                f'"{word}" ends before it begins: for a night write '
                f'["{_clock(first)}-24:00", "00:00-{_clock(end)}"]'
            )
        found.append((first, end))
    return tuple(found)


def zone(name: str) -> str:
    """An IANA time zone. Raises ValueError with the nearest name."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        near = did_you_mean(name, available_timezones())
        words = f'"{name}" is not a time zone such as Europe/Berlin{near}'
        raise ValueError(words) from None
    return name


def _day(name: str, word: str) -> int:
    given = name.strip().lower()
    for day, names in enumerate(zip(DAYS, _LONG, strict=True)):
        if given in names:
            return day
    near = did_you_mean(given, (*DAYS, *_LONG))
    raise ValueError(f'"{word}" are no days: write mon-fri, or [mon, sat]{near}')


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
