"""What a page shows instead of values: loading, nothing to show, an error, a lost controller."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from engine.connections import ConnectionState, ConnectionStatus
from hmi.panel.context import PanelContext
from hmi.panel.display import format_duration
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.glyph import Glyph
from hmi.panel.widgets.label import ElidedLabel, Label
from hmi.panel.widgets.state_drawings import CrossTile, EmptyBottle, Skeleton

SKELETON_AFTER_MS = 300
STILL_AFTER_MS = 5000
OnAction = Callable[[], None]
_MIDDLE = Qt.AlignmentFlag.AlignHCenter


class Loading(QWidget):
    """Nothing for 300 ms, then a skeleton that says what is read; after 5 s it offers to cancel.

    Times count from ``begin`` (called when made).
    """

    def __init__(self, context: PanelContext, text: str, on_cancel: OnAction | None = None) -> None:
        super().__init__()
        self._text = text
        self._skeleton = Skeleton(context)
        self._label = Label(context, text, "body", "text2")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 100)
        self.cancel = Button(context, self.tr("Cancel"))
        if on_cancel is not None:
            self.cancel.clicked.connect(on_cancel)
        self._can_cancel = on_cancel is not None
        self._lay_out()
        self._soon = QTimer(self, singleShot=True, interval=SKELETON_AFTER_MS)
        self._soon.timeout.connect(self.on_skeleton_due)
        self._late = QTimer(self, singleShot=True, interval=STILL_AFTER_MS)
        self._late.timeout.connect(self.on_still_due)
        self.begin(text)

    def begin(self, text: str) -> None:
        """Start to wait, again, for something."""
        self._text = text
        self._label.setText(text)
        self.setAccessibleName(text)
        self.cancel.hide()
        self._bar.hide()
        for part in (self._skeleton, self._label):
            part.setVisible(False)
        self._soon.start()
        self._late.start()

    def update_progress(self, percent: int) -> None:
        """Known progress, 0 to 100; without it no bar is shown."""
        self._bar.setValue(percent)
        self._bar.setVisible(not self._soon.isActive())

    def on_skeleton_due(self) -> None:
        for part in (self._skeleton, self._label):
            part.setVisible(True)

    def on_still_due(self) -> None:
        text = self.tr("Still reading: {0}").format(self._text)
        self._label.setText(text)
        self.setAccessibleName(text)
        self.cancel.setVisible(self._can_cancel)

    def hideEvent(self, event: object) -> None:
        self._soon.stop()
        self._late.stop()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._skeleton, 1)
        row = QHBoxLayout()
        row.addWidget(self._label, 1)
        row.addWidget(self.cancel)
        column.addLayout(row)
        column.addWidget(self._bar)


class Empty(QWidget):
    """Nothing to show is an answer: a drawing, one sentence of fact, one action."""

    def __init__(
        self,
        context: PanelContext,
        title: str,
        fact: str = "",
        action: str = "",
        on_action: OnAction | None = None,
    ) -> None:
        super().__init__()
        self.setAccessibleName(f"{title}. {fact}".strip())
        column = QVBoxLayout(self)
        column.setSpacing(6)
        column.addStretch(1)
        column.addWidget(EmptyBottle(context), 0, _MIDDLE)
        column.addSpacing(8)
        column.addWidget(Label(context, title, "h2"), 0, _MIDDLE)
        if fact:
            label = Label(context, fact, "body", "text2", wrap=True)
            label.setAlignment(_MIDDLE)
            column.addWidget(label)
        if action and on_action is not None:
            self.action = Button(context, action)
            self.action.clicked.connect(on_action)
            column.addSpacing(12)
            column.addWidget(self.action, 0, _MIDDLE)
        column.addStretch(1)


class ErrorPanel(QWidget):
    """What did not happen, asked against actual, then what can be done about it.

    ``facts`` are (label, value, unit); ``actions`` are (text, icon, call), the first one primary.
    """

    def __init__(
        self,
        context: PanelContext,
        title: str,
        text: str,
        facts: Sequence[tuple[str, str, str]] = (),
        actions: Sequence[tuple[str, str, OnAction]] = (),
    ) -> None:
        super().__init__()
        self.setAccessibleName(f"{title}. {text}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._message(context, title, text, facts))
        row = QHBoxLayout()
        row.setSpacing(context.theme.px("touch", "gap"))
        self.buttons: list[Button] = []
        for index, (label, icon, call) in enumerate(actions):
            button = Button(context, label, "normal" if index else "primary", icon)
            button.clicked.connect(call)
            self.buttons.append(button)
            row.addWidget(button, 1)
        column.addLayout(row)

    @staticmethod
    def _message(
        context: PanelContext, title: str, text: str, facts: Sequence[tuple[str, str, str]]
    ) -> QFrame:
        frame = QFrame()
        frame.setProperty("panel", "error")
        row = QHBoxLayout(frame)
        row.setContentsMargins(18, 16, 18, 16)
        row.setSpacing(12)
        row.addWidget(CrossTile(context), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(Label(context, title, "h2", wrap=True))
        column.addWidget(Label(context, text, "body", "text2", wrap=True))
        if facts:
            column.addSpacing(6)
            column.addLayout(_facts(context, facts))
        row.addLayout(column, 1)
        return frame


class DisconnectedStrip(QFrame):
    """No data from one controller: for how long, why, when the next try is, and "Try now".

    Hides itself while the controller answers.
    """

    def __init__(self, context: PanelContext, connection_id: str) -> None:
        super().__init__()
        self._context = context
        self._connection_id = connection_id
        self.setProperty("panel", "strip")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._text = ElidedLabel(context, "", "body")
        self._cause = Label(context, "", "label", "text2", wrap=True)
        self.try_now = Button(context, self.tr("Try now"), "link")
        self.try_now.clicked.connect(lambda: context.engine.retry_now(connection_id))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 4, 2)
        row.setSpacing(12)
        row.addWidget(Glyph(context, "unlink", "text", 22))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._text)
        words.addWidget(self._cause)
        words.addStretch(1)
        row.addLayout(words, 1)
        row.addWidget(self.try_now)
        context.bridge.second.connect(self.update_text)
        context.bridge.connections_changed.connect(self.update_text)
        self.update_text()

    def update_text(self) -> None:
        status = self._context.engine.connection(self._connection_id)
        live = status is None or status.state is ConnectionState.CONNECTED
        self.setVisible(not live)
        if status is None or live:
            return
        stopped = status.state is ConnectionState.STOPPED
        words = self._stop_text(status) if stopped else self._silence_text(status)
        text = self._context.lines.titled(self._connection_id, words)
        cause = "" if stopped else status.cause
        self.try_now.setVisible(_waits(status))
        self._text.change_text(text)
        self._cause.setText(cause)
        self._cause.setVisible(bool(cause))
        self.setAccessibleName(f"{text} {cause}".strip())

    def _silence_text(self, status: ConnectionStatus) -> str:
        """Since when nothing came, and when the next try is."""
        now_us = self._context.engine.clock.utc_us()
        silent_s = max(0, now_us - (status.last_read_us or status.since_us)) / 1e6
        text = self.tr("No data for {0}.").format(_length(silent_s))
        if not _waits(status) or status.retry_at_us is None:
            return text
        left_s = max(0, round((status.retry_at_us - now_us) / 1e6))
        return f"{text} " + (
            self.tr("Next try in {0} s.").format(left_s) if left_s else self.tr("Trying now.")
        )

    def _stop_text(self, status: ConnectionStatus) -> str:
        """A CPU in STOP still answers, so the silence counts from when it stopped; nothing is retried."""
        stopped_s = max(0, self._context.engine.clock.utc_us() - status.since_us) / 1e6
        return self.tr("{0}. No data for {1}.").format(status.stop_text, _length(stopped_s))


def _waits(status: ConnectionStatus) -> bool:
    """Is there a next try?"""
    return status.state is ConnectionState.DISCONNECTED and status.retry_at_us is not None


def _length(seconds: float) -> str:
    """``44 s``, ``1 min 44 s``, then coarser."""
    whole = int(seconds)
    if 60 <= whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return format_duration(whole)


def _facts(context: PanelContext, facts: Sequence[tuple[str, str, str]]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(40)
    for name, value, unit in facts:
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(Label(context, name, "label", "text2"))
        figure = QHBoxLayout()
        figure.setSpacing(6)
        figure.addWidget(Label(context, value, "valueM"), 0, Qt.AlignmentFlag.AlignBottom)
        figure.addWidget(Label(context, unit, "body", "text2"), 0, Qt.AlignmentFlag.AlignBottom)
        figure.addStretch(1)
        column.addLayout(figure)
        row.addLayout(column)
    row.addStretch(1)
    return row
