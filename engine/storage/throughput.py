"""How fast the recorder writes, for its status."""

from collections import deque

from engine.clock import Clock

_WINDOW_S = 10.0


class Throughput:
    """Counts commits; the rate is that of the last ten seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._recent: deque[tuple[float, int]] = deque(maxlen=1000)
        self._began_s = clock.monotonic()
        self.rows = 0
        self.write_ms: float | None = None
        self.write_worst_ms: float | None = None
        self.last_commit_us: int | None = None

    def add(self, rows: int, took_s: float) -> None:
        self.rows += rows
        self.write_ms = took_s * 1000.0
        self.write_worst_ms = max(self.write_worst_ms or 0.0, self.write_ms)
        self.last_commit_us = self._clock.utc_us()
        self._recent.append((self._clock.monotonic(), rows))

    def rows_per_s(self) -> float:
        now_s = self._clock.monotonic()
        window_s = max(min(_WINDOW_S, now_s - self._began_s), 1.0)
        return sum(rows for at_s, rows in list(self._recent) if at_s > now_s - _WINDOW_S) / window_s
