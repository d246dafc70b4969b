"""How smoothly the GUI thread runs: gaps between two runs of a fast timer, and between two frames."""

import time
from array import array
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer

from hmi.panel.bridge import FRAME_MS, Bridge
from tests.bench.table import Row, quantile

TIMER_MS = 16
_WORST_MS = 100
_P99_MS = 50


class GapWatch(QObject):
    """Collects gaps in milliseconds while it is on; lives in the GUI thread."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        # Four bytes each: ninety a second would be a leak of ten megabytes an hour of our own making.
        self.timer_ms, self.frame_ms = array("f"), array("f")
        self._last_timer: float | None = None
        self._last_frame: float | None = None
        self._timer = QTimer(self, interval=TIMER_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timer)
        bridge.frame.connect(self._on_frame)

    def start(self) -> None:
        """Begin anew."""
        self.timer_ms, self.frame_ms = array("f"), array("f")
        self._last_timer = self._last_frame = None
        self._timer.start()

    def stop(self) -> dict[str, list[float]]:
        self._timer.stop()
        return {"timer": self.timer_ms.tolist(), "frame": self.frame_ms.tolist()}

    def _on_timer(self) -> None:
        now = time.perf_counter()
        if self._last_timer is not None:
            self.timer_ms.append((now - self._last_timer) * 1e3)
        self._last_timer = now

    def _on_frame(self, _elapsed_s: float) -> None:
        now = time.perf_counter()
        if self._last_frame is not None and self._timer.isActive():
            self.frame_ms.append((now - self._last_frame) * 1e3)
        self._last_frame = now


def gap_rows(name: str, gaps: dict[str, list[float]], note: str) -> list[Row]:
    """p99 and worst gap of the event loop and of the frames; the aims hold for both."""
    timer, frame = gaps["timer"], gaps["frame"]
    p50 = f"p50 {quantile(timer, 0.5):.1f} ms; {note}"
    over = sum(gap > _WORST_MS for gap in timer)
    return [
        Row(f"{name}: event loop gap, p99", quantile(timer, 0.99), "ms", _P99_MS, note=p50),
        Row(
            f"{name}: event loop gap, worst",
            max(timer),
            "ms",
            _WORST_MS,
            note=f"{over} of {len(timer):,} over {_WORST_MS} ms",
        ),
        Row(
            f"{name}: frame gap, p99",
            quantile(frame, 0.99),
            "ms",
            _P99_MS,
            note=f"p50 {quantile(frame, 0.5):.1f} ms; frames are asked for every {FRAME_MS} ms",
        ),
        Row(f"{name}: frame gap, worst", max(frame), "ms", _WORST_MS),
    ]


def opening_row(name: str, pages: dict[str, dict[str, Any]]) -> Row:
    """The longest standstill while a page is shown for the first time."""
    gaps = {page: phase["opening"] for page, phase in pages.items()}
    each = ", ".join(f"{page} {gap:.0f}" for page, gap in gaps.items())
    return Row(f"{name}: worst gap while opening a page", max(gaps.values()), "ms", _WORST_MS, note=each)
