"""Changing a setpoint: what is, what shall be, keys, and the bar that writes it."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.commands import CommandResult, CommandState
from hmi.panel.context import PanelContext
from hmi.panel.display import display_unit, format_number
from hmi.panel.setpoint_entry import EntryPhase, SetpointEntry
from hmi.panel.tag_binding import TagBinding
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.keypad import KEY_H, Keypad, StepKeys
from hmi.panel.widgets.label import Label
from hmi.panel.widgets.setpoint_bar import SetpointBar
from hmi.panel.widgets.setpoint_parts import EntryField, SetpointScale, ValueColumn


class SetpointPanel(QWidget):
    """For one writable number; ``actual_key`` is the process value that follows it, if there is one."""

    def __init__(
        self, context: PanelContext, setpoint_key: str, actual_key: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.context = context
        self.binding = TagBinding(context, setpoint_key, self)
        definition = self.binding.definition
        if definition is None:
            raise KeyError(setpoint_key)
        self.entry = SetpointEntry(definition)
        self.actual = TagBinding(context, actual_key, self) if actual_key else None
        self.field = EntryField(context, self.entry)
        self.scale = SetpointScale(context, self.entry, self.binding, self.actual)
        self.keypad = Keypad(context, self.entry.decimals)
        self.steps = StepKeys(context, self.entry.steps)
        self.changes = Label(context, "", "body", "text2", wrap=True)
        self.bar = SetpointBar(context, context.lines.said(definition.connection))
        self.field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(self.field)  # what the field does not take comes here
        self._lay_out()
        self._connect()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        look = self.binding.look
        self.entry.current = look.value if look.kind.live else None
        self.changes.setText(self._change_text())
        self.bar.show_entry(self.entry, self._obstacle(), self._now_s())
        self.field.update()
        self.scale.update()
        words = self.tr("New setpoint {text}").format(text=self.entry.text or self.tr("empty"))
        self.setAccessibleName(self.context.lines.spoken(self.entry.definition.connection, words))

    def on_key(self, key: str) -> None:
        self.entry.press(key, self._now_s())
        self.refresh()

    def on_erase(self) -> None:
        self.entry.backspace(self._now_s())
        self.refresh()

    def on_step(self, change: float) -> None:
        self.entry.step(change, self._now_s())
        self.refresh()

    @Slot()
    def on_write(self) -> None:
        """Send what stands there, if it may be sent."""
        value = self.entry.value
        if (
            value is None
            or self.entry.phase is EntryPhase.WRITING
            or self._obstacle()
            or self.entry.refusal()
        ):
            return
        self.entry.sent()
        result = self.context.bridge.request(self.binding.key, self.entry.written(value), self._on_result)
        if result.state is CommandState.REFUSED:
            self._on_result(result)
        self.refresh()

    @Slot()
    def on_cancel(self) -> None:
        self.entry.cancel()
        self.refresh()

    @Slot(float)
    def on_frame(self, elapsed_s: float) -> None:
        if self.entry.on_time(self._now_s()):
            self.refresh()
        elif self.entry.phase is EntryPhase.TYPED:
            self.bar.show_remaining(self.entry.remaining_s(self._now_s()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text = event.text().replace(",", ".")
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self.on_write()
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.on_erase()
        elif event.key() == Qt.Key.Key_Escape and self.entry.phase is not EntryPhase.EMPTY:
            self.on_cancel()
        elif text and text in "0123456789.-":
            self.on_key(text)
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for binding in self._bindings():
            binding.start()
        self.context.bridge.frame.connect(self.on_frame)
        self.context.bridge.connections_changed.connect(self.refresh)
        self.setFocus()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        self.context.bridge.frame.disconnect(self.on_frame)
        self.context.bridge.connections_changed.disconnect(self.refresh)
        for binding in self._bindings():
            binding.stop()
        if self.entry.phase is not EntryPhase.WRITING:
            self.entry.cancel()
        super().hideEvent(event)

    def _on_result(self, result: CommandResult) -> None:
        self.entry.on_result(result)
        self.refresh()

    def _obstacle(self) -> str:
        return self.context.bridge.obstacle(self.binding.key)

    def _change_text(self) -> str:
        value, current = self.entry.value, self.entry.current
        if self.entry.phase is EntryPhase.DONE:
            return self.tr("The controller has taken it.")
        if value is None or current is None or self.entry.phase is EntryPhase.EMPTY:
            return self.tr("Nothing until a value is typed and written.")
        if self.entry.phase is EntryPhase.TYPED and self.entry.refusal():
            return f"{self.entry.refusal()}."
        change = value - current
        sign = "+" if change > 0 else ""
        share = f" ({sign}{format_number(change / current * 100, 1)} %)" if current else ""
        amount = (
            f"{sign}{format_number(change, self.entry.decimals)} {display_unit(self.entry.definition.unit)}"
        )
        return f"{self.entry.shown(current)} → {self.entry.with_unit(value)}\n{amount.rstrip()}{share}"

    def _bindings(self) -> list[TagBinding]:
        return [self.binding, *([self.actual] if self.actual else [])]

    def _now_s(self) -> float:
        return self.context.engine.clock.monotonic()

    def _connect(self) -> None:
        for binding in self._bindings():
            binding.look_changed.connect(self.refresh)
            binding.pointer_moved.connect(self.scale.update)
        self.keypad.pressed.connect(self.on_key)
        self.keypad.erased.connect(self.on_erase)
        self.steps.stepped.connect(self.on_step)
        self.bar.write.connect(self.on_write)
        self.bar.cancel.connect(self.on_cancel)
        self.bar.retry.connect(self.on_write)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        upper = QVBoxLayout()
        upper.setContentsMargins(24, 14, 24, 12)
        upper.setSpacing(8)
        top = QHBoxLayout()
        top.setSpacing(0)
        if self.actual is not None:
            top.addWidget(ValueColumn(self.context, self.tr("Running at"), self.actual))
        top.addWidget(ValueColumn(self.context, self.tr("Setpoint now"), self.binding))
        top.addWidget(self.field, 1)
        upper.addLayout(top)
        upper.addSpacing(4)
        upper.addWidget(self.scale)
        upper.addLayout(self._keys(), 1)
        column.addLayout(upper, 1)
        column.addWidget(self.bar)

    def _keys(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(16)
        self.keypad.setMinimumHeight(4 * (KEY_H - 8) + 24)  # less while a failure is told
        row.addWidget(self.keypad, 328)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.steps, 1)
        box = Card(self.context, panel="plate")
        box.body.setContentsMargins(14, 10, 14, 10)
        box.body.addWidget(Label(self.context, self.tr("What changes"), "bodyStrong"))
        box.body.addWidget(self.changes)
        box.body.addStretch(1)
        right.addWidget(box, 1)
        row.addLayout(right, 228)
        return row
