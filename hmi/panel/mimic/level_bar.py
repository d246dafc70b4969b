"""The bar beside the tank: the same scale as the surface, with its limits and normal band."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, Qt

from hmi.panel.display import format_limit
from hmi.panel.limit import limit_list
from hmi.panel.mimic.definition import ItemDef
from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.painting.bars import bar_marks, paint_v_bar
from hmi.panel.scale import Scale
from hmi.panel.theme import Theme

_MARKS_W, _MARK_H, _LEADER = 44.0, 16.0, 16.0
_DODGE = 14.0


class LevelBarItem(SymbolItem):
    """Roles: ``level``. The item is as wide as the bar; leader and marks stand left and right of it."""

    MOVING = frozenset({"level"})

    def __init__(self, definition: ItemDef, theme: Theme, scales: dict[str, Scale]) -> None:
        super().__init__(definition, theme, scales)
        self._scale = scales.get("level", Scale(0.0, 100.0))

    def extent(self) -> QRectF:
        width, height = self.size
        return QRectF(-_LEADER, -8, width + _LEADER + 10 + _MARKS_W, height + 16)

    def clock_place(self) -> QPointF:
        return QPointF(self.size[0] / 2, -10)

    def paint_symbol(self, painter: QPainter) -> None:
        width, height = self.size
        look = next(iter(self.looks.values()))
        level = self.pointers.get("level")
        bar = QRectF(0, 0, width, height)
        paint_v_bar(painter, self.theme, bar, self._scale, bar_marks(look, level))
        pointer = None if level is None else height * (1.0 - self._scale.fraction(level))
        if pointer is not None and look.kind.live:
            pen = self.theme.pen("liquidEdge", 1.25)
            pen.setDashPattern([2, 1.6])
            painter.setPen(pen)
            painter.drawLine(QPointF(-_LEADER, pointer), QPointF(0, pointer))
        self._paint_marks(painter, pointer)

    def _paint_marks(self, painter: QPainter, pointer: float | None) -> None:
        width, height = self.size
        painter.setFont(self.theme.font("label"))
        painter.setPen(self.theme.color("text3"))
        for name, y in self._mark_places(height, pointer):
            rect = QRectF(width + 11, y - _MARK_H / 2, _MARKS_W, _MARK_H)
            painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)

    def _mark_places(self, height: float, pointer: float | None) -> list[tuple[str, float]]:
        """Limit marks, moved aside where the pointer or the next mark is."""
        places: list[tuple[str, float]] = []
        for limit in limit_list(self._scale.limits):
            if limit.name == "HH":
                continue
            y = height * (1.0 - self._scale.fraction(limit.value))
            if pointer is not None and abs(y - pointer) < _DODGE:
                y = pointer - _DODGE if y <= pointer else pointer + _DODGE
            if places and y - places[-1][1] < _DODGE:
                y = places[-1][1] + _DODGE
            places.append((f"{limit.name} {format_limit(limit.value)}", y))
        return places
