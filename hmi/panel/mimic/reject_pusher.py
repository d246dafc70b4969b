"""The pusher that takes bad bottles off the belt."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.painting.shapes import rounded

_BODY_H, _ROD, _PLATE_W, _PLATE_H, _STROKE = 26.0, 13.0, 20.0, 3.0, 12.0


class RejectPusherItem(SymbolItem):
    """Roles: ``count``. Out while a bottle is being pushed, which the page tells by ``update_pushing``."""

    pushing = False

    def update_pushing(self, pushing: bool) -> None:
        if pushing is not self.pushing:
            self.pushing = pushing
            self.update()

    def extent(self) -> QRectF:
        return QRectF(0, 0, self.size[0], _BODY_H + _ROD + _PLATE_H + _STROKE)

    def paint_symbol(self, painter: QPainter) -> None:
        width = self.size[0]
        rod = _ROD + (_STROKE if self.pushing and not self.no_data else 0.0)
        painter.setPen(self.line(3.0))
        painter.drawLine(QPointF(width / 2, _BODY_H), QPointF(width / 2, _BODY_H + rod))
        plate = QRectF((width - _PLATE_W) / 2, _BODY_H + rod, _PLATE_W, _PLATE_H)
        painter.fillRect(plate, self.theme.color("equipLine"))
        self.draw_body(painter, rounded(QRectF(0, 0, width, _BODY_H), 2.5), self.pushing, 1.75)
