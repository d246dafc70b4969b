"""A motor: a circle with an M, and the shaft or the line to what it drives."""

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from hmi.panel.mimic.symbol import SymbolItem


class MotorItem(SymbolItem):
    """Roles: ``running``, ``tripped``. ``shaft`` and ``riser``: px of thick or thin line below or above."""

    def extent(self) -> QRectF:
        side = self.size[0]
        above, below = self.definition.number("riser"), self.definition.number("shaft")
        return QRectF(0, -above, side, side + above + below)

    def hit_rect(self) -> QRectF:
        side = self.size[0]
        spare = max(0.0, self.least_touch - side) / 2
        return QRectF(0, 0, side, side).adjusted(-spare, -spare, spare, spare)

    def clock_place(self) -> QPointF:
        return QPointF(self.size[0] * 0.86, self.size[0] * 0.1)

    def paint_symbol(self, painter: QPainter) -> None:
        side = self.size[0]
        shaft, riser = self.definition.number("shaft"), self.definition.number("riser")
        if shaft:
            self._paint_shaft(painter, shaft)
        if riser:
            painter.setPen(self.line())
            painter.drawLine(QPointF(side / 2, -riser), QPointF(side / 2, 0))
        circle = QPainterPath()
        circle.addEllipse(QRectF(0, 0, side, side))
        self.draw_body(painter, circle, self.is_on("running") and not self.is_on("tripped"))
        font = self.theme.font("bodyStrong")
        font.setPixelSize(round(side * 0.5))
        painter.setFont(font)
        painter.setPen(self.theme.color("textDisabled" if self.no_data else "text"))
        painter.drawText(QRectF(0, 0, side, side), Qt.AlignmentFlag.AlignCenter, "M")

    def spoken_state(self) -> str:
        running = self.is_on("running")
        if running is None:
            word = QCoreApplication.translate("Mimic", "No data")
        elif self.is_on("tripped"):
            word = QCoreApplication.translate("Mimic", "Tripped")
        elif running:
            word = QCoreApplication.translate("Mimic", "Running")
        else:
            word = QCoreApplication.translate("Mimic", "Stopped")
        return word

    def _paint_shaft(self, painter: QPainter, length: float) -> None:
        side = self.size[0]
        rect = QRectF(side / 2 - 3, side, 6, length)
        if self.no_data:
            painter.setPen(self.line())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect)
        else:
            painter.fillRect(rect, self.theme.color("equipLine"))
