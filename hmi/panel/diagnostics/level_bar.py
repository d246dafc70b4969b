"""A figure against its limit as a horizontal bar, for figures that are no tags."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.painting.bars import POINTER_ROOM, TILE_BAR, BarMarks, paint_h_bar
from hmi.panel.scale import Scale

POINTER_SIDE = 7
"""How far the pointer sticks out at the ends of the bar: the margin of what stands above and below."""


class LevelBar(QWidget):
    """Says nothing by itself: the figure stands beside it as text."""

    def __init__(self, context: PanelContext, height: int = TILE_BAR, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._bar = height
        self._scale = Scale(0.0, 1.0)
        self._value: float | None = None
        self.setFixedHeight(height + POINTER_ROOM + 2)
        self.setMinimumWidth(60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        context.theme_changed.connect(self.update)

    def show_level(self, value: float | None, scale: Scale) -> None:
        if (value, scale) != (self._value, self._scale):
            self._value, self._scale = value, scale
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(140, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        bar = QRectF(POINTER_SIDE, POINTER_ROOM, self.width() - 2 * POINTER_SIDE, self._bar)
        paint_h_bar(painter, self._context.theme, bar, self._scale, BarMarks(self._value))
        painter.end()


def fill_scale(limit: float, comfortable: float = 0.5) -> Scale:
    """From empty to ``limit``; up to the share ``comfortable`` all is well."""
    limit = max(1.0, limit)
    return Scale(0.0, limit, (0.0, limit * comfortable))
