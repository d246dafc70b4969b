"""How far a long step has come, and the button that stops it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.label import ElidedLabel


class ProgressRow(QWidget):
    """Hidden while nothing runs; without a known end no bar is shown."""

    cancelled = Signal()

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self.text = ElidedLabel(context, "", "body", "text2")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self.cancel = Button(context, self.tr("Cancel"))
        self.cancel.clicked.connect(self.cancelled)
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addStretch(1)
        words.addWidget(self.text)
        words.addWidget(self._bar)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addLayout(words, 1)
        row.addWidget(self.cancel)
        self.hide()

    def begin(self, text: str) -> None:
        self.text.change_text(text)
        self._bar.hide()
        self.show()

    def show_progress(self, done: int, total: int | None, text: str) -> None:
        self.text.change_text(text)
        self._bar.setVisible(bool(total))
        if total:
            self._bar.setRange(0, total)
            self._bar.setValue(min(done, total))
