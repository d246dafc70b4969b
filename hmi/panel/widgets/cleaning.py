"""The screen is locked for wiping: touches do nothing until the time is over or both corners are held."""

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QEventPoint, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QTouchEvent
from PySide6.QtWidgets import QWidget

from hmi.panel.context import PanelContext
from hmi.panel.display import format_time
from hmi.panel.icons import paint_mark
from hmi.panel.widgets.banner import Banner

HOLD_S = 2.0
_CORNER_RADIUS = 58.0
_RING_RADIUS = 138.0
_CENTER = Qt.AlignmentFlag.AlignCenter
_TOUCHES = (QEvent.Type.TouchBegin, QEvent.Type.TouchUpdate, QEvent.Type.TouchEnd, QEvent.Type.TouchCancel)


class Cleaning(QWidget):
    """Covers the window, with a banner of its own. Deletes itself when it ends."""

    ended = Signal()

    def __init__(self, context: PanelContext, window: QWidget, seconds: int, scope: str) -> None:
        super().__init__(window)
        self._context = context
        self._scope = scope
        self._total_s = float(seconds)
        self._left_s = float(seconds)
        self._held_s = 0.0
        self._touches: dict[int, QPointF] = {}
        self._corners_held = False
        self._escape_held = False
        self._banner = Banner(context)
        self._banner.setParent(self)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._update_name()
        context.bridge.frame.connect(self.on_frame)
        context.theme_changed.connect(self.update)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def left_s(self) -> float:
        return self._left_s

    def on_frame(self, elapsed_s: float) -> None:
        """Count down, and count how long it has been held."""
        before = math.ceil(self._left_s)
        self._left_s = max(0.0, self._left_s - elapsed_s)
        holding = self._corners_held or self._escape_held
        self._held_s = self._held_s + elapsed_s if holding else 0.0
        if self._left_s == 0.0 or self._held_s >= HOLD_S:
            self._end()
            return
        if math.ceil(self._left_s) != before:
            self._update_name()
        self.update()

    def event(self, event: QEvent) -> bool:
        """Every touch ends here; two of them, one in each corner, count."""
        if event.type() in _TOUCHES and isinstance(event, QTouchEvent):
            self._follow_touches(event)
            event.accept()
            return True
        if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._escape_held = True
        event.accept()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not event.isAutoRepeat():
            self._escape_held = False
        event.accept()

    def focusNextPrevChild(self, next: bool) -> bool:
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        header = self._context.theme.px("frame", "header")
        self._banner.setGeometry(0, header, self.width(), self._banner.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self._context.theme.color("canvas"))
        self._paint_header(painter)
        self._paint_text(painter)
        self._paint_ring(painter)
        for corner in self._corners():
            self._paint_corner(painter, corner)
        painter.end()

    def _follow_touches(self, event: QTouchEvent) -> None:
        """A point that rests may come without a place of its own: its last one counts."""
        if event.type() in (QEvent.Type.TouchEnd, QEvent.Type.TouchCancel):
            self._touches.clear()
        for point in event.points():
            if point.state() == QEventPoint.State.Released:
                self._touches.pop(point.id(), None)
            elif point.state() != QEventPoint.State.Stationary:
                self._touches[point.id()] = point.position()
        down = list(self._touches.values())
        self._corners_held = all(self._touched(corner, down) for corner in self._corners())

    def _end(self) -> None:
        self._context.bridge.frame.disconnect(self.on_frame)
        self.hide()
        self.ended.emit()
        self.deleteLater()

    def _update_name(self) -> None:
        left = math.ceil(self._left_s)
        self.setAccessibleName(self.tr("Screen locked for cleaning, {0} seconds left").format(left))

    def _corners(self) -> tuple[QPointF, QPointF]:
        y = self.height() - 96.0
        return QPointF(96.0, y), QPointF(self.width() - 96.0, y)

    @staticmethod
    def _touched(corner: QPointF, points: list[QPointF]) -> bool:
        return any(math.dist(corner.toTuple(), p.toTuple()) <= _CORNER_RADIUS + 24 for p in points)

    def _middle(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2 + 20)

    def _paint_header(self, painter: QPainter) -> None:
        theme = self._context.theme
        height = theme.px("frame", "header")
        paint_mark(painter, theme, QRectF(28, (height - 32) / 2, 32, 32))
        painter.setFont(theme.font("h2"))
        painter.setPen(theme.color("text"))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(72, 0, self.width() / 2, height), left, self._scope)
        clock = format_time(self._context.engine.clock.utc_us(), self._context.zone)
        painter.drawText(QRectF(0, 0, self.width() - 16, height), right, clock)

    def _paint_text(self, painter: QPainter) -> None:
        top, foot = self._middle().y() - 216, self._middle().y() + 264
        self._line(painter, top, "valueL", "text", self.tr("Screen locked for cleaning"), 28)
        self._line(painter, top + 34, "h2", "text2", self.tr("Wipe now, touch does nothing."))
        self._line(painter, foot, "h2", "text", self.tr("To finish early, hold both corners for 2 s."))
        self._line(painter, foot + 27, "body", "text2", self.tr("With a keyboard, hold Esc for 2 s."))

    def _line(self, painter: QPainter, y: float, role: str, tone: str, text: str, px: int = 0) -> None:
        font = self._context.theme.font(role)
        if px:
            font.setPixelSize(px)
        if tone == "text2" or role == "h2":
            font.setWeight(font.Weight.Normal)
        painter.setFont(font)
        painter.setPen(self._context.theme.color(tone))
        painter.drawText(QRectF(0, y - 20, self.width(), 40), _CENTER, text)

    def _paint_ring(self, painter: QPainter) -> None:
        theme, middle = self._context.theme, self._middle()
        corner = middle - QPointF(_RING_RADIUS, _RING_RADIUS)
        circle = QRectF(corner, QSizeF(2 * _RING_RADIUS, 2 * _RING_RADIUS))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(theme.pen("bandOut", 14))
        painter.drawEllipse(circle)
        pen = QPen(theme.color("ink"), 14)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(circle, 90 * 16, -round(360 * 16 * self._left_s / self._total_s))
        font = theme.font("hero")
        font.setPixelSize(84)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        number = QRectF(middle.x() - 130, middle.y() - 62, 260, 110)
        painter.drawText(number, _CENTER, str(math.ceil(self._left_s)))
        self._line(painter, middle.y() + 52, "h2", "text2", self.tr("seconds"))

    def _paint_corner(self, painter: QPainter, center: QPointF) -> None:
        theme = self._context.theme
        painter.setPen(theme.pen("border", 2))
        painter.setBrush(theme.brush("surface"))
        painter.drawEllipse(center, _CORNER_RADIUS, _CORNER_RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(theme.pen("border", 1.5, Qt.PenStyle.DashLine))
        painter.drawEllipse(center, 48.0, 48.0)
        if self._held_s:
            ring = QRectF(center.x() - 48, center.y() - 48, 96, 96)
            painter.setPen(theme.pen("ink", 4))
            painter.drawArc(ring, 90 * 16, -round(360 * 16 * min(1.0, self._held_s / HOLD_S)))
        painter.setFont(theme.font("h2"))
        painter.setPen(theme.color("text"))
        box = QRectF(center.x() - 48, center.y() - 20, 96, 40)
        painter.drawText(box, _CENTER, self.tr("Hold"))
