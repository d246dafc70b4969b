"""What a machine did over time as a ribbon, with the times under it and a legend."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.display import format_minute
from hmi.panel.machine_look import RibbonKind
from hmi.panel.painting.ribbons import RIBBON_HIGH, RibbonSegment, paint_ribbon, paint_ribbon_segment
from hmi.panel.painting.shapes import CENTER, LEFT

_TICK_STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 240)
_TICK_ROOM = 52.0
_LEGEND = {
    RibbonKind.RUNNING: "Running",
    RibbonKind.STOP: "Stopped",
    RibbonKind.STARVED_BLOCKED: "Waiting",
    RibbonKind.PLANNED: "Planned",
    RibbonKind.READY: "Ready",
    RibbonKind.OFF: "Off",
    RibbonKind.NO_DATA: "No data",
}


class Ribbon(QWidget):
    """Height 18 or 32 plus a time axis. The segments are also said as text, for those who cannot see them."""

    def __init__(
        self, context: PanelContext, height: int = RIBBON_HIGH, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._band = height
        self._segments: tuple[RibbonSegment, ...] = ()
        self._start_us = self._end_us = 0
        self.setFixedHeight(height + 26)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        context.theme_changed.connect(self.update)

    def show_segments(self, segments: Sequence[RibbonSegment], start_us: int, end_us: int) -> None:
        self._segments, self._start_us, self._end_us = tuple(segments), start_us, end_us
        self.setAccessibleName(self.tr("Machine states"))
        self.setAccessibleDescription("; ".join(self._spoken(s) for s in self._segments[-20:]))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, self._band + 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._context.theme
        band = QRectF(0, 0, self.width(), self._band)
        paint_ribbon(painter, theme, band, self._segments, self._start_us, self._end_us)
        if self._end_us > self._start_us:
            self._paint_axis(painter)
        painter.end()

    def _paint_axis(self, painter: QPainter) -> None:
        theme, span = self._context.theme, self._end_us - self._start_us
        most = min(9.0, self.width() / _TICK_ROOM)
        step_us = next((m for m in _TICK_STEPS_MIN if span / 6e7 / m <= most), 480) * 60_000_000
        painter.setFont(theme.font("micro"))
        tick = (self._start_us // step_us + 1) * step_us
        while tick < self._end_us:
            x = (tick - self._start_us) / span * self.width()
            painter.setPen(theme.color("border"))
            painter.drawLine(round(x), self._band + 4, round(x), self._band + 9)
            painter.setPen(theme.color("text2"))
            label = QRectF(x - 30, self._band + 10, 60, 16)
            if label.left() >= 0 and label.right() <= self.width():
                painter.drawText(label, CENTER, format_minute(tick, self._context.zone))
            tick += step_us

    def _spoken(self, segment: RibbonSegment) -> str:
        begin = format_minute(segment.start_us, self._context.zone)
        end = format_minute(segment.end_us, self._context.zone)
        return f"{begin} to {end}, {segment.text or _LEGEND.get(segment.kind, segment.kind.value)}"


class RibbonLegend(QWidget):
    """Samples of the states with their names."""

    def __init__(
        self,
        context: PanelContext,
        kinds: Sequence[RibbonKind] = tuple(_LEGEND),
        parent: QWidget | None = None,
        words: Mapping[RibbonKind, str] | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._words = {kind: (words or _LEGEND)[kind] for kind in kinds}
        self.setFixedHeight(20)
        self.setMinimumWidth(round(self._width()))
        context.theme_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._context.theme
        x = 0.0
        metrics = QFontMetricsF(theme.font("label"))
        for kind, word in self._words.items():
            paint_ribbon_segment(painter, theme, QRectF(x, 3, 22, 14), kind)
            painter.setFont(theme.font("label"))
            painter.setPen(theme.color("text2"))
            width = metrics.horizontalAdvance(word)
            painter.drawText(QRectF(x + 28, 0, width + 2, 20), LEFT | Qt.TextFlag.TextDontClip, word)
            x += 28 + width + 16
        painter.end()

    def _width(self) -> float:
        metrics = QFontMetricsF(self._context.theme.font("label"))
        return sum(28 + metrics.horizontalAdvance(word) + 16 for word in self._words.values())
