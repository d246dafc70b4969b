"""Messages as they arrive: a bounded list, one of them decoded beside it."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from engine.nodes import HostView
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.broker_text import no_nodes_words
from hmi.panel.diagnostics.message_delegate import MessageDelegate
from hmi.panel.diagnostics.messages_model import MOST_MESSAGES, MessageColumn, MessagesModel
from hmi.panel.diagnostics.nodes_card import TITLE_HEIGHT
from hmi.panel.diagnostics.payload_view import PayloadView
from hmi.panel.diagnostics.table import ColumnPlan, RowHeader, RowTable
from hmi.panel.display import format_number
from hmi.panel.widgets.buttons import Button, IconButton
from hmi.panel.widgets.card import Card, rule
from hmi.panel.widgets.label import Label

_WIDTHS = (128, 220, 74, 46, 70)
_DROP = (3, 4, 2)
_STRETCH = (1,)
_AT_ONCE = 200
_PAYLOAD_SHARE, _LIST_SHARE = 2, 3
_RIGHT = (MessageColumn.SIZE, MessageColumn.SEQ, MessageColumn.METRICS)


class InspectorCard(Card):
    """The host keeps messages only while this is on the screen."""

    closed = Signal()

    def __init__(self, context: PanelContext, host: HostView, parent: QWidget | None = None) -> None:
        super().__init__(context, parent=parent)
        self._context, self._host = context, host
        self._paused = False
        self.setAccessibleName(self.tr("Messages"))
        self.model = MessagesModel(context.zone, self)
        self.table = RowTable(context, self.model, ColumnPlan(_WIDTHS, _DROP, _STRETCH))
        self.table.setAccessibleName(self.tr("Messages"))
        self.table.setHorizontalHeader(RowHeader(context, _RIGHT))
        self._delegate = MessageDelegate(context, self.table)
        self.table.setItemDelegate(self._delegate)
        self.table.row_chosen.connect(self._on_row)
        self.payload = PayloadView(context, host)
        self._lay_out()
        self.hide()
        context.bridge.second.connect(self.on_second)

    @property
    def paused(self) -> bool:
        return self._paused

    @Slot()
    def on_second(self) -> None:
        if self.isVisible():
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._host.inspect(True)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._host.inspect(False)

    def refresh(self) -> None:
        """Put in what came; whoever reads further down keeps the place."""
        if not self._paused:
            bar = self.table.verticalScrollBar()
            place = bar.value()
            added = self.model.add(self._host.messages(self.model.last_number, _AT_ONCE))
            if added and place > 0:
                bar.setValue(place + added * self.table.row_height)
        self._update_note()

    @Slot()
    def on_pause(self) -> None:
        """Stop the list, or go on with what comes from now on."""
        self._paused = not self._paused
        if not self._paused:
            newest = self._host.messages(self.model.last_number, 1)
            if newest:
                self.model.skip_to(newest[-1].number - 1)
        self.pause.setText(self.tr("Resume") if self._paused else self.tr("Pause"))
        self.pause.change_icon("play" if self._paused else "pause")
        self.refresh()

    @Slot()
    def on_clear(self) -> None:
        self.model.clear()
        self._update_note()

    def _lay_out(self) -> None:
        context, gap = self._context, self._context.theme.px("touch", "gap")
        self.body.setContentsMargins(1, 0, 1, 1)
        self.body.setSpacing(0)
        head = QWidget()
        head.setMinimumHeight(TITLE_HEIGHT)
        row = QHBoxLayout(head)
        row.setContentsMargins(20, 0, 8, 0)
        row.setSpacing(gap)
        row.addWidget(Label(context, self.tr("Messages"), "h2"))
        row.addSpacing(8)
        self.filter = QLineEdit()
        self.filter.setFont(context.theme.font("body"))
        self.filter.setPlaceholderText(self.tr("Part of a topic"))
        self.filter.setAccessibleName(self.tr("Show only topics with this text"))
        self.filter.textChanged.connect(self._on_filter)
        row.addWidget(self.filter, 1)
        self.pause = Button(context, self.tr("Pause"), icon="pause")
        self.pause.clicked.connect(self.on_pause)
        self.clear = Button(context, self.tr("Clear"))
        self.clear.clicked.connect(self.on_clear)
        self.close_button = IconButton(context, "x", self.tr("Close"), "quiet")
        self.close_button.clicked.connect(self.closed)
        for button in (self.pause, self.clear, self.close_button):
            row.addWidget(button)
        self.body.addWidget(head)
        self.body.addWidget(rule())
        halves = QHBoxLayout()
        halves.setSpacing(0)
        halves.addLayout(self._list_half(), _LIST_SHARE)
        halves.addWidget(rule(vertical=True))
        right = QVBoxLayout()
        right.setContentsMargins(16, 12, 16, 12)
        right.addWidget(self.payload)
        halves.addLayout(right, _PAYLOAD_SHARE)
        self.body.addLayout(halves, 1)

    def _list_half(self) -> QVBoxLayout:
        self._empty = Label(self._context, "", "body", "text2", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(20, 0, 20, 0)
        self._note = Label(self._context, "", "label", "text2", wrap=True)
        self._note.setContentsMargins(20, 8, 8, 8)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        column.addWidget(self._empty, 1)
        column.addWidget(self._note)
        return column

    def _on_filter(self, text: str) -> None:
        self.model.filter_topics(text)
        self.table.scrollToTop()
        self._update_note()

    def _on_row(self, number: int) -> None:
        self.payload.show_message(self.model.shown[number])

    def _update_note(self) -> None:
        shown, kept = len(self.model.shown), self.model.kept
        self.table.setVisible(shown > 0)
        self._empty.setVisible(shown == 0)
        self._empty.setText(self._empty_text(kept))
        parts = [self.tr("{0} of {1} messages").format(format_number(shown), format_number(kept))]
        if kept >= MOST_MESSAGES:
            parts.append(self.tr("older ones are let go"))
        if self.model.missed:
            parts.append(self.tr("{0} came too fast to show").format(format_number(self.model.missed)))
        if self._paused:
            parts.append(self.tr("paused"))
        self._note.setText(", ".join(parts))
        self.clear.setEnabled(kept > 0)

    def _empty_text(self, kept: int) -> str:
        if kept:
            return self.tr("No topic has this text in it.")
        words = no_nodes_words(self._host.brokers(), self._context.engine.clock.utc_us())
        waits = self.tr("Waiting for the next message.")
        received = sum(status.received for status in self._host.brokers())
        return waits if received else f"{words.title}. {words.fact}"
