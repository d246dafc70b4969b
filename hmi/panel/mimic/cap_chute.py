"""The chute that brings caps to the chuck; empty while no cap is there."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from hmi.panel.mimic.symbol import SymbolItem

_CAPS, _CAP_W, _CAP_H, _FIRST, _STEP, _APART = 4, 16.0, 9.0, 22.0, 25.0, 8.5


class CapChuteItem(SymbolItem):
    """Roles: ``caps``. The chute rises from the lower left to the upper right corner of ``size``."""

    def paint_symbol(self, painter: QPainter) -> None:
        width, height = self.size
        painter.save()
        painter.translate(0, height)
        painter.rotate(-math.degrees(math.atan2(height, width)))
        length = math.hypot(width, height)
        painter.setPen(self.line(1.5))
        painter.drawLine(QPointF(0, -_APART), QPointF(length, -_APART))
        painter.drawLine(QPointF(8, _APART), QPointF(length + 8, _APART))
        if self.is_on("caps"):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.brush("equipLine"))
            for index in range(_CAPS):
                left = _FIRST + index * _STEP - _CAP_W / 2
                painter.drawRoundedRect(QRectF(left, -_CAP_H / 2, _CAP_W, _CAP_H), 2, 2)
        painter.restore()

    def extent(self) -> QRectF:
        return QRectF(0, 0, *self.size).adjusted(-10, -12, 14, 12)

    def hit_rect(self) -> QRectF:
        return QRectF(0, 0, *self.size)
