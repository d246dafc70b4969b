"""The bar at the foot of a setpoint: says what would be written, writes it, tells how it ended."""

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.display import display_unit, format_value_text
from hmi.panel.setpoint_entry import EntryPhase, SetpointEntry
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.label import Label


class SetpointBar(QWidget):
    """Never says that something was written before it was read back."""

    write = Signal()
    cancel = Signal()
    retry = Signal()

    def __init__(self, context: PanelContext, line: str = "", parent: QWidget | None = None) -> None:
        """``line``: where the value goes, empty where there is only one line."""
        super().__init__(parent)
        self._context = context
        self._line = line
        self._failed = False
        self._active = False
        self.headline = Label(context, "", "bodyStrong", wrap=False)
        self.aside = Label(context, "", "label", "text2")
        self.text = Label(context, "", "label", "text2", wrap=True)
        self.left = Button(context, "")
        self.log = Button(context, self.tr("Event log"), icon="file-text")
        self.right = Button(context, "", "primary")
        for button in (self.left, self.log, self.right):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.left.clicked.connect(self.cancel)
        self.log.clicked.connect(lambda: context.navigate.emit("diagnostics", "events"))
        self.right.clicked.connect(self._on_right)
        context.theme_changed.connect(self.update)
        self._lay_out()

    def show_entry(self, entry: SetpointEntry, obstacle: str, now_s: float) -> None:
        self._failed = entry.phase is EntryPhase.FAILED
        self._active = entry.phase in (EntryPhase.TYPED, EntryPhase.WRITING)
        self.log.setVisible(self._failed)
        self.text.setVisible(self._failed)
        self.aside.setText("")
        self.left.setEnabled(entry.phase not in (EntryPhase.EMPTY, EntryPhase.WRITING))
        if self._failed:
            self._show_failure(entry, obstacle)
        elif entry.phase is EntryPhase.WRITING:
            self._show(
                self.tr("Waiting for the controller to read back"), self.tr("Cancel"), self.tr("Writing…")
            )
        elif entry.phase is EntryPhase.DONE:
            asked = entry.with_unit(entry.value)
            now = self.tr("Setpoint is now {v}").format(v=asked)
            self._show(self._of_line(now), self.tr("Close"), self.tr("Written"))
            self.right.change_icon("check")
        else:
            self._show_typed(entry, obstacle, now_s)
        self.update()

    def show_remaining(self, seconds: float) -> None:
        self.aside.setText(self.tr("cancels in {s} s").format(s=int(seconds + 0.999)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._context.theme
        rect = QRectF(self.rect())
        ground = "inkSoft" if self._active else "raised" if self._failed else "surface"
        painter.fillRect(rect, theme.color(ground))
        line = "text" if self._failed else "ink" if self._active else "hairline"
        thick = 2 if self._active or self._failed else 1
        painter.fillRect(QRectF(0, 0, rect.width(), thick), theme.color(line))
        painter.end()

    def _show_typed(self, entry: SetpointEntry, obstacle: str, now_s: float) -> None:
        reason = obstacle or entry.refusal()
        value = self._write_text(entry) if entry.value is not None else ""
        if reason:
            self._show(reason, self.tr("Cancel"), value or self.tr("Write"))
        else:
            what = self._line or self.tr("setpoint")
            question = self.tr("Change {what} from {old} to {new}?").format(
                what=what, old=entry.shown(entry.current), new=entry.with_unit(entry.value)
            )
            self._show(question, self.tr("Cancel"), value, enabled=True)
            self.right.change_icon("check")
        if entry.phase is EntryPhase.TYPED:
            self.show_remaining(entry.remaining_s(now_s))

    def _show_failure(self, entry: SetpointEntry, obstacle: str) -> None:
        result = entry.result
        retry = obstacle or self.tr("Try again")
        self._show(self._of_line(self.tr("Setpoint was not changed")), "", retry, enabled=not obstacle)
        self.right.change_icon("lock" if obstacle else "rotate-ccw")
        has = result.readback if result and result.readback is not None else entry.current
        actual = format_value_text(entry.definition, has)
        shown = f"{actual} {display_unit(entry.definition.unit)}".rstrip()
        if has is None:
            known = self.tr("What the controller has is not known.")
        else:
            known = self.tr("Controller has {actual}.").format(actual=shown)
        asked = self.tr("You asked for {asked}.").format(asked=entry.with_unit(entry.value))
        reason = result.text if result else ""
        self.text.setText(f"{reason}\n{asked} {known}".strip())
        self.left.setText(self.tr("Leave it") if has is None else self.tr("Keep {v}").format(v=shown))

    def _write_text(self, entry: SetpointEntry) -> str:
        value = entry.with_unit(entry.value)
        if not self._line:
            return self.tr("Write {v}").format(v=value)
        return self.tr("Write {v} to {line}").format(v=value, line=self._line)

    def _of_line(self, text: str) -> str:
        return f"{self._line}: {text}" if self._line else text

    def _show(self, headline: str, left: str, right: str, *, enabled: bool = False) -> None:
        self.headline.setText(headline)
        if left:
            self.left.setText(left)
        self.right.setText(right)
        self.right.setEnabled(enabled)
        self.right.change_icon("")
        self.right.setIcon(QIcon())
        self.right.setAccessibleName(right if enabled else f"{right}, {headline}")

    def _on_right(self) -> None:
        (self.retry if self._failed else self.write).emit()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 12, 24, 8)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.addWidget(self.headline, 1)
        row.addWidget(self.aside)
        column.addLayout(row)
        column.addWidget(self.text)
        buttons = QWidget()
        buttons.setFixedHeight(max(60, self._context.density.command - 4))
        line = QHBoxLayout(buttons)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(12)
        line.addWidget(self.left, 170)
        line.addWidget(self.log, 140)
        line.addWidget(self.right, 390)
        column.addWidget(buttons)
