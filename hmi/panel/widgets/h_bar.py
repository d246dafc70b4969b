"""A tag as a horizontal level indicator."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from hmi.panel.context import PanelContext
from hmi.panel.painting.bars import CARD_BAR, MARK_ROOM, POINTER_ROOM, paint_h_bar
from hmi.panel.widgets.tag_widget import TagWidget


class HBar(TagWidget):
    """Bar height 8, 14 or 22; the pointer stands above, setpoint and target below."""

    def __init__(
        self, context: PanelContext, key: str, height: int = CARD_BAR, parent: QWidget | None = None
    ) -> None:
        super().__init__(context, key, parent)
        self._bar_height = height
        self._setpoint: float | None = None
        self._target: float | None = None
        self.setFixedHeight(height + POINTER_ROOM + MARK_ROOM)

    def set_marks(self, setpoint: float | None = None, target: float | None = None) -> None:
        self._setpoint, self._target = setpoint, target
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self._bar_height + POINTER_ROOM + MARK_ROOM)

    def paintEvent(self, event: QPaintEvent) -> None:
        scale = self.binding.scale
        if scale is None:
            return
        painter = QPainter(self)
        bar = QRectF(7, POINTER_ROOM, self.width() - 14, self._bar_height)
        paint_h_bar(painter, self.context.theme, bar, scale, self.marks(self._setpoint, self._target))
        painter.end()
