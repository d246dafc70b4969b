"""The states of a machine over time: loaded from history, continued by live samples; pure."""

from collections import deque
from collections.abc import Iterable, Sequence

from engine.history import Series
from engine.model import Quality, Sample
from hmi.panel.machine_look import NO_DATA_LOOK, MachineLook, RibbonKind, machine_look, packml_look
from hmi.panel.painting.ribbons import RibbonSegment


class StateTimeline:
    """``by_packml``: the tag is a PackML state number; else a bit that is on while the machine runs."""

    def __init__(self, by_packml: bool, window_s: float) -> None:
        self._by_packml = by_packml
        self.window_us = int(window_s * 1e6)
        self._points: deque[tuple[int, float | None]] = deque()

    def load(self, series: Series) -> None:
        """Put recorded states before those that came live meanwhile."""
        live, self._points = self._points, deque()
        first_live_us = live[0][0] if live else series.end_us
        for time_us, value in zip(series.time_us.tolist(), series.last.tolist(), strict=True):
            if time_us < first_live_us:
                self._append(time_us, None if value != value else value)
        for time_us, known in live:
            self._append(time_us, known)

    def add(self, sample: Sample) -> None:
        """A live sample; anything but a good one means that the state is not known."""
        good = sample.quality in (Quality.GOOD, Quality.UNCERTAIN)
        value = sample.value
        number = float(value) if good and isinstance(value, (bool, int, float)) else None
        if sample.source_time_us:
            self._append(sample.source_time_us, number)
            self._drop_before(sample.source_time_us - self.window_us)

    def segments(self, now_us: int) -> list[RibbonSegment]:
        """The window that ends now, without holes; neighbours that look alike are one."""
        start_us = now_us - self.window_us
        self._drop_before(start_us)
        found: list[RibbonSegment] = []
        points = [(time_us, number) for time_us, number in self._points if time_us < now_us]
        if not points or points[0][0] > start_us:
            points.insert(0, (start_us, None))
        ends = [time_us for time_us, _ in points[1:]] + [now_us]
        for (time_us, number), end_us in zip(points, ends, strict=True):
            look = self._look(number)
            _extend(found, RibbonSegment(max(start_us, time_us), end_us, look.ribbon, look.text))
        return found

    def _look(self, number: float | None) -> MachineLook:
        if number is None:
            return NO_DATA_LOOK
        return packml_look(int(number)) if self._by_packml else machine_look(bool(number), fault=False)

    def _append(self, time_us: int, number: float | None) -> None:
        if self._points and time_us < self._points[-1][0]:
            return
        if not self._points or self._points[-1][1] != number:
            self._points.append((time_us, number))

    def _drop_before(self, time_us: int) -> None:
        """Drop what is older, but keep the one state that held at that time."""
        while len(self._points) > 1 and self._points[1][0] <= time_us:
            self._points.popleft()


def totals_s(segments: Iterable[RibbonSegment]) -> dict[RibbonKind, float]:
    """Seconds by kind."""
    totals: dict[RibbonKind, float] = {}
    for segment in segments:
        seconds = (segment.end_us - segment.start_us) / 1e6
        totals[segment.kind] = totals.get(segment.kind, 0.0) + seconds
    return totals


def state_since_us(segments: Sequence[RibbonSegment]) -> int | None:
    """Since when the state is what it is; None while it is not known, or older than the window."""
    if not segments or segments[-1].kind is RibbonKind.NO_DATA or len(segments) == 1:
        return None
    return segments[-1].start_us


def _extend(found: list[RibbonSegment], segment: RibbonSegment) -> None:
    if segment.end_us <= segment.start_us:
        return
    last = found[-1] if found else None
    if last is not None and (last.kind, last.text) == (segment.kind, segment.text):
        found[-1] = RibbonSegment(last.start_us, segment.end_us, segment.kind, segment.text)
    else:
        found.append(segment)
