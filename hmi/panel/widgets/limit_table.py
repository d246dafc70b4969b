"""The limits of a tag with their priorities and delays; the one passed stands out."""

from PySide6.QtCore import QPointF, QRectF, QSize, Slot
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.painting.alarm_shapes import paint_alarm_shape
from hmi.panel.painting.shapes import LEFT, RIGHT, draw_text
from hmi.panel.tag_binding import TagBinding
from hmi.panel.tag_facts import limit_facts

_HEAD, _ROW = 26, 29


class LimitTable(QWidget):
    """Follows the faceplate's binding."""

    def __init__(self, context: PanelContext, binding: TagBinding) -> None:
        super().__init__()
        self._context = context
        self._binding = binding
        self._facts = limit_facts(context, binding)
        self.setFixedHeight(_HEAD + max(1, len(self._facts)) * _ROW + 2)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        binding.look_changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        self._facts = limit_facts(self._context, self._binding)
        rows = [f"{f.word} {f.value}, priority {f.priority}, delay {f.delay}" for f in self._facts]
        self.setAccessibleName(self.tr("Limits") + ": " + ("; ".join(rows) or self.tr("none")))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(268, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._context.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self.width() - 8.0
        painter.setPen(theme.color("text"))
        draw_text(painter, QRectF(8, 0, 160, _HEAD - 4), self.tr("Limits"), theme.font("bodyStrong"), LEFT)
        painter.setPen(theme.color("text2"))
        if self._facts:
            delay = QRectF(width - 60, 0, 60, _HEAD - 4)
            draw_text(painter, delay, self.tr("delay"), theme.font("label"), RIGHT)
        else:
            none = QRectF(8, _HEAD, width, _ROW)
            draw_text(painter, none, self.tr("The plant file gives none"), theme.font("body"), LEFT)
        for index in range(len(self._facts)):
            self._paint_row(painter, index, float(_HEAD + index * _ROW), width)
        painter.end()

    def _paint_row(self, painter: QPainter, index: int, top: float, width: float) -> None:
        theme, fact = self._context.theme, self._facts[index]
        if fact.hit:
            painter.fillRect(QRectF(0, top, width + 8, _ROW), theme.color(f"p{fact.priority}Soft"))
        painter.setPen(theme.pen("hairline", 1))
        painter.drawLine(QPointF(8, top), QPointF(width, top))
        paint_alarm_shape(painter, theme, QPointF(16, top + _ROW / 2), fact.priority, size=16)
        painter.setPen(theme.color("text"))
        value_width = QFontMetricsF(theme.font("bodyStrong")).horizontalAdvance(fact.value)
        word = QRectF(34, top, width - 34 - 48 - value_width - 8, _ROW)
        draw_text(painter, word, fact.word, theme.font("body"), LEFT)
        draw_text(painter, QRectF(width - 134, top, 90, _ROW), fact.value, theme.font("bodyStrong"), RIGHT)
        painter.setPen(theme.color("text2"))
        draw_text(painter, QRectF(width - 42, top, 42, _ROW), fact.delay, theme.font("label"), RIGHT)
