"""A flow meter: a circle with an F and a thin leader to its value."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from hmi.panel.mimic.symbol import SymbolItem


class FlowMeterItem(SymbolItem):
    """Roles: ``flow``, ``flowing`` (a bit, lighter while on). ``leader``: px to the right."""

    def extent(self) -> QRectF:
        width, height = self.size
        return QRectF(0, 0, width + self.definition.number("leader"), height)

    def hit_rect(self) -> QRectF:
        side = self.size[0]
        spare = max(0.0, self.least_touch - side) / 2
        return QRectF(0, 0, side, side).adjusted(-spare, -spare, spare, spare)

    def clock_place(self) -> QPointF:
        return QPointF(self.size[0] * 0.9, self.size[0] * 0.08)

    def paint_symbol(self, painter: QPainter) -> None:
        side, leader = self.size[0], self.definition.number("leader")
        if leader:
            painter.setPen(self.theme.pen("border", self.theme.number("line", "hair")))
            painter.drawLine(QPointF(side, side / 2 + 0.5), QPointF(side + leader, side / 2 + 0.5))
        circle = QPainterPath()
        circle.addEllipse(QRectF(0, 0, side, side))
        flowing = self.is_on("flowing") if "flowing" in self.looks else bool(self.figure("flow"))
        self.draw_body(painter, circle, flowing)
        font = self.theme.font("bodyStrong")
        font.setPixelSize(14)
        painter.setFont(font)
        painter.setPen(self.theme.color("textDisabled" if self.no_data else "text"))
        painter.drawText(QRectF(0, 0, side, side), Qt.AlignmentFlag.AlignCenter, "F")
