"""Under the lanes: the machine's ribbon and the time axis."""

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from hmi.panel.painting.ribbons import RibbonSegment, paint_ribbon
from hmi.panel.theme import Theme
from hmi.panel.trends.lane_parts import MARKS_WIDTH, x_of
from hmi.panel.trends.ticks import Tick
from hmi.panel.trends.window import TimeWindow

RIBBON_HEIGHT, AXIS_HEIGHT = 20, 26


class RibbonStrip(pg.GraphicsWidget):  # type: ignore[misc]
    """What the machine did, under the same time axis as the lanes."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._segments: Sequence[RibbonSegment] = ()
        self._window = TimeWindow(0, 1)
        self.setFixedHeight(RIBBON_HEIGHT)

    def show_segments(self, segments: Sequence[RibbonSegment], window: TimeWindow) -> None:
        self._segments, self._window = segments, window
        self.update()

    def paint(self, painter: QPainter, *_: Any) -> None:
        rect = QRectF(self.rect())
        painter.fillRect(rect, self.theme.color("plot"))
        window = self._window
        shown = [s for s in self._segments if s.end_us > window.start_us and s.start_us < window.end_us]
        paint_ribbon(painter, self.theme, rect, shown, window.start_us, window.end_us)


class RibbonName(pg.GraphicsWidget):  # type: ignore[misc]
    """Right of the ribbon: of which line it is, where there are several."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.name = ""
        self.setFixedWidth(MARKS_WIDTH)
        self.setFixedHeight(RIBBON_HEIGHT)

    def show_name(self, name: str) -> None:
        if name != self.name:
            self.name = name
            self.update()

    def paint(self, painter: QPainter, *_: Any) -> None:
        rect, font = QRectF(self.rect()).adjusted(8, 0, 0, 0), self.theme.font("micro")
        text = QFontMetricsF(font).elidedText(self.name, Qt.TextElideMode.ElideMiddle, rect.width())
        painter.setFont(font)
        painter.setPen(self.theme.color("text2"))
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter), text)


class TimeAxis(pg.GraphicsWidget):  # type: ignore[misc]
    """Ticks with local times; one too near to an end to be centred is moved inside."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._ticks: Sequence[Tick] = ()
        self._window = TimeWindow(0, 1)
        self.setFixedHeight(AXIS_HEIGHT)

    def show_ticks(self, ticks: Sequence[Tick], window: TimeWindow) -> None:
        self._ticks, self._window = ticks, window
        self.update()

    def paint(self, painter: QPainter, *_: Any) -> None:
        rect, font = QRectF(self.rect()), self.theme.font("label")
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        free_from = rect.left() - 1
        for tick in self._ticks:
            x = round(x_of(tick.time_us, self._window, rect)) + 0.5
            painter.setPen(self.theme.pen("border"))
            painter.drawLine(QLineF(x, rect.top(), x, rect.top() + 5))
            width = metrics.horizontalAdvance(tick.text)
            left = min(rect.right() - width, max(rect.left(), x - width / 2))
            if left < free_from:
                continue
            free_from = left + width + 12
            painter.setPen(self.theme.color("text2"))
            painter.drawText(
                QRectF(left, rect.top() + 6, width + 2, 18), int(Qt.AlignmentFlag.AlignVCenter), tick.text
            )
