"""The three steps and where one is among them; a touch goes back to one that was reached."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.icons import icon_pixmap
from hmi.panel.painting.shapes import CENTER, draw_text
from hmi.panel.widgets.painted_button import PaintedButton

_HEIGHT, _RADIUS, _ICON = 56, 14.0, 16
_WIDTH = 228


class StepButton(PaintedButton):
    """A number in a circle (a tick once it is done), a title, and what was chosen there."""

    def __init__(self, context: PanelContext, number: int, title: str) -> None:
        super().__init__()
        self._context = context
        self._number = number
        self.title = title
        self._detail = ""
        self._current = self._done = False
        self.setMinimumHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        context.theme_changed.connect(self.update)

    def show_state(self, detail: str, *, current: bool, done: bool, reachable: bool) -> None:
        self._detail, self._current, self._done = detail, current, done
        self.setEnabled(reachable)
        state = self.tr("now") if current else self.tr("done") if done else ""
        words = [self.tr("Step {0}, {1}").format(self._number, self.title), detail, state]
        self.setAccessibleName(", ".join(word for word in words if word))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isDown():
            painter.fillRect(self.rect(), theme.color("sunken"))
        middle = QPointF(12 + _RADIUS, self.height() / 2)
        self._paint_circle(painter, middle)
        left = middle.x() + _RADIUS + 10
        words = QRectF(left, 0, self.width() - left - 6, self.height())
        tone = "text" if self._current else "text2" if self.isEnabled() else "textDisabled"
        painter.setPen(theme.color(tone))
        role = theme.font("bodyStrong" if self._current else "body")
        draw_text(
            painter,
            words.adjusted(0, 8 if self._detail else 0, 0, -28 if self._detail else 0),
            self.title,
            role,
        )
        if self._detail:
            painter.setPen(theme.color("text2"))
            draw_text(painter, words.adjusted(0, 28, 0, -8), self._detail, theme.font("label"))
        if self._current:
            painter.fillRect(QRectF(0, self.height() - 3, self.width(), 3), theme.color("ink"))
        painter.end()

    def _paint_circle(self, painter: QPainter, middle: QPointF) -> None:
        theme = self._context.theme
        painter.setBrush(theme.brush("ink") if self._current else Qt.BrushStyle.NoBrush)
        tone = "ink" if self._current or self._done else "text3"
        painter.setPen(theme.pen(tone, 1.5))
        painter.drawEllipse(middle, _RADIUS - 1, _RADIUS - 1)
        if self._done and not self._current:
            pixmap = icon_pixmap("check", theme.color("ink"), _ICON, self.devicePixelRatioF())
            painter.drawPixmap(middle - QPointF(_ICON / 2, _ICON / 2), pixmap)
            return
        painter.setPen(theme.color("onInk" if self._current else tone))
        place = QRectF(middle.x() - _RADIUS, middle.y() - _RADIUS, 2 * _RADIUS, 2 * _RADIUS)
        painter.setFont(theme.font("bodyStrong"))
        painter.drawText(place, CENTER, str(self._number))


class StepHeader(QWidget):
    """``chosen`` carries the index of a step that may be gone to."""

    chosen = Signal(int)

    def __init__(self, context: PanelContext, titles: Sequence[str]) -> None:
        super().__init__()
        self._context = context
        self.setAccessibleName(self.tr("Steps"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.buttons: list[StepButton] = []
        for index, title in enumerate(titles):
            button = StepButton(context, index + 1, title)
            button.clicked.connect(lambda _=False, index=index: self.chosen.emit(index))
            self.buttons.append(button)
            row.addWidget(button, 1)
        context.theme_changed.connect(self.update)

    def show_step(self, current: int, details: Sequence[str], reachable: Collection[int]) -> None:
        """``reachable``: the steps that may be gone to from this one."""
        for index, button in enumerate(self.buttons):
            here, may = index == current, index in reachable
            done = index < current and may
            button.show_state(details[index], current=here, done=done, reachable=here or may)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._context.theme.color("hairline"))
        painter.end()
