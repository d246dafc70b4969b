"""The drawings of the panel's shared states: loading, nothing to show, an error."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from hmi.panel.context import PanelContext


class Skeleton(QWidget):
    """Grey places where values will be; it never moves."""

    _OPACITY = (1.0, 0.7, 0.45)

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self.setMinimumHeight(180)
        context.theme_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._context.theme.brush("bandOut"))
        column = self.width() / len(self._OPACITY)
        for index, opacity in enumerate(self._OPACITY):
            painter.setOpacity(opacity)
            x, width = index * column, column - 38
            painter.drawRoundedRect(QRectF(x, 0, width * 0.6, 12), 2, 2)
            painter.drawRoundedRect(QRectF(x, 24, width * 0.8, 24), 3, 3)
            painter.drawRoundedRect(QRectF(x, 64, width - 20, self.height() - 64), 3, 3)
            painter.drawRoundedRect(QRectF(x + width - 14, 64, 14, self.height() - 64), 3, 3)
        painter.end()


class EmptyBottle(QWidget):
    """The outline of a bottle on an empty belt."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self.setFixedSize(QSize(96, 108))
        context.theme_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.pen("bottle", 1.75))
        painter.setBrush(theme.brush("raised"))
        painter.translate(48, 8)
        painter.drawPath(_bottle())
        painter.drawLine(-6, 7, 6, 7)
        painter.setPen(theme.pen("equipLine", 2))
        painter.drawLine(-44, 95, 44, 95)
        painter.end()


class CrossTile(QWidget):
    """A crossed tile in the text's colour: an error is no alarm."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self.setFixedSize(32, 32)
        context.theme_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.brush("text"))
        painter.drawRoundedRect(QRectF(self.rect()), 5, 5)
        painter.setPen(theme.pen("raised", 2))
        for a, b in (((11, 11), (21, 21)), ((21, 11), (11, 21))):
            painter.drawLine(*a, *b)
        painter.end()


def _bottle() -> QPainterPath:
    """34 x 92, neck 11, corner radius 5, around x = 0, from the mouth down."""
    path = QPainterPath()
    path.moveTo(-5.5, 0)
    path.lineTo(5.5, 0)
    path.lineTo(5.5, 18)
    path.cubicTo(5.5, 30, 17, 32, 17, 46)
    path.lineTo(17, 87)
    path.quadTo(17, 92, 12, 92)
    path.lineTo(-12, 92)
    path.quadTo(-17, 92, -17, 87)
    path.lineTo(-17, 46)
    path.cubicTo(-17, 32, -5.5, 30, -5.5, 18)
    path.closeSubpath()
    return path
