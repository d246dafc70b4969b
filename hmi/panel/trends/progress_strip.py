"""Lies over the top of the lanes while something takes long: what, how far, cancel."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.label import Label
from hmi.panel.widgets.states import SKELETON_AFTER_MS, STILL_AFTER_MS

_MARGIN = 12


class ProgressStrip(QFrame):
    """The old picture stays under it. Reading can be cancelled after five seconds, an export at once."""

    cancelled = Signal()

    def __init__(self, context: PanelContext, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self.setProperty("panel", "strip")
        self._label = Label(context, "", "body")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 100)
        self._bar.setFixedWidth(140)
        self.cancel = Button(context, self.tr("Cancel"), "link")
        self.cancel.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 2, 4, 2)
        row.setSpacing(12)
        for widget in (self._label, self._bar, self.cancel):
            row.addWidget(widget)
        self._soon = QTimer(self, singleShot=True, interval=SKELETON_AFTER_MS)
        self._late = QTimer(self, singleShot=True, interval=STILL_AFTER_MS)
        self._soon.timeout.connect(self._on_soon)
        self._late.timeout.connect(self._on_late)
        self.hide()

    def wait_for_reading(self) -> None:
        """Appears after 300 ms, offers to cancel after 5 s."""
        if not self._soon.isActive() and not self._late.isActive():
            self._soon.start()
            self._late.start()

    def show_export(self, percent: int) -> None:
        self._stop_timers()
        self._say(self.tr("Exporting {0} %").format(percent))
        self._bar.setValue(percent)
        self._appear(bar=True, cancel=True)

    def end(self) -> None:
        self._stop_timers()
        self.hide()

    def _on_soon(self) -> None:
        self._say(self.tr("Reading history"))
        self._appear(bar=False, cancel=False)

    def _on_late(self) -> None:
        self._say(self.tr("Still reading history"))
        self._appear(bar=False, cancel=True)

    def _say(self, text: str) -> None:
        self._label.setText(text)
        self.setAccessibleName(text)

    def _appear(self, *, bar: bool, cancel: bool) -> None:
        self._bar.setVisible(bar)
        self.cancel.setVisible(cancel)
        self.setMinimumHeight(0 if cancel else 40)
        self.adjustSize()
        self.move((self._host.width() - self.width()) // 2, _MARGIN)
        self.show()
        self.raise_()

    def _stop_timers(self) -> None:
        self._soon.stop()
        self._late.stop()
