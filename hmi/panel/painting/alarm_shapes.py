"""Alarm shapes: priority by form, numeral and colour; state by fill, halo and glyph (sheet 10, ISA-18.2)."""

import math
from enum import Enum, auto

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from hmi.panel.painting.glyphs import paint_clock
from hmi.panel.painting.shapes import CENTER, polygon, rounded
from hmi.panel.theme import Theme

SIZES = (16, 22, 28, 34)


class AlarmShapeState(Enum):
    """How an alarm stands; the look of each is in the tokens' ``alarmState``."""

    UNACKED = auto()
    ACKED = auto()
    RETURNED = auto()
    SHELVED = auto()
    SUPPRESSED = auto()
    OUT_OF_SERVICE = auto()


_HALOED = (AlarmShapeState.UNACKED, AlarmShapeState.RETURNED)
_GREY = (AlarmShapeState.SHELVED, AlarmShapeState.SUPPRESSED, AlarmShapeState.OUT_OF_SERVICE)


def paint_alarm_shape(
    painter: QPainter,
    theme: Theme,
    center: QPointF,
    priority: int,
    state: AlarmShapeState = AlarmShapeState.ACKED,
    size: float = 22,
    blink_on: bool = True,
) -> None:
    """A shape of ``size`` px around ``center``; the halo stands out by about a third of the size."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(center.x() - size / 2, center.y() - size / 2)
    shape = alarm_path(priority, size)
    if state in _HALOED and blink_on:
        _paint_halo(painter, theme, priority, state, size)
    _paint_body(painter, theme, shape, priority, state, size)
    _paint_numeral(painter, theme, priority, state, size)
    if state is AlarmShapeState.OUT_OF_SERVICE:
        painter.setPen(QPen(theme.color("text2"), max(1.5, size / 14)))
        painter.drawLine(QPointF(size * 0.04, size * 0.96), QPointF(size * 0.96, size * 0.04))
    if state is AlarmShapeState.SHELVED:
        paint_clock(painter, theme, QPointF(size * 0.88, size * 0.86), size * 0.27, ground="surface")
    painter.restore()


def alarm_path(priority: int, size: float, grow: float = 0.0) -> QPainterPath:
    """The outline in a square of ``size`` at the origin, moved outwards by ``grow`` px."""
    unit = size / 24
    if priority == 1:
        rect = QRectF(2 * unit, 2 * unit, 20 * unit, 20 * unit).adjusted(-grow, -grow, grow, grow)
        return rounded(rect, 3 * unit + grow * 0.75)
    path = QPainterPath()
    if priority == 4:
        path.addEllipse(QPointF(12 * unit, 12 * unit), 10.5 * unit + grow, 10.5 * unit + grow)
        return path
    path.addPolygon(_triangle(unit, grow, upside_down=priority == 3))
    path.closeSubpath()
    return path


def _triangle(unit: float, grow: float, *, upside_down: bool) -> QPolygonF:
    """Tokens: 12,2 22.5,21.5 1.5,21.5; grown from the centre of its inner circle."""
    leg = math.hypot(10.5, 19.5)
    radius = 21 * 19.5 / (21 + 2 * leg)
    center_y = 21.5 - radius
    factor = (radius * unit + grow) / (radius * unit)
    points = [
        (12 + (x - 12) * factor, center_y + (y - center_y) * factor)
        for x, y in ((12.0, 2.0), (22.5, 21.5), (1.5, 21.5))
    ]
    return polygon(*((x * unit, (24 - y if upside_down else y) * unit) for x, y in points))


def _paint_halo(painter: QPainter, theme: Theme, priority: int, state: AlarmShapeState, size: float) -> None:
    width = 2.0 if size >= 22 else 1.5
    pen = QPen(theme.color(f"p{priority}"), width)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if state is AlarmShapeState.RETURNED:
        pen.setDashPattern([2.4, 1.6])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(alarm_path(priority, size, 3 + width / 2))


def _paint_body(
    painter: QPainter, theme: Theme, shape: QPainterPath, priority: int, state: AlarmShapeState, size: float
) -> None:
    line = 1.5 if size >= 22 else 1.25
    if state in (AlarmShapeState.UNACKED, AlarmShapeState.ACKED):
        pen, brush = theme.pen(f"p{priority}Edge", line), f"p{priority}"
    elif state is AlarmShapeState.RETURNED:
        pen, brush = theme.pen(f"p{priority}Edge", 2), "raised"
    elif state is AlarmShapeState.SHELVED:
        pen, brush = theme.pen("text3", 1.5), "raised"
    elif state is AlarmShapeState.SUPPRESSED:
        pen, brush = theme.pen("text3", 1.5), "surface"
        pen.setDashPattern([2, 1.4])
    else:
        pen, brush = theme.pen("text3", 1.5), "bandOut"
    painter.setPen(pen)
    painter.setBrush(theme.color(brush))
    painter.drawPath(shape)


def _paint_numeral(
    painter: QPainter, theme: Theme, priority: int, state: AlarmShapeState, size: float
) -> None:
    unit = size / 24
    font = theme.font("bodyStrong")
    triangle = priority in (2, 3)
    font.setPixelSize(max(8, round(size * (0.5 if triangle else 0.62))))
    painter.setFont(font)
    if state in _GREY:
        color = "text3"
    elif state is AlarmShapeState.RETURNED:
        color = "text"
    else:
        color = f"p{priority}On"
    painter.setPen(theme.color(color))
    middle = {2: 15.3, 3: 8.7}.get(priority, 12.0) * unit
    rect = QRectF(0, middle - size, size, 2 * size)
    painter.drawText(rect, CENTER, "D" if state is AlarmShapeState.SUPPRESSED else str(priority))
