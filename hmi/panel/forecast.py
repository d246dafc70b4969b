"""Which way a value is going and when it meets its next limit."""

from collections import deque
from dataclasses import dataclass

from hmi.panel.limit import Limit, next_limit
from hmi.panel.limits import Limits
from hmi.panel.value_look import Trend

WINDOW_S = 120.0
RECENT_S = 30.0
STEADY_SHARE_PER_MIN = 0.002
HORIZON_MIN = 60.0
_MIN_POINTS, _MIN_SPAN_S = 8, 20.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """A slope in engineering units per minute, and the limit met if it stays so."""

    slope_per_min: float
    trend: Trend
    limit: Limit | None = None
    minutes: float | None = None


class SlopeEstimator:
    """Least squares over the last two minutes; fed about once a second."""

    def __init__(self, window_s: float = WINDOW_S) -> None:
        self._window_us = int(window_s * 1e6)
        self._points: deque[tuple[int, float]] = deque()

    def clear(self) -> None:
        self._points.clear()

    def add(self, time_us: int, value: float) -> None:
        if self._points and time_us <= self._points[-1][0]:
            return
        self._points.append((time_us, value))
        while self._points[0][0] < time_us - self._window_us:
            self._points.popleft()

    def slope_per_min(self, last_s: float | None = None) -> float | None:
        """Over the whole window or its last seconds; None until there is enough to judge by."""
        points = list(self._points)
        if last_s is not None and points:
            points = [point for point in points if point[0] >= points[-1][0] - last_s * 1e6]
        if len(points) < _MIN_POINTS or points[-1][0] - points[0][0] < _MIN_SPAN_S * 1e6:
            return None
        start = points[0][0]
        minutes = [(time_us - start) / 6e7 for time_us, _ in points]
        mean_t, mean_v = sum(minutes) / len(points), sum(v for _, v in points) / len(points)
        spread = sum((t - mean_t) ** 2 for t in minutes)
        joint = sum((t - mean_t) * (v - mean_v) for t, (_, v) in zip(minutes, points, strict=True))
        return joint / spread if spread else None


def forecast(
    slope_per_min: float | None,
    value: float,
    span: float,
    limits: Limits | None,
    recent_per_min: float | None = None,
) -> Forecast | None:
    """None while the slope is not known; no limit where none is met within an hour.

    A value that has lately turned round (``recent_per_min`` against ``slope_per_min``) is on its way to
    neither limit: only its direction is told.
    """
    if slope_per_min is None:
        return None
    if abs(slope_per_min) < STEADY_SHARE_PER_MIN * span:
        return Forecast(slope_per_min, Trend.STEADY)
    recent = recent_per_min or 0.0
    if slope_per_min * recent < 0 and abs(recent) >= STEADY_SHARE_PER_MIN * span:
        return Forecast(recent, Trend.RISING if recent > 0 else Trend.FALLING)
    rising = slope_per_min > 0
    trend = Trend.RISING if rising else Trend.FALLING
    limit = next_limit(limits, value, rising)
    minutes = (limit.value - value) / slope_per_min if limit else None
    if limit is None or minutes is None or minutes > HORIZON_MIN:
        return Forecast(slope_per_min, trend)
    return Forecast(slope_per_min, trend, limit, minutes)
