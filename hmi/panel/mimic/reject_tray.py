"""The tray below the belt where rejected bottles end up."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from hmi.panel.mimic.bottle import FULL, HEIGHT, WIDTH, bottle_path
from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.painting.shapes import fill_hatch, polygon

_TAPER = 5.0
_SMALL = 0.47


class RejectTrayItem(SymbolItem):
    """Roles: ``count``; a bottle lies in it once something has been rejected."""

    def paint_symbol(self, painter: QPainter) -> None:
        width, height = self.size
        tray = QPainterPath()
        tray.addPolygon(polygon((_TAPER, 0), (0, height), (width, height), (width - _TAPER, 0)))
        if self.no_data:
            painter.fillPath(tray, self.theme.color("surface"))
            fill_hatch(painter, self.theme, tray)
        else:
            painter.fillPath(tray, self.theme.color("equipShade"))
        painter.setPen(self.line(1.75))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(tray)
        if self.figure("count"):
            self._paint_bottle(painter)

    def _paint_bottle(self, painter: QPainter) -> None:
        width, height = self.size
        painter.save()
        painter.translate((width - HEIGHT * _SMALL) / 2, height - WIDTH * _SMALL / 2 - 8)
        painter.rotate(90)
        painter.scale(_SMALL, _SMALL)
        path = bottle_path()
        painter.fillPath(path, self.theme.color("raised"))
        half = QPainterPath()
        half.addRect(QRectF(-WIDTH / 2, -FULL * 0.52, WIDTH, FULL))
        painter.fillPath(path.intersected(half), self.theme.color("liquid"))
        painter.setPen(self.theme.pen("bottle", 1.25 / _SMALL))
        painter.drawPath(path)
        painter.restore()
