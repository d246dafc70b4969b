"""Which stretch of time is shown, and whether it follows the clock; pure, times in UTC microseconds."""

from dataclasses import dataclass
from enum import StrEnum

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
SHORTEST_US = 10_000_000
LONGEST_US = 400 * 24 * HOUR_US


class Range(StrEnum):
    """The choices above the chart; the values are kept in the panel's settings."""

    LIVE = "live"
    MINUTES_15 = "15min"
    HOUR = "1h"
    HOURS_8 = "8h"
    SHIFT = "shift"
    DATES = "dates"


SPANS_US = {
    Range.LIVE: 5 * MINUTE_US,
    Range.MINUTES_15: 15 * MINUTE_US,
    Range.HOUR: HOUR_US,
    Range.HOURS_8: 8 * HOUR_US,
}
"""Spans that end now."""


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """From ``start_us`` to ``end_us``, never empty."""

    start_us: int
    end_us: int

    @property
    def span_us(self) -> int:
        return self.end_us - self.start_us

    def moved(self, by_us: int) -> "TimeWindow":
        return TimeWindow(self.start_us + by_us, self.end_us + by_us)

    def zoomed(self, factor: float, anchor_us: int) -> "TimeWindow":
        """``factor`` below 1 shows less time; the anchor keeps its place on the screen."""
        span_us = min(LONGEST_US, max(SHORTEST_US, round(self.span_us * factor)))
        share = (anchor_us - self.start_us) / self.span_us
        start_us = anchor_us - round(span_us * share)
        return TimeWindow(start_us, start_us + span_us)

    def padded(self, share: float) -> "TimeWindow":
        """With so much of its span more on each side."""
        more_us = round(self.span_us * share)
        return TimeWindow(self.start_us - more_us, self.end_us + more_us)

    def contains(self, time_us: int) -> bool:
        return self.start_us <= time_us <= self.end_us


class TimeView:
    """The window in sight. While it follows, its end is now; ``range`` None: no button stands for it."""

    def __init__(self, now_us: int, chosen: Range = Range.LIVE) -> None:
        self.range: Range | None = None
        self.following = True
        self.window = TimeWindow(now_us - SPANS_US[Range.LIVE], now_us)
        self.follow(chosen if chosen in SPANS_US else Range.LIVE, now_us)

    def follow(self, chosen: Range, now_us: int) -> None:
        """One of the spans that end now."""
        self.range, self.following = chosen, True
        self.window = TimeWindow(now_us - SPANS_US[chosen], now_us)

    def show(self, window: TimeWindow, now_us: int, chosen: Range | None = None) -> None:
        """A stretch that stands still."""
        self.window, self.range = window, chosen
        self.following = False
        if chosen is None:
            self._settle(now_us)

    def advance(self, now_us: int) -> bool:
        """Time has gone on; tells whether the window moved."""
        if not self.following or now_us == self.window.end_us:
            return False
        self.window = TimeWindow(now_us - self.window.span_us, now_us)
        return True

    def zoom(self, factor: float, anchor_us: int, now_us: int) -> None:
        """A window that follows keeps its end at now."""
        anchor_us = self.window.end_us if self.following else anchor_us
        self.window = self.window.zoomed(factor, anchor_us)
        if self.range is not Range.LIVE:
            self.range = None
        self._settle(now_us)

    def move(self, by_us: int, now_us: int) -> None:
        """To earlier (negative) or later; pushed against now it follows again."""
        self.following = False
        self.range = None
        self.window = self.window.moved(by_us)
        self._settle(now_us)

    def reaches_now(self, now_us: int) -> bool:
        return self.window.end_us >= now_us

    def _settle(self, now_us: int) -> None:
        """There is nothing to be seen of the future."""
        if self.window.end_us >= now_us:
            self.following = True
            self.window = TimeWindow(now_us - self.window.span_us, now_us)
            same = (r for r, span_us in SPANS_US.items() if span_us == self.window.span_us)
            self.range = self.range or next(same, None)
