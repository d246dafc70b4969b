"""The capping head's chuck above the bottle."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPainterPath

from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.painting.shapes import polygon

_SHOULDER, _JAW = 0.65, 0.2


class CappingChuckItem(SymbolItem):
    """Roles: ``running``."""

    def extent(self) -> QRectF:
        return QRectF(0, 0, *self.size)

    def paint_symbol(self, painter: QPainter) -> None:
        width, height = self.size
        shoulder, jaw = height * _SHOULDER, width * _JAW
        path = QPainterPath()
        path.addPolygon(
            polygon(
                (0, 0),
                (width, 0),
                (width, shoulder),
                (width - jaw, shoulder),
                (width - jaw, height),
                (jaw, height),
                (jaw, shoulder),
                (0, shoulder),
            )
        )
        path.closeSubpath()
        self.draw_body(painter, path, self.is_on("running"), 1.75)
