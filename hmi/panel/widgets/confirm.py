"""The question that takes the place of the commands, and the report of a command that did not work."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.painting.shapes import rounded
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.label import Label


class CountdownBar(QWidget):
    """A thin bar that empties; the text beside it says the same in seconds."""

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._share = 1.0
        self.setFixedHeight(4)

    def show_share(self, share: float) -> None:
        self._share = min(1.0, max(0.0, share))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, whole = self._context.theme, QRectF(self.rect())
        painter.fillPath(rounded(whole, 2), theme.color("bandOut"))
        painter.fillPath(rounded(QRectF(0, 0, whole.width() * self._share, 4), 2), theme.color("ink"))
        painter.end()


class _DeliberateButton(Button):
    """Does not take the repeats of a key that is still held down from the press before."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            super().keyPressEvent(event)


class Confirm(QWidget):
    """Question, consequence, countdown, No and Yes. ``refuse`` by No, Esc, or the end of the countdown."""

    confirmed = Signal()
    refused = Signal()

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._total_s = 10.0
        self.question = Label(context, "", "h1", wrap=True)
        self.detail = Label(context, "", "body", "text2", wrap=True)
        self.countdown = Label(context, "", "label", "text2")
        self.bar = CountdownBar(context)
        self.no = Button(context, self.tr("No"))
        self.yes = _DeliberateButton(context, "", "primary")
        for button in (self.no, self.yes):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.no.clicked.connect(self.refused)
        self.yes.clicked.connect(self.confirmed)
        self._words = QWidget()
        words = QVBoxLayout(self._words)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(6)
        words.addWidget(self.question)
        words.addWidget(self.detail)
        self._buttons = QWidget()
        self._context = context
        context.settings_changed.connect(self._fit)
        self._fit()
        buttons = QHBoxLayout(self._buttons)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(8)
        buttons.addWidget(self.no, 2)
        buttons.addWidget(self.yes, 3)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._place(buttons_on_top=False)

    def ask(
        self,
        question: str,
        detail: str,
        yes: str,
        total_s: float,
        *,
        icon: str = "",
        buttons_on_top: bool = False,
    ) -> None:
        """Show a question; the buttons go to the end away from the first touch (100 px at least)."""
        self._total_s = total_s
        self.question.setText(question)
        self.detail.setText(detail)
        self.yes.setText(f"  {yes}" if icon else yes)
        self.yes.setAccessibleName(yes)
        self.yes.change_icon(icon)
        self.setAccessibleName(f"{question} {detail}")
        self._place(buttons_on_top=buttons_on_top)
        self.show_remaining(total_s)

    def show_remaining(self, seconds: float) -> None:
        self.countdown.setText(self.tr("Cancels in {s} s").format(s=int(seconds + 0.999)))
        self.bar.show_share(seconds / self._total_s)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.refused.emit()
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        self._buttons.setFixedHeight(self._context.density.command)

    def _place(self, *, buttons_on_top: bool) -> None:
        while self._column.count():
            self._column.takeAt(0)
        if buttons_on_top:
            for widget in (self._buttons, self.countdown, self.bar, self._words):
                self._column.addWidget(widget)
            self._column.addStretch(1)
        else:
            self._column.addWidget(self._words)
            self._column.addStretch(1)
            for widget in (self.countdown, self.bar, self._buttons):
                self._column.addWidget(widget)


class CommandFailed(QWidget):
    """What did not happen, asked against actual, and three ways on; in text colour, not in alarm red."""

    retry = Signal()
    keep = Signal()
    event_log = Signal()

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Label(context, "", "h2", wrap=True)
        self.text = Label(context, "", "label", "text2", wrap=True)
        self.asked = Label(context, "", "bodyStrong")
        self.actual = Label(context, "", "bodyStrong")
        self.retry_button = Button(context, self.tr("Try again"), "primary", "rotate-ccw")
        self.keep_button = Button(context, "")
        self.log_button = Button(context, self.tr("Event log"))
        self.retry_button.clicked.connect(self.retry)
        self.keep_button.clicked.connect(self.keep)
        self.log_button.clicked.connect(self.event_log)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addLayout(self._facts(context))
        column.addStretch(1)
        column.addWidget(self.retry_button)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.keep_button, self.log_button):
            button.setProperty("narrow", "true")
            row.addWidget(button, 1)
        column.addLayout(row)

    def show_failure(self, title: str, text: str, asked: str, actual: str) -> None:
        self.title.setText(title)
        self.text.setText(text)
        self.asked.setText(asked)
        self.actual.setText(actual)
        self.keep_button.setText(self.tr("Leave it"))
        self.setAccessibleName(f"{title}. {text}")

    def allow_retry(self, reason: str) -> None:
        """Locked with the reason, which stands on the button, while the command can do nothing."""
        self.retry_button.setEnabled(not reason)
        self.retry_button.setText(reason or self.tr("Try again"))
        self.retry_button.change_icon("lock" if reason else "rotate-ccw")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.keep.emit()
        else:
            super().keyPressEvent(event)

    def _facts(self, context: PanelContext) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        pairs = ((self.tr("You asked for"), self.asked), (self.tr("Controller has"), self.actual))
        for caption, value in pairs:
            column = QVBoxLayout()
            column.setSpacing(0)
            column.addWidget(Label(context, caption, "label", "text2"))
            column.addWidget(value)
            row.addLayout(column, 1)
        return row
