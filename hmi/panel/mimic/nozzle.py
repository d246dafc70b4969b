"""The fill nozzle: follows its bottle through the station; product runs only while the valve is open."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from hmi.panel.mimic.definition import ItemDef
from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.painting.shapes import polygon
from hmi.panel.scale import Scale
from hmi.panel.theme import Theme

_TIP_W, _STREAM = 10.0, 3.0
_HOSE_THINS, _HOSE_PRODUCT = 4.5, 6.0
_FASTEST = 420.0
"""px a second on the way back to the next bottle."""


class NozzleItem(SymbolItem):
    """Roles: ``open``.

    ``travel_left``/``travel_right``: px it may follow a bottle; ``stream``: px from tip to rim; ``hose``:
    px between the fixed pipe and the nozzle.
    """

    STATIC = False

    def __init__(self, definition: ItemDef, theme: Theme, scales: dict[str, Scale]) -> None:
        super().__init__(definition, theme, scales)
        self._shift = 0.0
        self._catching_up = False

    @property
    def shift(self) -> float:
        """How far the nozzle stands right of its rest, px."""
        return self._shift

    def follow(self, target: float | None, elapsed_s: float) -> None:
        """Go towards a bottle ``target`` px right of the nozzle's rest, as fast as it can; None: stay."""
        shift = self._shift
        if target is not None:
            low, high = -self.definition.number("travel_left"), self.definition.number("travel_right")
            aim = min(high, max(low, target))
            reach = _FASTEST * max(0.0, elapsed_s)
            shift += min(reach, max(-reach, aim - shift))
        catching_up = target is not None and abs(target - shift) > _TIP_W / 2
        if (shift, catching_up) != (self._shift, self._catching_up):
            self._shift, self._catching_up = shift, catching_up
            self.update()

    def extent(self) -> QRectF:
        width, height = self.size
        left, right = self.definition.number("travel_left"), self.definition.number("travel_right")
        above = self.definition.number("hose")
        return QRectF(-left, -above, width + left + right, height + above + self.definition.number("stream"))

    def hit_rect(self) -> QRectF:
        width, height = self.size
        spare = (self.least_touch - width) / 2
        return QRectF(-spare, 0, width + 2 * spare, height + 2 * spare + 2)

    def clock_place(self) -> QPointF:
        return QPointF(self.size[0] + 6 + self._shift, 4)

    def paint_symbol(self, painter: QPainter) -> None:
        width, height = self.size
        middle = width / 2
        self._paint_hose(painter, middle)
        painter.save()
        painter.translate(self._shift, 0)
        if self.is_on("open") and not self._catching_up:
            reach = self.definition.number("stream")
            painter.fillRect(
                QRectF(middle - _STREAM / 2, height, _STREAM, reach), self.theme.color("liquidEdge")
            )
        taper = QPainterPath()
        corners = (0.0, 0.0), (width, 0.0), (middle + _TIP_W / 2, height), (middle - _TIP_W / 2, height)
        taper.addPolygon(polygon(*corners))
        taper.closeSubpath()
        self.draw_body(painter, taper, on=True)
        painter.restore()

    def _paint_hose(self, painter: QPainter, middle: float) -> None:
        """From the end of the fixed pipe to the nozzle; straight and hidden in the pipe at rest."""
        above = self.definition.number("hose")
        if not above:
            return
        path = QPainterPath(QPointF(middle, -above))
        end = QPointF(middle + self._shift, 0)
        path.cubicTo(QPointF(middle, -above * 0.3), QPointF(end.x(), -above * 0.7), end)
        slack = min(_HOSE_THINS, abs(self._shift) / 4.0)
        walls = self.theme.pen("equipLine", 12)
        walls.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for key, wide in (("equipLine", 12.0), ("surface", 9.5), ("liquid", _HOSE_PRODUCT)):
            if key == "liquid" and self.no_data:
                continue
            walls.setWidthF(wide - slack * (1.0 if wide > _HOSE_PRODUCT else 0.5))
            walls.setColor(self.theme.color(key))
            painter.setPen(walls)
            painter.drawPath(path)
