"""Start, Stop and Reset of the filler, with the question and the failure in their place."""

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QStackedLayout, QVBoxLayout, QWidget

from engine.commands import CommandResult, CommandState
from engine.connections import ConnectionState
from hmi.panel.command_flow import CONFIRM_S, CommandFlow, Failure, Phase
from hmi.panel.context import PanelContext
from hmi.panel.filler_state import COMMANDS, RESET, START, STOP, Command, actual_word
from hmi.panel.machine_tags import MachineTags
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.confirm import CommandFailed, Confirm
from hmi.panel.widgets.hold_button import CommandButton, HoldButton

_COMMAND_GAP = 12


class CommandCard(Card):
    """The only place from which the machine is commanded. Shows states, never wishes."""

    phase_changed = Signal(object)
    """The phase of the command under way (``Phase``), for the mode switch beside it."""

    def __init__(self, context: PanelContext, connection: str, parent: QWidget | None = None) -> None:
        super().__init__(context, parent=parent)
        self.context = context
        self.tags = MachineTags(context, connection, self)
        self.tags.changed.connect(self.on_state)
        self._line = context.lines.said(connection)
        self.flow = CommandFlow(self._line)
        self._touch_is_low = False
        self.setAccessibleName(context.lines.spoken(connection, self.tr("Commands")))
        self.body.setContentsMargins(16, 12, 16, 10)
        self.start = CommandButton(context, START.label, START.icon)
        self.stop = HoldButton(context, STOP.label, STOP.icon)
        self.reset = CommandButton(context, RESET.label, RESET.icon)
        for button in (self.start, self.stop, self.reset):
            button.line = self._line
        self.confirm = Confirm(context)
        self.failed = CommandFailed(context)
        self._pages = QStackedLayout()
        self._buttons = self._buttons_page()
        for page in (self._buttons, self.confirm, self.failed):
            self._pages.addWidget(page)
        self.body.addLayout(self._pages)
        self.start.clicked.connect(lambda: self.ask(START.id))
        self.reset.clicked.connect(lambda: self.ask(RESET.id))
        self.stop.held.connect(lambda: self._send(STOP))
        self.confirm.confirmed.connect(self.on_confirmed)
        self.confirm.refused.connect(self.on_refused)
        self.failed.retry.connect(self.on_retry)
        self.failed.keep.connect(self.on_refused)
        self.failed.event_log.connect(lambda: context.navigate.emit("diagnostics", "events"))
        self._refresh()

    @Slot(str)
    def ask(self, command_id: str) -> None:
        """Begin a command by id (start, reset, auto, manual): the question takes the buttons' place."""
        command, now_s = COMMANDS[command_id], self._now_s()
        if self.flow.phase is Phase.SENT or not self.flow.touch(now_s) or self.reason(command):
            return
        self._touch_is_low = command is RESET
        self.flow.ask(command, now_s)
        self._refresh()

    def reason(self, command: Command) -> str:
        """Why the command can do nothing now; empty if it can."""
        status = self.context.engine.connection(self.tags.connection)
        if status is not None and status.state is ConnectionState.STOPPED:
            return status.stop_text
        if status is None or status.state is not ConnectionState.CONNECTED:
            return self.tr("Locked: no link")
        state = self.tags.state()
        if command.needs_state and not state.known:
            return self.tr("State not known")
        idle = "" if self._stops_another(command) else command.idle_reason(state)
        return idle or self.context.bridge.obstacle(self._key(command))

    def height_needed(self, width: int) -> int:
        """What a failure needs to be read whole at this width; 0 while none is shown."""
        layout = self.failed.layout()
        if self.flow.phase is not Phase.FAILED or layout is None:
            return 0
        edges, frame = self.body.contentsMargins(), self.height() - self.contentsRect().height()
        room = width - frame - edges.left() - edges.right()
        return layout.totalHeightForWidth(room) + frame + edges.top() + edges.bottom()

    @Slot()
    def on_confirmed(self) -> None:
        command = self.flow.command
        if command is not None and self.flow.phase is Phase.CONFIRMING and self.flow.touch(self._now_s()):
            self._send(command)

    @Slot()
    def on_refused(self) -> None:
        self.flow.cancel()
        self._refresh()

    @Slot()
    def on_retry(self) -> None:
        command = self.flow.command
        if command is not None and self.flow.touch(self._now_s()):
            self._send(command)

    @Slot()
    def on_state(self) -> None:
        self.flow.on_state(self.tags.state(), self._now_s())
        self._refresh()

    @Slot(float)
    def on_frame(self, elapsed_s: float) -> None:
        """Only the countdown moves by itself."""
        if self.flow.phase is Phase.IDLE:
            return
        before = self.flow.phase
        self.flow.on_state(self.tags.state(), self._now_s())
        if self.flow.phase is not before:
            self._refresh()
        elif before is Phase.CONFIRMING:
            self.confirm.show_remaining(self.flow.remaining_s(self._now_s()))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.tags.blockSignals(True)  # a state of which only a part is new would tell of a failure
        self.tags.start()
        self.tags.blockSignals(False)
        self.context.bridge.frame.connect(self.on_frame)
        self.context.bridge.connections_changed.connect(self.on_state)
        self.on_state()

    def hideEvent(self, event: QHideEvent) -> None:
        self.context.bridge.frame.disconnect(self.on_frame)
        self.context.bridge.connections_changed.disconnect(self.on_state)
        self.tags.stop()
        if self.flow.phase is Phase.CONFIRMING:
            self.flow.cancel()
        super().hideEvent(event)

    def _send(self, command: Command) -> None:
        reason = self.reason(command)
        if reason:
            self.context.notify.emit(f"{command.not_done_for(self._line)}: {reason}")
            self.flow.cancel()
            self._refresh()
            return
        self.flow.sent(command, self._now_s())
        result = self.context.bridge.request(self._key(command), True, self._on_result)
        if result.state is CommandState.REFUSED:
            self._on_result(result)
        self._refresh()

    def _on_result(self, result: CommandResult) -> None:
        self.flow.on_result(result, self.tags.state())
        self._refresh()

    def _refresh(self) -> None:
        phase, command = self.flow.phase, self.flow.command
        if phase is Phase.CONFIRMING and command is not None:
            self._show_question(command)
        elif phase is Phase.FAILED and self.flow.failure is not None:
            failure = self.flow.failure
            self.failed.show_failure(failure.title, failure.text, failure.asked, self._actual(failure))
            self.failed.allow_retry(self.reason(self.flow.command) if self.flow.command else "")
            self._turn_to(self.failed, self.failed.retry_button)
        else:
            self._show_commands(command if phase is Phase.SENT else None)
        self._dress("error" if phase is Phase.FAILED else "card")
        self.phase_changed.emit(phase)

    def _actual(self, failure: Failure) -> str:
        """What the controller has now, which may be known again."""
        state = self.tags.state()
        known = self.flow.command is not None and state.known
        return actual_word(self.flow.command, state) if known and self.flow.command else failure.actual

    def _stops_another(self, command: Command) -> bool:
        """Stop must work while another command is under way, also before the machine shows it."""
        return command is STOP and self.flow.phase is Phase.SENT and self.flow.command is not STOP

    def _dress(self, panel: str) -> None:
        if self.property("panel") != panel:
            self.setProperty("panel", panel)
            self.style().unpolish(self)
            self.style().polish(self)

    def _show_question(self, command: Command) -> None:
        if self._pages.currentWidget() is self.confirm:
            return
        detail = command.detail
        if command is START:
            detail = self.tr("Automatic mode. {detail}").format(detail=detail)
        self.confirm.ask(
            command.question_for(self._line),
            detail,
            command.label,
            CONFIRM_S,
            icon=command.icon,
            buttons_on_top=self._touch_is_low,
        )
        self._turn_to(self.confirm, self.confirm.yes)

    def _show_commands(self, sent: Command | None) -> None:
        for button, command in ((self.start, START), (self.stop, STOP), (self.reset, RESET)):
            reason = self.reason(command)
            if sent is command:
                button.show_hint(command.doing, enabled=False)
            elif sent is not None and command is not STOP:  # Stop must work while anything else is under way
                button.show_hint(
                    reason or self.tr("Wait for {other}").format(other=sent.label), enabled=False
                )
            else:
                button.show_hint(reason or self._hint(command), enabled=not reason)
        self._turn_to(self._buttons, None)

    def _hint(self, command: Command) -> str:
        """Stop is not asked about, so its own words say which line it stops."""
        line = self._line.replace(" ", "\u00a0")  # is not broken in two
        return f"{command.hint} {line}".rstrip() if command is STOP else command.hint

    def _turn_to(self, page: QWidget, focus: QWidget | None) -> None:
        if self._pages.currentWidget() is page:
            return
        focused = QApplication.focusWidget()
        had_focus = focused is not None and self.isAncestorOf(focused)
        self._pages.setCurrentWidget(page)
        if focus is not None:
            focus.setFocus()
        elif had_focus:
            self.stop.setFocus()

    def _buttons_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_COMMAND_GAP)
        for button in (self.start, self.stop, self.reset):
            column.addWidget(button)
        return page

    def _key(self, command: Command) -> str:
        return f"{self.tags.connection}/{command.tag}"

    def _now_s(self) -> float:
        return self.context.engine.clock.monotonic()

    def touch_distance(self, command: Command) -> int:
        """How far the middle of the button that confirms lies from the middle of the one that asks, px."""
        button = self.reset if command is RESET else self.start
        first = button.mapTo(self, QPoint(button.width() // 2, button.height() // 2))
        second = self.confirm.yes.mapTo(
            self, QPoint(self.confirm.yes.width() // 2, self.confirm.yes.height() // 2)
        )
        return (first - second).manhattanLength()
