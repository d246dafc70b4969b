"""How much has been filled, as the controller counts it."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.display import DASH, format_number
from hmi.panel.painting.glyphs import paint_quality_glyph
from hmi.panel.painting.shapes import LEFT, RIGHT, draw_text, fill_hatch, rounded
from hmi.panel.tag_binding import TagBinding
from hmi.panel.value_look import LookKind

_ROOMY, _TALL = 200, 200
_BAR = 8.0
_FILLED, _REJECTED, _RATE = "BottlesFilled", "BottlesRejected", "BottlesPerMinute"


class FillerCount(QFrame):
    """Filled, good and rejected since the controller began to count, and the rate. Touch: the counter."""

    def __init__(self, context: PanelContext, connection: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._connection = connection
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
        words = ", ".join(part for part in parts if part)
        self.setAccessibleName(self.context.lines.spoken(self._connection, words))
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
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        margin = 17 if self.width() >= _ROOMY else 12
        inner = QRectF(self.rect()).adjusted(margin, 10, -margin, -6)
        if self.height() >= _TALL:
            self._paint_tall(painter, inner)
        else:
            self._paint_low(painter, inner)
        painter.end()

    @property
    def _live(self) -> bool:
        return self._bindings[_FILLED].look.kind is LookKind.GOOD

    def _paint_low(self, painter: QPainter, inner: QRectF) -> None:
        """Three lines: name and rate, the count, good and rejected beside it."""
        theme, (filled, good, rejected, rate) = self.context.theme, self.texts()
        label = QFontMetricsF(theme.font("label"))
        beside = label.horizontalAdvance(self._title) + label.horizontalAdvance(rate) + 8 <= inner.width()
        self._paint_head(painter, inner, rate if beside else "")
        foot = QRectF(inner.left(), inner.bottom() - 16, inner.width(), 16)
        painter.setPen(theme.color("text2" if self._live else "textDisabled"))
        value = QFontMetricsF(theme.font("valueL"))
        room = self._live or self.width() >= _ROOMY  # else the quality's sign stands there
        if room and value.horizontalAdvance(filled) + 12 + label.horizontalAdvance(rejected) <= inner.width():
            draw_text(painter, foot, rejected, theme.font("label"), RIGHT)
            draw_text(painter, foot.translated(0, -16), good, theme.font("label"), RIGHT)
        self._paint_filled(painter, QPointF(inner.left(), inner.bottom() - 7), filled, "valueL")

    def _paint_tall(self, painter: QPainter, inner: QRectF) -> None:
        """With room to spare: the count large, and a row each for good, rejected and rate below a bar."""
        theme, (filled, good, rejected, rate) = self.context.theme, self.texts()
        self._paint_head(painter, inner.adjusted(3, 4, -3, 0), "")
        self._paint_filled(painter, QPointF(inner.left() + 3, inner.top() + 82), filled, "hero")
        bar = QRectF(inner.left() + 3, inner.top() + 102, inner.width() - 6, _BAR)
        self._paint_bar(painter, bar)
        rows = [text for text in (good, rejected, rate) if text]
        step = min(36.0, (inner.bottom() - bar.bottom() - 8) / max(1, len(rows)))
        painter.setPen(theme.color("text" if self._live else "textDisabled"))
        for index, text in enumerate(rows):
            row = QRectF(bar.left(), bar.bottom() + 10 + index * step, bar.width(), step)
            draw_text(painter, row, text, theme.font("body"), LEFT)
            if text is rejected:
                draw_text(painter, row, self._part(), theme.font("body"), RIGHT)

    def _paint_head(self, painter: QPainter, inner: QRectF, rate: str) -> None:
        theme, kind = self.context.theme, self._bindings[_FILLED].look.kind
        head = QRectF(inner.left(), inner.top() + 2, inner.width(), 18)
        painter.setPen(theme.color("text2"))
        draw_text(painter, head, self._title, theme.font("label"), LEFT)
        if self._live:
            draw_text(painter, head, rate, theme.font("label"), RIGHT)
        else:
            y = head.center().y() if self.width() >= _ROOMY else inner.bottom() - 16
            paint_quality_glyph(painter, theme, QPointF(inner.right() - 9, y), kind)

    def _paint_filled(self, painter: QPainter, base: QPointF, text: str, role: str) -> None:
        painter.setFont(self.context.theme.font(role))
        painter.setPen(self.context.theme.color("text" if self._live else "textDisabled"))
        painter.drawText(base, text)

    def _paint_bar(self, painter: QPainter, bar: QRectF) -> None:
        """Good against rejected."""
        theme, frame = self.context.theme, rounded(bar, _BAR / 2)
        painter.fillPath(frame, theme.color("bandOut"))
        filled, rejected = self._figure(_FILLED), self._figure(_REJECTED)
        if not self._live:
            fill_hatch(painter, theme, frame)
        elif filled and rejected is not None:
            painter.save()
            painter.setClipPath(frame)
            share = max(0.0, 1.0 - rejected / filled)
            painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * share, _BAR), theme.color("stRun"))
            painter.restore()

    @property
    def _title(self) -> str:
        return self.tr("Filled since start")

    def _part(self) -> str:
        filled, rejected = self._figure(_FILLED), self._figure(_REJECTED)
        return f"{100.0 * rejected / filled:.1f} %" if filled and rejected is not None else ""

    def _figure(self, name: str) -> float | None:
        return self._bindings[name].look.value
