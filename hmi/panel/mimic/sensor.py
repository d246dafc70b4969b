"""A photo-eye or switch on its beam: on is ink with a tick, off is hollow on a dashed beam."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.painting.shapes import fill_hatch, polygon, rounded

_RADIUS = 3.5
_GAP = 7.0


class SensorItem(SymbolItem):
    """Roles: ``on``. ``beam``: px of beam above the square; ``label``: left or right of it."""

    def hit_rect(self) -> QRectF:
        box = self._box()
        spare = max(0.0, self.least_touch - box.height()) / 2
        return box.adjusted(-spare, -spare, spare, spare).united(self._label_rect())

    def extent(self) -> QRectF:
        return self._box().adjusted(0, -self.definition.number("beam"), 0, 0).united(self._label_rect())

    def clock_place(self) -> QPointF:
        return self._box().topRight()

    def paint_symbol(self, painter: QPainter) -> None:
        on, box, beam = self.is_on("on"), self._box(), self.definition.number("beam")
        if beam:
            painter.setPen(self._beam_pen(on))
            painter.drawLine(QPointF(box.center().x(), -beam), QPointF(box.center().x(), 0))
        body = rounded(box.adjusted(0.75, 0.75, -0.75, -0.75), _RADIUS)
        painter.setPen(self.line(1.75, "ink" if on else "equipLine"))
        painter.setBrush(self.theme.color("ink" if on else "surface" if on is None else "raised"))
        painter.drawPath(body)
        if on is None:
            fill_hatch(painter, self.theme, body)
        elif on:
            self._paint_tick(painter, box)
        painter.setFont(self.theme.font("label"))
        painter.setPen(self.theme.color("textDisabled" if self.no_data else "text2"))
        painter.drawText(self._label_rect(), Qt.AlignmentFlag.AlignCenter, self.definition.text)

    def _beam_pen(self, on: bool | None) -> QPen:
        pen = self.theme.pen("equipLine", 1.5)
        if not on:
            pen.setDashPattern([2, 2])
        return pen

    def _paint_tick(self, painter: QPainter, box: QRectF) -> None:
        pen = self.theme.pen("onInk", 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        x, y = box.center().x(), box.center().y()
        painter.drawPolyline(polygon((x - 4, y), (x - 1.2, y + 2.8), (x + 4, y - 3)))

    def _box(self) -> QRectF:
        return QRectF(0, 0, *self.size)

    def _label_rect(self) -> QRectF:
        width = QFontMetricsF(self.theme.font("label")).horizontalAdvance(self.definition.text) + 2
        side, middle = self.size[0], self.size[1] / 2
        left = -_GAP - width if self.definition.word("label", "right") == "left" else side + _GAP - 1
        return QRectF(left, middle - 9, width, 18)
