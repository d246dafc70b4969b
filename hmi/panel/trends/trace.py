"""What is known of one pen: a series from history with the live samples behind it; pure numpy.

A value holds until the next one. Whole numbers and bits are drawn as steps. A REAL is drawn as a
line from sample to sample, but where it was recorded only because it changed after a while of
standing still, it stands still on the picture too, until one scan before the change.
"""

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from engine.history import Series
from hmi.panel.trends.points import Points

FloatArray = NDArray[np.float64]
Stretch = tuple[int, int]
_KEPT_LIVE = 256
"""Live samples kept while the past is shown, for what the recorder has not written yet on return."""
_LINEAR_SCANS = 3


class Trace:
    """x is in seconds since ``origin_us``, so that small differences keep their precision."""

    def __init__(self, origin_us: int, *, step: bool, scan_us: int) -> None:
        self._origin_us = origin_us
        self._step = step
        self._scan_us = scan_us
        self._line = Points()
        self._series: Series | None = None
        self._live = False
        self._tail_us: list[int] = []
        self._tail: list[float] = []
        self._gaps: list[Stretch] = []
        self._gap_since_us: int | None = None

    @property
    def points(self) -> int:
        """Points of the polyline."""
        return self._line.count

    @property
    def loaded(self) -> bool:
        return self._series is not None

    @property
    def live_samples(self) -> int:
        return len(self._tail_us)

    def load(self, series: Series, *, live: bool) -> None:
        """Take what history says; ``live``: the series reaches to now, live samples go on from there."""
        self._series, self._live = series, live
        self._line.load(*self._polyline(series))
        self._gaps = list(series.gaps)
        self._gap_since_us = None
        if live and self._gaps and self._gaps[-1][1] >= series.end_us:
            self._gap_since_us = self._gaps.pop()[0]
        first = bisect_right(self._tail_us, int(series.time_us[-1])) if live and len(series.time_us) else 0
        first = first if live else max(0, len(self._tail_us) - _KEPT_LIVE)
        samples = list(zip(self._tail_us[first:], self._tail[first:], strict=True))
        self._tail_us, self._tail = [], []
        for time_us, value in samples:
            self.append(time_us, value)

    def append(self, time_us: int, value: float) -> None:
        """One live sample; NaN for a value that is not good. Older than the last one: dropped."""
        last_us = self._last_us()
        if last_us is not None and time_us <= last_us:
            return
        if self._live:
            self._extend(time_us, value, last_us)
        self._tail_us.append(time_us)
        self._tail.append(value)

    def line_in(self, start_us: int, end_us: int, now_us: int) -> tuple[FloatArray, FloatArray]:
        """What of the line is seen between the two times, and one point more on each side."""
        x, y = self.line(now_us)
        first, last = np.searchsorted(x, [self._x(start_us), self._x(end_us)])
        part = slice(max(0, int(first) - 1), int(last) + 1)
        return x[part], y[part]

    def line(self, now_us: int) -> tuple[FloatArray, FloatArray]:
        """The polyline, NaN where it is broken; while live the last value holds until now."""
        if self._series is None:
            return self._line.view()
        end_us = now_us if self._live else self._series.end_us
        last = self._last_value()
        if np.isnan(last):
            return self._line.view()
        return self._line.view_until(self._x(end_us), last)

    def gaps(self, now_us: int) -> list[Stretch]:
        """Where there is no good value, oldest first."""
        if self._gap_since_us is None or now_us <= self._gap_since_us:
            return self._gaps
        return [*self._gaps, (self._gap_since_us, now_us)]

    def value_at(self, time_us: int, now_us: int) -> float | None:
        """The value that held then; None in a gap and where nothing is known."""
        series = self._series
        known_to_us = now_us if self._live or series is None else series.end_us
        if series is None or time_us > known_to_us:
            return None
        if self._live and self._tail_us and time_us >= self._tail_us[0]:
            value = self._tail[bisect_right(self._tail_us, time_us) - 1]
        else:
            place = int(np.searchsorted(series.time_us, time_us, side="right")) - 1
            value = float(series.last[place]) if place >= 0 else float("nan")
        return None if np.isnan(value) else value

    def bounds(self, start_us: int, end_us: int) -> tuple[float, float] | None:
        """Least and greatest value between the two times; None where there is none."""
        low, high = _series_bounds(self._series, start_us, end_us)
        if self._live and self._tail_us and self._tail_us[-1] >= start_us:
            first = max(0, bisect_right(self._tail_us, start_us) - 1)
            tail = np.array(self._tail[first : bisect_right(self._tail_us, end_us)])
            tail = tail[~np.isnan(tail)]
            if len(tail):
                low, high = min(low, float(tail.min())), max(high, float(tail.max()))
        return (low, high) if low <= high else None

    def states(self) -> tuple[NDArray[np.int64], FloatArray]:
        """Times and the least value from each on, for bits: a short off in a bin of ons is seen."""
        series = self._series
        if series is None:
            return np.empty(0, dtype=np.int64), np.empty(0)
        least = np.where(np.isnan(series.last), np.nan, series.minimum)
        if not self._live:
            return series.time_us, least
        return (
            np.concatenate([series.time_us, np.array(self._tail_us, dtype=np.int64)]),
            np.concatenate([least, np.array(self._tail)]),
        )

    def _extend(self, time_us: int, value: float, last_us: int | None) -> None:
        before = self._last_value()
        if not np.isnan(before) and last_us is not None:
            hold_us = self._held_until(time_us, time_us - last_us, broken=bool(np.isnan(value)))
            if hold_us is not None:
                self._line.append(self._x(hold_us), before)
        self._line.append(self._x(time_us), value)
        if np.isnan(value):
            self._gap_since_us = time_us if self._gap_since_us is None else self._gap_since_us
        elif self._gap_since_us is not None:
            self._gaps.append((self._gap_since_us, time_us))
            self._gap_since_us = None

    def _held_until(self, time_us: int, since_us: int, *, broken: bool) -> int | None:
        """Until when the old value is drawn on before a new one; None: a straight line between them."""
        if self._step or broken:
            return time_us
        return time_us - self._scan_us if since_us > _LINEAR_SCANS * self._scan_us else None

    def _polyline(self, series: Series) -> tuple[FloatArray, FloatArray]:
        """Up to four points of each: the old value held, minimum, maximum, last."""
        count = len(series.time_us)
        x = np.repeat(self._x_array(series.time_us)[:, None], 4, axis=1)
        y = np.stack([np.full(count, np.nan), series.minimum, series.maximum, series.last], axis=1)
        flat = (series.minimum == series.maximum) & (series.minimum == series.last)
        spread = ~flat & ~np.isnan(series.minimum)
        wanted = np.stack([np.zeros(count, dtype=bool), spread, spread, np.ones(count, dtype=bool)], axis=1)
        if count > 1:
            before, broken = series.last[:-1], np.isnan(series.minimum[1:])
            step_us = np.diff(series.time_us)
            linear_us = _LINEAR_SCANS * self._scan_us
            if series.binned:
                linear_us = max(linear_us, round(float(np.median(step_us)) * 1.5))
            edge = np.ones(count - 1, dtype=bool) if self._step else broken | (step_us > linear_us)
            wanted[1:, 0] = edge & ~np.isnan(before)
            y[1:, 0] = before
            if not self._step:
                x[1:, 0] -= np.where(broken, 0.0, self._scan_us / 1e6)
        return x[wanted], y[wanted]

    def _last_us(self) -> int | None:
        if self._tail_us:
            return self._tail_us[-1]
        if self._live and self._series is not None and len(self._series.time_us):
            return int(self._series.time_us[-1])
        return None

    def _last_value(self) -> float:
        if self._live and self._tail:
            return self._tail[-1]
        if self._series is not None and len(self._series.last):
            return float(self._series.last[-1])
        return float("nan")

    def _x(self, time_us: int) -> float:
        return (time_us - self._origin_us) / 1e6

    def _x_array(self, time_us: NDArray[np.int64]) -> FloatArray:
        return (time_us - self._origin_us) / 1e6


def _series_bounds(series: Series | None, start_us: int, end_us: int) -> tuple[float, float]:
    if series is None or not len(series.time_us):
        return np.inf, -np.inf
    first = max(0, int(np.searchsorted(series.time_us, start_us, side="right")) - 1)
    last = int(np.searchsorted(series.time_us, end_us, side="right"))
    low, high = series.minimum[first:last], series.maximum[first:last]
    low, high = low[~np.isnan(low)], high[~np.isnan(high)]
    return (float(low.min()), float(high.max())) if len(low) else (np.inf, -np.inf)
