"""A straight pipe: walls, bore, product, and an arrow that says which way; it never marches."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, Qt

from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.painting.shapes import polygon

_ARROW_L, _ARROW_H = 11.0, 16.0
_WALL = 1.25


class PipeItem(SymbolItem):
    """No roles. As long as its longer side; ``arrow`` is how far along the arrow's base stands, px."""

    def paint_symbol(self, painter: QPainter) -> None:
        width, height = self.size
        painter.save()
        length, across = (width, height) if width >= height else (height, width)
        if height > width:
            painter.translate(width, 0)
            painter.rotate(90)
        painter.fillRect(QRectF(0, 0, length, across), self.theme.color("surface"))
        product = self.theme.number("line", "pipeThin")
        if not self.no_data:
            painter.fillRect(QRectF(0, (across - product) / 2, length, product), self.theme.color("liquid"))
        painter.setPen(self.line(_WALL))
        for y in (_WALL / 2, across - _WALL / 2):
            painter.drawLine(QPointF(0, y), QPointF(length, y))
        self._paint_arrow(painter, across / 2)
        painter.restore()

    def _paint_arrow(self, painter: QPainter, middle: float) -> None:
        at = self.definition.number("arrow", -1.0)
        if at < 0:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.brush("equipLine"))
        tail = (at, middle - _ARROW_H / 2), (at, middle + _ARROW_H / 2)
        painter.drawPolygon(polygon(tail[0], (at + _ARROW_L, middle), tail[1]))

    def extent(self) -> QRectF:
        return QRectF(0, 0, *self.size).adjusted(-3, -3, 3, 3)
