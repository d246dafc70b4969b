"""The cursors A and B over all lanes, with their handles at the top."""

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from hmi.panel.theme import Theme
from hmi.panel.trends.cursors import CursorName, Cursors
from hmi.panel.trends.lane_parts import x_of
from hmi.panel.trends.window import TimeWindow

HANDLE_WIDTH, HANDLE_HEIGHT, HIT = 28.0, 24.0, 48.0
_LINE_HIT = 12.0


class CursorOverlay(pg.GraphicsObject):  # type: ignore[misc]
    """Above everything; ``area`` spans the lanes and the ribbon, handles stand at its top."""

    def __init__(self, theme: Theme, cursors: Cursors) -> None:
        super().__init__()
        self.theme = theme
        self._cursors = cursors
        self._area = QRectF()
        self._window = TimeWindow(0, 1)
        self.setZValue(1000)

    def place(self, area: QRectF, window: TimeWindow) -> None:
        """Where lanes are on the screen, and what time they show."""
        if (area, window) != (self._area, self._window):
            self.prepareGeometryChange()
            self._area, self._window = QRectF(area), window
            self.update()

    def boundingRect(self) -> QRectF:
        return self._area.adjusted(-HIT, -HANDLE_HEIGHT, HIT, 0)

    def hit(self, at: QPointF) -> CursorName | None:
        """The cursor whose handle (48 x 48) or line is there, the active one first."""
        order = sorted(CursorName, key=lambda name: name is not self._cursors.active)
        for name in order:
            handle = self._handle(name)
            if handle is not None and _grown(handle).contains(at):
                return name
        for name in order:
            x = self._x(name)
            if x is not None and abs(at.x() - x) <= _LINE_HIT and self._area.contains(QPointF(x, at.y())):
                return name
        return None

    def paint(self, painter: QPainter, *_: Any) -> None:
        xs = [x for x in (self._x(name) for name in CursorName) if x is not None]
        area = self._area
        if len(xs) == 2:
            left, right = max(area.left(), min(xs)), min(area.right(), max(xs))
            if right > left:
                tint = self.theme.color("ink")
                tint.setAlphaF(0.10)
                painter.fillRect(QRectF(left, area.top(), right - left, area.height()), tint)
        for name in sorted(CursorName, key=lambda n: n is self._cursors.active):
            self._paint_cursor(painter, name)

    def _paint_cursor(self, painter: QPainter, name: CursorName) -> None:
        x, handle = self._x(name), self._handle(name)
        if x is None or handle is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.theme.pen("text", 2.0 if name is self._cursors.active else 1.5))
        painter.drawLine(QLineF(x, self._area.top(), x, self._area.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.brush("text"))
        painter.drawRoundedRect(handle, 4, 4)
        painter.setPen(self.theme.color("raised"))
        painter.setFont(self.theme.font("bodyStrong"))
        painter.drawText(handle, int(Qt.AlignmentFlag.AlignCenter), name.value)

    def _handle(self, name: CursorName) -> QRectF | None:
        """The earlier cursor's handle hangs to the left of its line, the later one's to the right."""
        x = self._x(name)
        if x is None:
            return None
        leftwards = (name is CursorName.A) == ((self._cursors.difference_us or 0) >= 0)
        left = x - HANDLE_WIDTH if leftwards else x
        left = min(self._area.right() + HANDLE_WIDTH, max(self._area.left() - 12, left))
        return QRectF(left, self._area.top() - HANDLE_HEIGHT / 2, HANDLE_WIDTH, HANDLE_HEIGHT)

    def _x(self, name: CursorName) -> float | None:
        """On half pixels; None for a cursor that is not set or not in sight."""
        time_us = self._cursors.time_us(name)
        if time_us is None or not self._window.contains(time_us):
            return None
        return round(x_of(time_us, self._window, self._area)) + 0.5


def _grown(handle: QRectF) -> QRectF:
    more_x, more_y = (HIT - handle.width()) / 2, (HIT - handle.height()) / 2
    return handle.adjusted(-more_x, -more_y, more_x, more_y)
