"""One pen's lane: its curve in a view box, with band, limits, gaps, legend and marks around it."""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QRectF

from engine.model import DataType, TagDef
from hmi.panel.limits import Limits
from hmi.panel.theme import Theme
from hmi.panel.trends.lane_parts import LaneBack, LaneLegend, LaneMarks
from hmi.panel.trends.lane_scale import BIT_RANGE, lane_range
from hmi.panel.trends.pens import Pen
from hmi.panel.trends.ticks import Tick
from hmi.panel.trends.trace import Stretch, Trace
from hmi.panel.trends.window import TimeWindow

_LEGEND_SHARE = 0.3
_LOW_CURVE = 0.36


class LaneBox(pg.ViewBox):  # type: ignore[misc]
    """A view box that leaves mouse and wheel to the chart."""

    def __init__(self) -> None:
        super().__init__(enableMouse=False, enableMenu=False, defaultPadding=0)
        self.disableAutoRange()
        self.setMinimumHeight(30)


class Lane:
    """Draws what it is told; ``theme`` may be replaced at any time."""

    def __init__(
        self, theme: Theme, pen: Pen, definition: TagDef, limits: Limits | None, name: str = ""
    ) -> None:
        self.theme = theme
        self.pen = pen
        self.definition = definition
        self.name = name or definition.description or definition.name
        self.limits = limits if limits is not None and limits.marks() else None
        self.is_bit = definition.type.base is DataType.BOOL
        self.window = TimeWindow(0, 1)
        self.ticks: Sequence[Tick] = ()
        self.gaps: Sequence[Stretch] = ()
        self.range = BIT_RANGE if self.is_bit else lane_range(None, self.limits, definition.normal)
        self.value_text, self.value_live = "", False
        self.selected = False
        self.legend_on_top = False
        self.box = LaneBox()
        self.curve = pg.PlotDataItem(antialias=True, connect="finite", autoDownsample=False)
        self.curve.curve.setSegmentedLineMode("on")  # antialiased and wide: four times as fast as a path
        self.box.addItem(self.curve, ignoreBounds=True)
        self.back, self.legend, self.marks = LaneBack(self), LaneLegend(self), LaneMarks(self)
        self.back.setParentItem(self.box)
        self.legend.setParentItem(self.box)
        self.apply_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        self.theme = theme
        width = theme.number("line", "penSelected" if self.selected else "pen")
        pen = theme.pen(self.pen.color, width)
        pen.setCosmetic(True)  # the curve is scaled, its line is not
        self.curve.setPen(pen)
        self.repaint()

    def select(self, *, selected: bool) -> None:
        self.selected = selected
        self.apply_theme(self.theme)

    def show_window(self, window: TimeWindow, ticks: Sequence[Tick], origin_us: int) -> None:
        self.window, self.ticks = window, ticks
        start_s, end_s = (window.start_us - origin_us) / 1e6, (window.end_us - origin_us) / 1e6
        self.box.setXRange(start_s, end_s, padding=0)
        self.back.update()

    def show_data(self, trace: Trace, now_us: int) -> None:
        """Take over the trace's line, and a vertical scale that holds it."""
        self.curve.setData(*trace.line_in(self.window.start_us, self.window.end_us, now_us))
        self.gaps = trace.gaps(now_us)
        seen = trace.bounds(self.window.start_us, self.window.end_us)
        fitted = (
            BIT_RANGE if self.is_bit else lane_range(seen, self.limits, self.definition.normal, self.range)
        )
        if fitted != self.range or self.box.viewRange()[1] != [*fitted]:
            self.range = fitted
            self.box.setYRange(*fitted, padding=0)
            self.marks.update()
        self._place_legend(trace)
        self.back.update()

    def show_value(self, text: str, *, live: bool) -> None:
        """The value now, as text; not live: greyed."""
        if (text, live) != (self.value_text, self.value_live):
            self.value_text, self.value_live = text, live
            self.legend.update()

    def _place_legend(self, trace: Trace) -> None:
        """Where the curve is not; a curve in the middle leaves it where it was."""
        start_us = self.window.start_us
        near = trace.bounds(start_us, start_us + round(self.window.span_us * _LEGEND_SHARE))
        if near is None:
            return
        low, high = ((value - self.range[0]) / (self.range[1] - self.range[0]) for value in near)
        on_top = self.legend_on_top
        if high < _LOW_CURVE or (low < _LOW_CURVE and high < 1 - _LOW_CURVE):
            on_top = True
        elif low > _LOW_CURVE:
            on_top = False
        if on_top != self.legend_on_top:
            self.legend_on_top = on_top
            self.legend.update()

    def repaint(self) -> None:
        for part in (self.back, self.legend, self.marks):
            part.update()

    def y_of(self, value: float, rect: QRectF) -> float:
        """Pixels from the value."""
        low, high = self.range
        return rect.bottom() - (value - low) / (high - low) * rect.height()
