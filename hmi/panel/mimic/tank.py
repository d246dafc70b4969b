"""The product tank: a flat surface with its brim line on the scale that the bar beside it shares."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath, Qt

from hmi.panel.mimic.definition import ItemDef
from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.painting.shapes import fill_hatch
from hmi.panel.scale import Scale
from hmi.panel.theme import Theme

DOME, CONE, OUTLET = 0.12, 0.23, 20.0
_LID_W, _LID_H = 49.0, 8.0


def scale_stretch(height: float) -> tuple[float, float]:
    """Where 0 % and 100 % lie below the tank's top: the cone's top and the dome's base."""
    return height * (1.0 - CONE), height * DOME


class TankItem(SymbolItem):
    """Roles: ``level``."""

    MOVING = frozenset({"level"})

    def __init__(self, definition: ItemDef, theme: Theme, scales: dict[str, Scale]) -> None:
        super().__init__(definition, theme, scales)
        self._scale = scales.get("level", Scale(0.0, 100.0))
        self._body = self._outline()

    def extent(self) -> QRectF:
        width, height = self.size
        return QRectF(0, -_LID_H, width, height + _LID_H)

    def paint_symbol(self, painter: QPainter) -> None:
        width, _ = self.size
        lid = QPainterPath()
        lid.addRect(QRectF((width - _LID_W) / 2, -_LID_H + 1, _LID_W, _LID_H))
        self.draw_body(painter, lid, on=True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.brush("surface" if self.no_data else "equipOn"))
        painter.drawPath(self._body)
        self._paint_liquid(painter)
        self._paint_seams(painter)
        if self.no_data:
            fill_hatch(painter, self.theme, self._body)
        painter.setPen(self.line())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._body)

    def _paint_liquid(self, painter: QPainter) -> None:
        level = self.pointers.get("level")
        if level is None or self.missing_tag:
            return
        width, height = self.size
        bottom, top = scale_stretch(height)
        y = bottom - (bottom - top) * self._scale.fraction(level)
        painter.save()
        painter.setClipPath(self._body)
        painter.fillRect(QRectF(0, y, width, height - y), self.theme.color("liquid"))
        if not self.no_data:
            painter.setPen(self.theme.pen("liquidEdge", self.theme.number("line", "brim")))
            painter.drawLine(QPointF(0, y), QPointF(width, y))
        painter.restore()

    def _paint_seams(self, painter: QPainter) -> None:
        width, height = self.size
        painter.setPen(self.faded("equipLine", 0.38))
        for y in scale_stretch(height):
            painter.drawLine(QPointF(1, round(y) + 0.5), QPointF(width - 1, round(y) + 0.5))

    def _outline(self) -> QPainterPath:
        width, height = self.size
        cone, dome = scale_stretch(height)
        middle = width / 2
        path = QPainterPath(QPointF(0, dome))
        path.cubicTo(QPointF(0, dome * 0.3), QPointF(middle * 0.45, 0), QPointF(middle, 0))
        path.cubicTo(QPointF(width - middle * 0.45, 0), QPointF(width, dome * 0.3), QPointF(width, dome))
        path.lineTo(width, cone)
        path.lineTo(middle + OUTLET / 2, height)
        path.lineTo(middle - OUTLET / 2, height)
        path.lineTo(0, cone)
        path.closeSubpath()
        return path
