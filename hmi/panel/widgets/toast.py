"""One sentence at the foot of the content, with at most one action, for ten seconds."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.label import Label

SHOWN_MS = 10_000
_MARGIN = 16


class Toast(QFrame):
    """Lies over ``host``; a new sentence replaces the old one."""

    def __init__(self, context: PanelContext, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._call: Callable[[], None] | None = None
        self.setProperty("panel", "toast")
        self._text = Label(context, "", "body", "toast")
        self.action = Button(context, "", "toast")
        self.action.clicked.connect(self._on_action)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 4, 8, 4)
        row.setSpacing(16)
        row.addWidget(self._text)
        row.addWidget(self.action)
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        host.installEventFilter(self)
        self.hide()

    def say(self, text: str, action: str = "", call: Callable[[], None] | None = None) -> None:
        self._call = call
        self._text.setText(text)
        self.setAccessibleName(text)
        self.action.setText(action)
        self.action.setVisible(bool(action) and call is not None)
        self._place()
        self.show()
        self.raise_()
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _on_action(self) -> None:
        call, self._call = self._call, None
        self._timer.stop()
        self.hide()
        if call is not None:
            call()

    def _place(self) -> None:
        self.adjustSize()
        width = min(self.width(), self._host.width() - 2 * _MARGIN)
        height = max(self.height(), 56)
        x = (self._host.width() - width) // 2
        self.setGeometry(x, self._host.height() - height - _MARGIN, width, height)
