"""The belt: full-round ends, two pulleys and cleats that go at the belt's speed."""

from PySide6.QtCore import QCoreApplication, QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from hmi.panel.mimic.definition import ItemDef
from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.painting.shapes import rounded
from hmi.panel.scale import Scale
from hmi.panel.theme import Theme

CLEAT_PITCH = 22.0
_PULLEY, _CLEAT_H, _CLEAT_REST, _CLEAT_STRENGTH = 6.0, 12.0, 3.0, 0.45


class ConveyorItem(SymbolItem):
    """Roles: ``running``, ``speed``. The cleats are an item of their own, so that only they repaint."""

    def __init__(self, definition: ItemDef, theme: Theme, scales: dict[str, Scale]) -> None:
        super().__init__(definition, theme, scales)
        self.cleats = CleatsItem(self)

    def update_travel(self, px: float) -> None:
        """How far the belt has moved since whenever, px."""
        self.cleats.update_travel(px)

    def update_lost(self, lost: bool) -> None:
        super().update_lost(lost)
        self.cleats.update()

    def on_look(self, role: str) -> None:
        self.cleats.update()

    def spoken_state(self) -> str:
        running = self.is_on("running")
        if running is None:
            return QCoreApplication.translate("Mimic", "No data")
        return QCoreApplication.translate("Mimic", "Running" if running else "Stopped")

    def paint_symbol(self, painter: QPainter) -> None:
        width, height = self.size
        belt = rounded(QRectF(0, 0, width, height), height / 2)
        self.draw_body(painter, belt, self.is_on("running"))
        painter.setPen(self.line(1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for x in (height / 2, width - height / 2):
            painter.drawEllipse(QPointF(x, height / 2), _PULLEY, _PULLEY)


class CleatsItem(QGraphicsItem):
    """The cleats between the pulleys of one conveyor."""

    def __init__(self, belt: ConveyorItem) -> None:
        super().__init__(belt)
        self._belt = belt
        self._offset = 0.0

    def update_travel(self, px: float) -> None:
        offset = px % CLEAT_PITCH
        if offset != self._offset:
            self._offset = offset
            self.update()

    def boundingRect(self) -> QRectF:
        width, height = self._belt.size
        return QRectF(height, (height - _CLEAT_H) / 2 - 1, width - 2 * height, _CLEAT_H + 2)

    def shape(self) -> QPainterPath:
        return QPainterPath()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        belt = self._belt
        if belt.no_data:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self.boundingRect().adjusted(1, 1, -1, -1)
        pen = QPen(belt.faded("equipLine", _CLEAT_STRENGTH), 1.5)
        painter.setPen(pen)
        first = rect.left() + (_CLEAT_REST + self._offset) % CLEAT_PITCH
        count = int((rect.right() - first) // CLEAT_PITCH) + 1
        places = (first + index * CLEAT_PITCH for index in range(count))
        painter.drawLines([QLineF(x, rect.top(), x, rect.bottom()) for x in places])
