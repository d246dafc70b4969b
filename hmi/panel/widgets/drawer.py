"""What lies over the content: a drawer from the right or a dialog in the middle, above a scrim.

It never covers the rail, the header and the banner. Focus goes in when it opens, stays in, and goes
back to where it was when it closes.
"""

from PySide6.QtCore import (
    QAbstractAnimation,
    QEasingCurve,
    QEvent,
    QObject,
    QPoint,
    QPropertyAnimation,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext

DRAWER_WIDTH = 620
_FULL_BELOW = 1112
"""Width of the content below which a drawer takes all of it: windows narrower than 1200."""


class FocusTrap(QFrame):
    """A frame that Tab does not leave."""

    def focusNextPrevChild(self, next: bool) -> bool:
        stops = self.stops()
        if not stops:
            return True
        current = self.focusWidget()
        index = stops.index(current) if current in stops else (-1 if next else 0)
        stops[(index + (1 if next else -1)) % len(stops)].setFocus(
            Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
        )
        return True

    def stops(self) -> list[QWidget]:
        """What can take the focus by Tab, in order."""
        found: list[QWidget] = []
        widget = self.nextInFocusChain()
        while widget is not None and widget is not self:
            tabbed = bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
            if tabbed and widget.isEnabled() and self.isAncestorOf(widget) and widget.isVisibleTo(self):
                found.append(widget)
            widget = widget.nextInFocusChain()
        return found


class Drawer(QWidget):
    """Covers ``host`` while open; one thing at a time, the newest wins."""

    closed = Signal()

    def __init__(self, context: PanelContext, host: QWidget) -> None:
        super().__init__(host)
        self._context = context
        self._host = host
        self._frame = FocusTrap(self)
        self._frame.setAccessibleName(self.tr("Drawer"))
        self._layout = QVBoxLayout(self._frame)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._content: QWidget | None = None
        self._side = True
        self._return_to: QWidget | None = None
        self._slide = QPropertyAnimation(self._frame, b"pos", self)
        self._slide.setDuration(context.theme.px("motion", "drawer"))
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        host.installEventFilter(self)
        context.theme_changed.connect(self.update)
        self.hide()

    @property
    def content(self) -> QWidget | None:
        return self._content

    def open_side(self, content: QWidget) -> None:
        """Slide in from the right; with little motion, stand there at once."""
        self._open(content, side=True)
        if self._context.settings.reduce_motion:
            return
        end = self._frame.pos()
        self._slide.setStartValue(QPoint(self.width(), end.y()))
        self._slide.setEndValue(end)
        self._slide.start()

    def open_center(self, content: QWidget) -> None:
        """Show in the middle, as large as it wants to be."""
        self._open(content, side=False)

    def close_content(self) -> None:
        """Close what is open; nothing happens if nothing is."""
        if self._content is None:
            return
        self._remove_content()
        self.hide()
        if self._return_to is not None and self._return_to.isVisible():
            self._return_to.setFocus(Qt.FocusReason.OtherFocusReason)
        self._return_to = None
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_content()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._frame.geometry().contains(event.position().toPoint()):
            self.close_content()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._context.theme.color("scrim"))
        painter.end()

    def _open(self, content: QWidget, side: bool) -> None:
        if self._content is None:
            window = self.window()
            self._return_to = window.focusWidget()
        self._remove_content()
        self._side = side
        self._content = content
        self._frame.setProperty("panel", "drawer" if side else "dialog")
        self._frame.style().unpolish(self._frame)
        self._frame.style().polish(self._frame)
        self._layout.addWidget(content)
        content.show()
        self._place()
        self.show()
        self.raise_()
        stops = self._frame.stops()
        (stops[0] if stops else self).setFocus(Qt.FocusReason.OtherFocusReason)

    def _remove_content(self) -> None:
        if self._slide.state() == QAbstractAnimation.State.Running:
            self._slide.stop()
        content, self._content = self._content, None
        if content is not None:
            self._layout.removeWidget(content)
            content.hide()
            content.deleteLater()

    def _place(self) -> None:
        self.setGeometry(self._host.rect())
        width, height = self.width(), self.height()
        if self._side:
            wide = width if width < _FULL_BELOW else DRAWER_WIDTH
            self._frame.setGeometry(width - wide, 0, wide, height)
        elif self._content is not None:
            hint = self._content.sizeHint()
            wide, high = min(hint.width(), width - 32), min(hint.height(), height - 32)
            self._frame.setGeometry((width - wide) // 2, (height - high) // 2, wide, high)
