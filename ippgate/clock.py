"""The time of this machine: the only place that reads it."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """Implements the port Clock."""

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds; only differences mean anything."""
        return time.monotonic()
