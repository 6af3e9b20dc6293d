"""How much: the limits that a rule's ``quota`` sets. Counted elsewhere: exchange.ports.Quotas."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Unit(enum.Enum):
    """What is counted."""

    PAGES = "pages"
    """Impressions: sides of paper with something on them, copies included."""
    JOBS = "jobs"
    OCTETS = "octets"


class Period(enum.Enum):
    """When counting begins anew: at midnight, on Monday, on the first; in the quota's time zone."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` of ``unit`` in each ``period``.

    ``shared``: all people whom the rule matches draw from one counter; otherwise each has their
    own. ``timezone``: an IANA name; where the period's midnight is.
    """

    unit: Unit
    most: int
    period: Period
    shared: bool = False
    timezone: str = "UTC"
