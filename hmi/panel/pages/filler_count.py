"""How much has been filled, as the controller counts it."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.display import DASH, format_number
from hmi.panel.painting.glyphs import paint_quality_glyph
from hmi.panel.painting.shapes import LEFT, RIGHT, draw_text
from hmi.panel.tag_binding import TagBinding
from hmi.panel.value_look import LookKind

_ROOMY = 200
_FILLED, _REJECTED, _RATE = "BottlesFilled", "BottlesRejected", "BottlesPerMinute"


class FillerCount(QFrame):
    """Filled, good and rejected since the controller began to count, and the rate. Touch: the counter."""

    def __init__(self, context: PanelContext, connection: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._bindings = {
            name: TagBinding(context, f"{connection}/{name}", self) for name in (_FILLED, _REJECTED, _RATE)
        }
        for binding in self._bindings.values():
            binding.look_changed.connect(self.on_look_changed)
        self.setProperty("panel", "card")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        context.theme_changed.connect(self.update)
        self.on_look_changed()

    def sizeHint(self) -> QSize:
        return QSize(252, 86)

    def on_look_changed(self) -> None:
        filled, good, rejected, rate = self.texts()
        parts = (self.tr("Filled since start {0}").format(filled), good, rejected, rate)
        self.setAccessibleName(", ".join(part for part in parts if part))
        self.update()

    def texts(self) -> tuple[str, str, str, str]:
        """Filled, good, rejected, rate as shown; empty where a counter is not known."""
        filled, rejected, rate = (self._figure(name) for name in (_FILLED, _REJECTED, _RATE))
        good = filled - rejected if filled is not None and rejected is not None else None
        return (
            DASH if filled is None else format_number(filled),
            "" if good is None else self.tr("{0} good").format(format_number(good)),
            "" if rejected is None else self.tr("{0} rejected").format(format_number(rejected)),
            "" if rate is None else self.tr("{0} /min").format(format_number(rate)),
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for binding in self._bindings.values():
            binding.start()

    def hideEvent(self, event: QHideEvent) -> None:
        for binding in self._bindings.values():
            binding.stop()
        super().hideEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        binding = self._bindings[_FILLED]
        if binding.definition is not None and self.rect().contains(event.position().toPoint()):
            self.context.open_faceplate.emit(binding.key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        binding = self._bindings[_FILLED]
        if binding.definition is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.context.open_faceplate.emit(binding.key)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme, look = self.context.theme, self._bindings[_FILLED].look
        filled, good, rejected, rate = self.texts()
        live = look.kind is LookKind.GOOD
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        margin = 17 if self.width() >= _ROOMY else 12
        inner = QRectF(self.rect()).adjusted(margin, 10, -margin, -6)
        painter.setPen(theme.color("text2"))
        head = QRectF(inner.left(), inner.top() + 2, inner.width(), 18)
        title = self.tr("Filled since start")
        draw_text(painter, head, title, theme.font("label"), LEFT)
        label = QFontMetricsF(theme.font("label"))
        if live and label.horizontalAdvance(title) + label.horizontalAdvance(rate) + 8 <= inner.width():
            draw_text(painter, head, rate, theme.font("label"), RIGHT)
        elif not live:
            y = head.center().y() if self.width() >= _ROOMY else inner.bottom() - 16
            paint_quality_glyph(painter, theme, QPointF(inner.right() - 9, y), look.kind)
        foot = QRectF(inner.left(), inner.bottom() - 16, inner.width(), 16)
        painter.setPen(theme.color("text2" if live else "textDisabled"))
        painter.setFont(theme.font("valueL"))
        wide = painter.fontMetrics().horizontalAdvance(filled) + 12
        if wide + label.horizontalAdvance(rejected) <= inner.width():
            draw_text(painter, foot, rejected, theme.font("label"), RIGHT)
            draw_text(painter, foot.translated(0, -16), good, theme.font("label"), RIGHT)
        painter.setFont(theme.font("valueL"))
        painter.setPen(theme.color("text" if live else "textDisabled"))
        painter.drawText(QPointF(inner.left(), inner.bottom() - 7), filled)
        painter.end()

    def _figure(self, name: str) -> float | None:
        return self._bindings[name].look.value
