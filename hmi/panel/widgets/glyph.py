"""One icon as a widget, in a tone of the theme."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.icons import icon_pixmap, paint_mark


class Glyph(QWidget):
    """Decoration only: what it means is always said by the text beside it."""

    def __init__(self, context: PanelContext, name: str, tone: str = "text", size: int = 20) -> None:
        super().__init__()
        self._context = context
        self._name = name
        self._tone = tone
        self._size = size
        self.setFixedSize(size, size)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        context.theme_changed.connect(self.update)

    def change(self, name: str, tone: str = "text") -> None:
        if (name, tone) != (self._name, self._tone):
            self._name, self._tone = name, tone
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        color = self._context.theme.color(self._tone)
        painter.drawPixmap(0, 0, icon_pixmap(self._name, color, self._size, self.devicePixelRatioF()))
        painter.end()


class Mark(QWidget):
    """Brimline's mark."""

    def __init__(self, context: PanelContext, size: int = 32) -> None:
        super().__init__()
        self._context = context
        self.setFixedSize(size, size)
        self.setAccessibleName("Brimline")
        context.theme_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_mark(painter, self._context.theme, QRectF(self.rect()))
        painter.end()
