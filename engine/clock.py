"""The only place that reads the time, so that every test can bring its own."""

import time
from typing import Protocol


class Clock(Protocol):
    """Two clocks: one that never jumps, for intervals, and one that people read."""

    def monotonic(self) -> float:
        """Seconds; never goes back; no relation to the time of day."""

    def utc_us(self) -> int:
        """Microseconds since 1970-01-01 UTC; may jump when the machine's clock is set."""


class SystemClock:
    """The machine's clocks."""

    def monotonic(self) -> float:
        return time.monotonic()

    def utc_us(self) -> int:
        return time.time_ns() // 1000
