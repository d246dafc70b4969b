"""A small curve of a figure over the last minutes, with its name and its value now."""

from collections import deque

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.painting.shapes import LEFT, RIGHT, draw_text

POINTS = 300
_HEAD = 22.0


class SparkPlot(QWidget):
    """``add`` is called once a second; the scale begins at zero and ends above the highest point."""

    def __init__(self, context: PanelContext, name: str, least_span: float) -> None:
        super().__init__()
        self._context = context
        self._name = name
        self._least_span = least_span
        self._text = ""
        self._points: deque[float] = deque(maxlen=POINTS)
        self.setMinimumHeight(52)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        context.theme_changed.connect(self.update)

    def add(self, value: float | None, text: str) -> None:
        if value is not None:
            self._points.append(value)
        self._text = text
        self.setAccessibleName(f"{self._name}, {text}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 90)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._context.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        head = QRectF(0, 0, self.width(), _HEAD - 4)
        painter.setPen(theme.color("text2"))
        draw_text(painter, head, self._name, theme.font("label"), LEFT)
        painter.setPen(theme.color("text"))
        draw_text(painter, head, self._text, theme.font("label"), RIGHT)
        plot = QRectF(0, _HEAD, self.width(), self.height() - _HEAD)
        painter.fillRect(plot, theme.color("plot"))
        if len(self._points) > 1:
            painter.setPen(theme.pen("ink", 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(self._curve(plot))
        painter.end()

    def _curve(self, plot: QRectF) -> QPolygonF:
        """The newest point stands at the right edge."""
        high = max(*self._points, self._least_span) * 1.2
        step = plot.width() / (POINTS - 1)
        first = plot.right() - (len(self._points) - 1) * step
        return QPolygonF(
            [
                QPointF(first + number * step, plot.bottom() - value / high * plot.height())
                for number, value in enumerate(self._points)
            ]
        )
