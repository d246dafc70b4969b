"""Small signs: quality of a value, state of a machine."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from hmi.panel.machine_look import StateGlyph
from hmi.panel.painting.shapes import CENTER, polygon
from hmi.panel.theme import Theme
from hmi.panel.value_look import LookKind

_LETTERS = {LookKind.UNCERTAIN: "?", LookKind.MANUAL: "M", LookKind.SIMULATED: "S"}
_CLOCKED = (LookKind.STALE, LookKind.DISCONNECTED, LookKind.NO_DATA)


def paint_quality_glyph(
    painter: QPainter, theme: Theme, center: QPointF, kind: LookKind, size: float = 18
) -> None:
    """The sign of a look: clock, question mark, cross, M or S; nothing for GOOD."""
    if kind is LookKind.GOOD:
        return
    if kind in _CLOCKED:
        paint_clock(painter, theme, center, size / 2)
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme.pen("text2", 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = size / 2 - 0.75
    painter.drawRoundedRect(QRectF(center.x() - half, center.y() - half, 2 * half, 2 * half), 4, 4)
    if kind in _LETTERS:
        font = theme.font("bodyStrong")
        font.setPixelSize(round(size * 0.66))
        painter.setFont(font)
        painter.drawText(
            QRectF(center.x() - size, center.y() - size, 2 * size, 2 * size), CENTER, _LETTERS[kind]
        )
    else:
        _paint_cross(painter, theme, center, size * 0.22, "text2", 1.75)
    painter.restore()


def paint_clock(
    painter: QPainter, theme: Theme, center: QPointF, radius: float, ground: str | None = None
) -> None:
    """The clock of an old value; ``ground`` fills its face where it lies over something else."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(theme.color("text2"), 1.5)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(theme.color(ground) if ground else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(center, radius - 0.75, radius - 0.75)
    painter.drawPolyline(
        polygon(
            (center.x(), center.y() - radius * 0.5),
            (center.x(), center.y()),
            (center.x() + radius * 0.38, center.y() + radius * 0.2),
        )
    )
    painter.restore()


def paint_state_glyph(
    painter: QPainter, theme: Theme, center: QPointF, glyph: StateGlyph, size: float = 16, color: str = "text"
) -> None:
    """The sign of a machine's state, about ``size`` px square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(center)
    painter.scale(size / 16, size / 16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(color))
    if glyph is StateGlyph.RUNNING:
        painter.drawPolygon(polygon((-4.5, -6), (6, 0), (-4.5, 6)))
    elif glyph is StateGlyph.STOPPED:
        painter.drawRoundedRect(QRectF(-5.5, -5.5, 11, 11), 1, 1)
    elif glyph is StateGlyph.READY:
        painter.drawRect(QRectF(-5, -6, 3.4, 12))
        painter.drawRect(QRectF(1.6, -6, 3.4, 12))
    elif glyph is StateGlyph.NO_DATA:
        for x in (-5.0, 0.0, 5.0):
            painter.drawEllipse(QPointF(x, 0), 1.4, 1.4)
    else:
        _paint_line_glyph(painter, theme, glyph, color)
    painter.restore()


def _paint_line_glyph(painter: QPainter, theme: Theme, glyph: StateGlyph, color: str) -> None:
    if glyph is StateGlyph.FAULT:
        _paint_cross(painter, theme, QPointF(0, 0), 5, color, 2.6)
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(theme.pen(color, 2))
    if glyph is StateGlyph.OFF:
        painter.drawEllipse(QPointF(0, 0), 5.5, 5.5)
    elif glyph is StateGlyph.CHANGEOVER:
        painter.drawLine(QPointF(-6, -3), QPointF(5, -3))
        painter.drawPolyline(polygon((2.5, -6), (5.5, -3), (2.5, 0)))
        painter.drawLine(QPointF(6, 3), QPointF(-5, 3))
        painter.drawPolyline(polygon((-2.5, 0), (-5.5, 3), (-2.5, 6)))
    else:
        painter.drawLine(QPointF(-7, 0), QPointF(2, 0))
        painter.drawPolyline(polygon((-1.5, -4), (2.5, 0), (-1.5, 4)))
        painter.setPen(theme.pen(color, 3.4 if glyph is StateGlyph.BLOCKED else 2))
        painter.drawLine(QPointF(6, -5), QPointF(6, 5))


def _paint_cross(
    painter: QPainter, theme: Theme, center: QPointF, reach: float, color: str, width: float
) -> None:
    pen = theme.pen(color, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    for sign in (-1, 1):
        painter.drawLine(
            QPointF(center.x() - reach, center.y() - sign * reach),
            QPointF(center.x() + reach, center.y() + sign * reach),
        )
