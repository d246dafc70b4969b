"""The circuit breaker drawn as an electrical contact: closed, half open, open."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from engine.connections import CircuitState
from hmi.panel.theme import Theme

CONTACT_W = 26.0
_DOT = 3.5
_LIFT = 7.0


def paint_contact(painter: QPainter, theme: Theme, left: QPointF, circuit: CircuitState) -> None:
    """26 px wide, its middle line at ``left``; open = a lever that stands up between hollow ends."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    closed = circuit is CircuitState.CLOSED
    color = "text2" if closed else "text"
    start = left + QPointF(_DOT, 0)
    end = left + QPointF(CONTACT_W - _DOT, 0)
    style = Qt.PenStyle.DashLine if circuit is CircuitState.HALF_OPEN else Qt.PenStyle.SolidLine
    pen = theme.pen(color, 1.75, style)
    if circuit is CircuitState.HALF_OPEN:
        pen.setDashPattern([1.6, 1.4])
    painter.setPen(pen)
    tip = end - QPointF(1, _LIFT) if circuit is CircuitState.OPEN else end
    painter.drawLine(start, tip)
    painter.setPen(theme.pen(color, 1.5))
    painter.setBrush(theme.brush(color if closed else "surface"))
    for middle in (start, end):
        painter.drawEllipse(middle, _DOT, _DOT)
    painter.restore()
