"""One bit over the last minutes: loaded from history, continued by live samples; pure."""

from collections import deque

from engine.history import Series
from engine.model import Quality, Sample
from hmi.panel.machine_look import RibbonKind
from hmi.panel.painting.ribbons import RibbonSegment

WORDS = {RibbonKind.RUNNING: "On", RibbonKind.READY: "Off", RibbonKind.NO_DATA: "No data"}
"""How a ribbon draws a bit: solid, hollow, hatched."""


class BitHistory:
    """Changes of one bit, the one that held at the window's begin included."""

    def __init__(self, window_s: float) -> None:
        self.window_us = int(window_s * 1e6)
        self._changes: deque[tuple[int, bool | None]] = deque()

    def load(self, series: Series) -> None:
        """Put what was recorded before what came live meanwhile."""
        live, self._changes = self._changes, deque()
        first_live_us = live[0][0] if live else series.end_us
        for time_us, value in zip(series.time_us.tolist(), series.last.tolist(), strict=True):
            if time_us < first_live_us:
                self._add(time_us, None if value != value else bool(value))
        for time_us, bit in live:
            self._add(time_us, bit)

    def add(self, sample: Sample) -> None:
        """A live sample; anything but a good bit is not known."""
        good = sample.quality in (Quality.GOOD, Quality.UNCERTAIN)
        if sample.source_time_us:
            self._add(sample.source_time_us, bool(sample.value) if good else None)

    def segments(self, now_us: int) -> list[RibbonSegment]:
        """The window that ends now, without holes."""
        start_us = now_us - self.window_us
        while len(self._changes) > 1 and self._changes[1][0] <= start_us:
            self._changes.popleft()
        changes = [change for change in self._changes if change[0] < now_us]
        if not changes or changes[0][0] > start_us:
            changes.insert(0, (start_us, None))
        ends = [time_us for time_us, _ in changes[1:]] + [now_us]
        return [
            _segment(max(start_us, time_us), end_us, bit)
            for (time_us, bit), end_us in zip(changes, ends, strict=True)
            if end_us > max(start_us, time_us)
        ]

    def times_on(self, now_us: int) -> tuple[int, float]:
        """How many times it came on within the window, and for how many seconds it was on."""
        segments = self.segments(now_us)
        on = [index for index, each in enumerate(segments) if each.kind is RibbonKind.RUNNING]
        risen = sum(index > 0 and segments[index - 1].kind is RibbonKind.READY for index in on)
        return risen, sum(segments[index].end_us - segments[index].start_us for index in on) / 1e6

    def _add(self, time_us: int, bit: bool | None) -> None:
        if self._changes and time_us < self._changes[-1][0]:
            return
        if not self._changes or self._changes[-1][1] is not bit:
            self._changes.append((time_us, bit))


def _segment(start_us: int, end_us: int, bit: bool | None) -> RibbonSegment:
    kinds = {True: RibbonKind.RUNNING, False: RibbonKind.READY, None: RibbonKind.NO_DATA}
    return RibbonSegment(start_us, end_us, kinds[bit], WORDS[kinds[bit]])
