"""Command buttons: two lines and an icon; the one for Stop acts only after it was held."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.icons import icon_pixmap
from hmi.panel.machine_look import StateGlyph
from hmi.panel.painting.glyphs import paint_state_glyph
from hmi.panel.painting.shapes import LEFT, dashed_pen, draw_text, half_pixel, rounded, wrapped

_GLYPHS = {"play": StateGlyph.RUNNING, "square": StateGlyph.STOPPED}
_RING, _RING_ROOM, _EDGE = 12.0, 52.0, 12.0
_ADVICE_S = 5
_TITLE_H, _HINT_H, _LINE_H = 22.0, 18.0, 16.0
_WORDS_LEFT, _NARROW = 57.0, 150


class CommandButton(QAbstractButton):
    """Title and a second line: what a touch does, or why it can do nothing. Acts on release inside."""

    def __init__(
        self,
        context: PanelContext,
        title: str,
        icon: str,
        kind: str = "normal",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.context = context
        self._icon = icon
        self._kind = kind
        self._hint = ""
        self.line = ""
        """Whose command it is, to be heard; empty where there is only one line."""
        self.setText(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(context.density.command)
        context.theme_changed.connect(self.update)
        context.settings_changed.connect(self._on_settings_changed)

    @property
    def hint(self) -> str:
        return self._hint

    def show_hint(self, hint: str, enabled: bool) -> None:
        """The second line; a disabled button says here why."""
        self._hint = hint
        self.setEnabled(enabled)
        name = f"{self.text()} {self.line}".rstrip()
        self.setAccessibleName(f"{name}, {hint}" if hint else name)
        self.setToolTip("" if enabled else hint)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(218, self.context.density.command)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink, second = self._paint_ground(painter)
        self._paint_icon(painter, ink)
        self._paint_words(painter, ink, second, self.width() - self._text_left - _EDGE)
        painter.end()

    def _paint_ground(self, painter: QPainter) -> tuple[str, str]:
        """Fill and frame; returns the tokens of the title and of the second line."""
        theme = self.context.theme
        pen, fill, ink, second = theme.pen("border", 1), "raised", "text", "text2"
        if not self.isEnabled():
            pen, fill, ink, second = dashed_pen(theme), "surface", "textDisabled", "textDisabled"
        elif self._kind == "stop":
            fill, ink, second = "text", "raised", "raised"
            pen = theme.pen("text", 1)
        elif self._kind == "primary":
            fill, ink, second = "inkStrong" if self.isDown() else "ink", "onInk", "onInk"
            pen = theme.pen(fill, 1)
        elif self.isDown():
            fill, pen = "sunken", theme.pen("text", 2)
        painter.setPen(pen)
        painter.setBrush(theme.color(fill))
        painter.drawPath(rounded(half_pixel(QRectF(self.rect())), theme.number("radius", "control")))
        return ink, second

    def _paint_icon(self, painter: QPainter, color: str) -> None:
        if self._text_left < _WORDS_LEFT:
            return
        theme, center = self.context.theme, QPointF(31, self.height() / 2)
        if self._icon in _GLYPHS:
            paint_state_glyph(painter, theme, center, _GLYPHS[self._icon], 20, color)
        else:
            pixmap = icon_pixmap(self._icon, theme.color(color), 20, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(center.x() - 10, center.y() - 10), pixmap)

    @property
    def _text_left(self) -> float:
        """Where the words begin; a narrow button gives up its icon for them."""
        return _WORDS_LEFT if self.width() >= _NARROW else 12.0

    def _paint_words(self, painter: QPainter, ink: str, second: str, width: float) -> None:
        """Title and second line; a reason that is too long for one line gets two, before any ellipsis."""
        theme, middle, left = self.context.theme, self.height() / 2, self._text_left
        title, label = theme.font("h2"), theme.font("label")
        if not self.isEnabled():
            title.setWeight(QFont.Weight.Medium)
        lines = wrapped(self.hint, label, width) if self.hint else []
        painter.setPen(theme.color(ink))
        top = middle - (_TITLE_H + len(lines) * _LINE_H) / 2 - (2 if lines else 0)
        draw_text(painter, QRectF(left, top, width, _TITLE_H), self.text(), title, LEFT)
        painter.setPen(theme.color(second))
        top += _TITLE_H if len(lines) == 1 else _TITLE_H - 2
        for index, line in enumerate(lines):
            place = QRectF(left, top + index * _LINE_H, width, _HINT_H)
            draw_text(painter, place, line, label, LEFT)

    @Slot()
    def _on_settings_changed(self) -> None:
        self.setFixedHeight(self.context.density.command)


class HoldButton(CommandButton):
    """Acts when held for 700 ms, by touch or by Space or Enter; let go earlier it says "Keep holding"."""

    held = Signal()

    def __init__(
        self, context: PanelContext, title: str, icon: str, kind: str = "stop", parent: QWidget | None = None
    ) -> None:
        super().__init__(context, title, icon, kind, parent)
        self._hold_s = context.theme.number("motion", "holdStop") / 1000
        self._progress_s = 0.0
        self._holding = False
        self._let_go_early = False
        self._told_s = 0

    @property
    def progress(self) -> float:
        """How much of the hold is done, 0 to 1."""
        return min(1.0, self._progress_s / self._hold_s)

    @property
    def hint(self) -> str:
        return self.tr("Keep holding") if self._let_go_early and self.isEnabled() else self._hint

    def begin(self) -> None:
        if self._holding or not self.isEnabled():
            return
        self._holding, self._progress_s = True, 0.0
        self._tell_to_hold(told=False)
        self.context.bridge.frame.connect(self.on_frame)
        self.setDown(True)
        self.update()

    def end(self) -> None:
        """Let go, or the button went away."""
        if not self._holding:
            return
        self._holding = False
        self._tell_to_hold(told=True)
        self._stop_ring()

    @Slot()
    def on_second(self) -> None:
        """The advice goes again after a while; the next person did not let go early."""
        self._told_s += 1
        if self._told_s >= _ADVICE_S:
            self._tell_to_hold(told=False)
            self.update()

    def _tell_to_hold(self, told: bool) -> None:
        second = self.context.bridge.second
        if self._let_go_early is not told:
            (second.connect if told else second.disconnect)(self.on_second)
        self._let_go_early, self._told_s = told, 0

    @Slot(float)
    def on_frame(self, elapsed_s: float) -> None:
        self._progress_s += elapsed_s
        if self._holding and self._progress_s >= self._hold_s:
            self._holding = False
            self._stop_ring()
            self.held.emit()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.begin()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self.rect().contains(event.position().toPoint()):
            self.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.begin()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self.end()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.end()

    def hideEvent(self, event: QHideEvent) -> None:
        self.end()
        self._tell_to_hold(told=False)
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink, second = self._paint_ground(painter)
        self._paint_icon(painter, ink)
        room = _RING_ROOM if self.isEnabled() else _EDGE
        self._paint_words(painter, ink, second, self.width() - self._text_left - room)
        if self.isEnabled():
            self._paint_ring(painter, ink)
        painter.end()

    def _paint_ring(self, painter: QPainter, color: str) -> None:
        """The whole circle faint; what was held so far, strong. A sixth shows at rest what it is for."""
        center = QPointF(self.width() - 33, self.height() / 2)
        circle = QRectF(center.x() - _RING, center.y() - _RING, 2 * _RING, 2 * _RING)
        strong = self.context.theme.color(color)
        faint = self.context.theme.color(color)
        faint.setAlphaF(0.35)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(faint, 3))
        painter.drawEllipse(circle)
        share = self.progress if self._holding else 1 / 6
        painter.setPen(QPen(strong, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawArc(circle, 90 * 16, -round(share * 360 * 16))

    def _stop_ring(self) -> None:
        self._progress_s = 0.0
        self.context.bridge.frame.disconnect(self.on_frame)
        self.setDown(False)
        self.update()
