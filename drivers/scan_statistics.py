"""How a connection is doing, in figures: scan time, latency, retries and timeouts of the last hour."""

from collections import deque
from statistics import quantiles

_WINDOW = 120
_HOUR_S = 3600.0


class ScanStatistics:
    """Pure; times are monotonic seconds, results milliseconds."""

    def __init__(self) -> None:
        self._intervals_s: deque[float] = deque(maxlen=20)
        self._latencies_s: deque[float] = deque(maxlen=_WINDOW)
        self._retries: deque[float] = deque()
        self._timeouts: deque[float] = deque()
        self._last_scan_s: float | None = None
        self.reads = 0

    def on_scan(self, started_s: float, ended_s: float) -> None:
        if self._last_scan_s is not None:
            self._intervals_s.append(ended_s - self._last_scan_s)
        self._last_scan_s = ended_s
        self._latencies_s.append(ended_s - started_s)
        self.reads += 1

    def on_retry(self, now_s: float) -> None:
        self._retries.append(now_s)

    def on_failure(self, now_s: float, *, timeout: bool) -> None:
        """The chain of scans is broken: the gap is no scan interval."""
        self._last_scan_s = None
        self._intervals_s.clear()
        if timeout:
            self._timeouts.append(now_s)

    def achieved_ms(self) -> float | None:
        if not self._intervals_s:
            return None
        return 1e3 * sum(self._intervals_s) / len(self._intervals_s)

    def latency_ms(self) -> float | None:
        return 1e3 * self._latencies_s[-1] if self._latencies_s else None

    def latency_p95_ms(self) -> float | None:
        if len(self._latencies_s) < 2:
            return self.latency_ms()
        return 1e3 * quantiles(self._latencies_s, n=20, method="inclusive")[-1]

    def retries_per_hour(self, now_s: float) -> int:
        return _count_since(self._retries, now_s - _HOUR_S)

    def timeouts_per_hour(self, now_s: float) -> int:
        return _count_since(self._timeouts, now_s - _HOUR_S)


def _count_since(times_s: deque[float], since_s: float) -> int:
    while times_s and times_s[0] < since_s:
        times_s.popleft()
    return len(times_s)
