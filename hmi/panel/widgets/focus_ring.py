"""The keyboard's focus as a ring around any control: 3 px, offset 2, only after the keyboard was used."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QGraphicsView, QScrollArea, QWidget
from shiboken6 import isValid

from hmi.panel.context import PanelContext

_OFFSET = 2
_MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Hide, QEvent.Type.Show)
_POINTING = (QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin)


class FocusRing(QWidget):
    """Lies over the window and lets every touch through."""

    def __init__(self, context: PanelContext, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._target: QWidget | None = None
        self._keyboard = False
        self._width = context.theme.px("line", "focus")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._watched: list[QWidget] = []
        self.hide()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)

    def watch_input(self) -> None:
        """Follow what the person uses; the window must have been created."""
        handle = self.window().windowHandle()
        if handle is not None:
            handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.KeyPress:
            self._use_keyboard(keyboard=True)
        elif kind in _POINTING:
            self._use_keyboard(keyboard=False)
        elif kind in _MOVES:
            self._follow()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._context.theme.pen("focus", self._width))
        half = self._width / 2
        radius = self._context.theme.px("radius", "control") + _OFFSET
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)
        painter.end()

    def _use_keyboard(self, keyboard: bool) -> None:
        if keyboard != self._keyboard:
            self._keyboard = keyboard
            self._follow()

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        for widget in self._watched:
            if isValid(widget):
                widget.removeEventFilter(self)
        self._watched = []
        self._target = None if new is None or isinstance(new, (QScrollArea, QGraphicsView)) else new
        self._watch(self._target)
        self._follow()

    def _watch(self, widget: QWidget | None) -> None:
        """The target moves with everything that it lies in."""
        while widget is not None and not widget.isWindow():
            widget.installEventFilter(self)
            self._watched.append(widget)
            widget = widget.parentWidget()

    def _follow(self) -> None:
        target, window = self._target, self.parentWidget()
        if (
            not self._keyboard
            or target is None
            or not isValid(target)
            or not target.isVisible()
            or target.window() is not window
        ):
            self.hide()
            return
        grow = _OFFSET + self._width
        place = QRect(target.mapTo(window, QPoint(0, 0)), target.size())
        self.setGeometry(place.adjusted(-grow, -grow, grow, grow))
        self.raise_()
        self.show()
