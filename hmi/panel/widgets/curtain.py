"""Covers the whole window with one sentence: the plant is being closed, or could not be started."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.widgets.glyph import Mark
from hmi.panel.widgets.label import Label

_MIDDLE = Qt.AlignmentFlag.AlignHCenter


class Curtain(QFrame):
    """Follows the window's size; nothing below it can be touched."""

    def __init__(self, context: PanelContext, window: QWidget, title: str, text: str) -> None:
        super().__init__(window)
        self._window = window
        self.setProperty("panel", "curtain")
        self.setAccessibleName(f"{title}. {text}")
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(Mark(context, 48), 0, _MIDDLE)
        column.addSpacing(12)
        column.addWidget(Label(context, title, "h1"), 0, _MIDDLE)
        column.addWidget(Label(context, text, "body", "text2"), 0, _MIDDLE)
        column.addStretch(1)
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        return False
