"""The last minutes of one tag in a fixed number of bins: loaded from history, continued by live samples."""

from collections import deque

import numpy as np

from engine.history import Series
from engine.model import Quality, Sample
from hmi.panel.painting.gauges import GaugeHistory

BINS = 120


class _Bin:
    """Smallest, largest and last value of one stretch of time; ``last`` NaN begins a gap."""

    __slots__ = ("first_us", "largest", "last", "number", "smallest")

    def __init__(self, number: int, time_us: int, value: float) -> None:
        self.number, self.first_us = number, time_us
        self.smallest = self.largest = self.last = value

    def add(self, value: float) -> None:
        if value < self.smallest:
            self.smallest = value
        elif value > self.largest:
            self.largest = value
        self.last = value


class BinnedHistory:
    """Keeps ``window_s`` seconds; peaks survive, memory does not grow."""

    def __init__(self, window_s: float, bins: int = BINS) -> None:
        self.window_us = int(window_s * 1e6)
        self._bin_us = max(1, self.window_us // bins)
        self._bins: deque[_Bin] = deque()

    def __len__(self) -> int:
        return len(self._bins)

    def load(self, series: Series) -> None:
        """Put recorded points before those that came live meanwhile."""
        live, self._bins = self._bins, deque()
        first_live_us = live[0].first_us if live else series.end_us
        for time_us, low, high, last in zip(
            series.time_us.tolist(),
            series.minimum.tolist(),
            series.maximum.tolist(),
            series.last.tolist(),
            strict=True,
        ):
            if time_us < first_live_us:
                for value in (low, high, last):
                    self._add(time_us, value)
        self._bins.extend(live)

    def add(self, sample: Sample) -> None:
        """A live sample; anything but a good number is a gap."""
        good = sample.quality in (Quality.GOOD, Quality.UNCERTAIN)
        value = sample.value
        figure = float(value) if good and isinstance(value, (bool, int, float)) else float("nan")
        if sample.source_time_us:
            self._add(sample.source_time_us, figure)
            self._drop_before(sample.source_time_us - self.window_us)

    def view(self, now_us: int) -> GaugeHistory:
        """The window that ends now; the last value holds until now."""
        start_us = now_us - self.window_us
        self._drop_before(start_us)
        times: list[int] = []
        values: list[float] = []
        for each in self._bins:
            if times and each.first_us - times[-1] > 2 * self._bin_us:
                times.append(each.first_us - 1)  # nothing came, so the value before held until here
                values.append(values[-1])
            corners = dict.fromkeys((each.smallest, each.largest, each.last))
            for index, value in enumerate(v for v in corners if v == v or each.last != each.last):
                times.append(max(start_us, each.first_us + index))
                values.append(value)
        if values and times[-1] < now_us:
            times.append(now_us)
            values.append(values[-1])
        gaps = _gaps(start_us, now_us, times, values)
        return GaugeHistory(start_us, now_us, np.array(times, dtype=np.int64), np.array(values), gaps)

    def _add(self, time_us: int, value: float) -> None:
        number = time_us // self._bin_us
        newest = self._bins[-1] if self._bins else None
        if newest is not None and time_us < newest.first_us:
            return
        breaks = newest is not None and (value != value) is not (newest.last != newest.last)
        if newest is None or newest.number != number or breaks:
            self._bins.append(_Bin(number, time_us, value))
        else:
            newest.add(value)

    def _drop_before(self, time_us: int) -> None:
        """Drop what is older, but keep the one value that held at that time."""
        while len(self._bins) > 1 and self._bins[1].first_us <= time_us:
            self._bins.popleft()


def _gaps(start_us: int, end_us: int, times: list[int], values: list[float]) -> tuple[tuple[int, int], ...]:
    gaps: list[tuple[int, int]] = []
    if times and times[0] > start_us:
        gaps.append((start_us, times[0]))
    begin: int | None = None
    for time_us, value in zip(times, values, strict=True):
        if value != value and begin is None:
            begin = time_us
        elif value == value and begin is not None:
            gaps.append((begin, time_us))
            begin = None
    if begin is not None:
        gaps.append((begin, end_us))
    return tuple(gaps)
