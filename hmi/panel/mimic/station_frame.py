"""Thin lines of the machine's structure: the frame of a station, the arrow of the belt."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, Qt

from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.painting.shapes import polygon


class StationFrameItem(SymbolItem):
    """No roles: two legs and a beam of ``size``."""

    def paint_symbol(self, painter: QPainter) -> None:
        width, height = self.size
        pen = self.theme.pen("equipLine", 1.75)
        pen.setColor(self.faded("equipLine", 0.45))
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawPolyline(polygon((0, height), (0, 0), (width, 0), (width, height)))


class DirectionArrowItem(SymbolItem):
    """No roles: which way the belt goes; it stands still."""

    def extent(self) -> QRectF:
        return QRectF(0, -6, self.size[0], 12)

    def paint_symbol(self, painter: QPainter) -> None:
        width = self.size[0]
        painter.setPen(self.theme.pen("text3", 1.75))
        painter.drawLine(QPointF(0, 0), QPointF(width - 1, 0))
        painter.drawPolyline(polygon((width - 8, -5), (width - 1, 0), (width - 8, 5)))
