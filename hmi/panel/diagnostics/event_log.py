"""The event log: what happened, newest first, with filters, older events on demand, and export."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.errors import EngineError
from engine.events import Event, EventKind
from engine.history import CancelToken
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.controllers_card import TITLE_HEIGHT
from hmi.panel.diagnostics.event_delegate import EventDelegate
from hmi.panel.diagnostics.event_export import export_path, write_events
from hmi.panel.diagnostics.events_model import EventsModel
from hmi.panel.diagnostics.table import ColumnPlan, RowTable
from hmi.panel.display import format_minute, format_number
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.card import Card, rule
from hmi.panel.widgets.label import Label
from hmi.panel.widgets.segmented import Segmented

_WIDTHS = (142, 40, 190, 200)
_STRETCH = (3,)
_JOURNAL, _OLDER = 1000, 500


class EventLogCard(Card):
    """Follows the journal while shown; tells which event was chosen."""

    chosen = Signal(object)

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent=parent)
        self._context = context
        self._query: CancelToken | None = None
        self.setAccessibleName(self.tr("Event log"))
        names = {c.id: c.name or c.id for c in context.config.plc_connections}
        self.model = EventsModel(names, context.zone, self)
        self.table = RowTable(context, self.model, ColumnPlan(_WIDTHS, (), _STRETCH))
        self.table.setAccessibleName(self.tr("Event log"))
        self.table.horizontalHeader().hide()
        self._delegate = EventDelegate(context, self.table)
        self.table.setItemDelegate(self._delegate)
        self.table.row_chosen.connect(lambda number: self.chosen.emit(self.model.shown[number]))
        self._lay_out()
        context.bridge.events_changed.connect(self.on_events_changed)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    @Slot()
    def on_events_changed(self) -> None:
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Put in what is new; whoever reads further down keeps the place."""
        bar = self.table.verticalScrollBar()
        place = bar.value()
        added = self.model.add_newest(self._context.engine.events.newest(_JOURNAL))
        if added and place > 0:
            bar.setValue(place + added * self.table.row_height)
        self._update_note()

    def load_older(self) -> None:
        """Ask the history for what was before the oldest event here."""
        if self._query is not None:
            return
        end_us = self.model.oldest_us or self._context.engine.clock.utc_us()
        reader = self._context.engine.history
        self.older.setEnabled(False)
        self._note.setText(self.tr("Reading older events"))

        def read(token: CancelToken) -> list[Event]:
            return reader.events(0, end_us, _OLDER)

        self._query = self._context.queries.submit(read, self._on_older, self._on_failed)

    def export(self) -> None:
        """Write what is shown into the data folder, outside the GUI thread."""
        context, events = self._context, list(self.model.shown)
        folder = context.installation.data_folder or Path.home()
        path = export_path(folder, context.engine.clock.utc_us())

        def done(written: Path) -> None:
            context.notify.emit(
                self.tr("{0} events written to {1}").format(format_number(len(events)), written)
            )

        context.queries.submit(
            lambda _: write_events(path, events), done, lambda error: context.notify.emit(str(error))
        )

    def _lay_out(self) -> None:
        context = self._context
        self.body.setContentsMargins(1, 0, 1, 1)
        self.body.setSpacing(0)
        head = QWidget()
        head.setFixedHeight(TITLE_HEIGHT + 12)
        row = QHBoxLayout(head)
        row.setContentsMargins(20, 0, 12, 0)
        row.setSpacing(context.theme.px("touch", "gap"))
        row.addWidget(Label(context, self.tr("Event log"), "h2"))
        row.addStretch(1)
        options: tuple[tuple[object, str], ...] = (
            (None, self.tr("All")),
            (EventKind.CONNECTION, self.tr("Connections")),
            (EventKind.COMMAND, self.tr("Commands")),
            (EventKind.DATABASE, self.tr("Database")),
            (EventKind.SYSTEM, self.tr("System")),
        )
        self.filters = Segmented(context, options, None, self.tr("Show"))
        self.filters.chosen.connect(self._on_kind)
        self.filters.setMaximumWidth(560)
        row.addWidget(self.filters, 2)
        self.export_button = Button(context, self.tr("Export"), icon="upload")
        self.export_button.setToolTip(self.tr("Writes the events shown as CSV into the data folder"))
        self.export_button.clicked.connect(self.export)
        row.addWidget(self.export_button)
        self.body.addWidget(head)
        self.body.addWidget(rule())
        self.body.addWidget(self.table, 1)
        self._empty = Label(context, "", "body", "text2")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.body.addWidget(self._empty, 1)
        self.body.addLayout(self._footer())

    def _footer(self) -> QHBoxLayout:
        self._note = Label(self._context, "", "label", "text2")
        self.older = Button(self._context, self.tr("Older events"), "link", "history")
        self.older.clicked.connect(self.load_older)
        foot = QHBoxLayout()
        foot.setContentsMargins(20, 0, 8, 0)
        foot.addWidget(self._note, 1)
        foot.addWidget(self.older)
        return foot

    def _on_kind(self, kind: EventKind | None) -> None:
        self.model.choose_kind(kind)
        self.table.scrollToTop()
        self._update_note()

    def _on_older(self, events: list[Event]) -> None:
        self._query = None
        self.older.setEnabled(bool(events))
        self.model.add_older(events)
        self._update_note()
        if not events:
            self._note.setText(self.tr("Nothing older was recorded"))

    def _on_failed(self, error: EngineError) -> None:
        self._query = None
        self.older.setEnabled(True)
        self._note.setText(str(error))

    def _update_note(self) -> None:
        count = len(self.model.shown)
        oldest_us = self.model.shown[-1].time_us if count else None
        self.table.setVisible(count > 0)
        self._empty.setVisible(count == 0)
        self._empty.setText(self.tr("No such event since the start. Older ones are in the history."))
        if oldest_us is None:
            self._note.setText("")
        else:
            since = format_minute(oldest_us, self._context.zone)
            words = self.tr("{0} event since {1}") if count == 1 else self.tr("{0} events since {1}")
            self._note.setText(words.format(format_number(count), since))
        self.export_button.setEnabled(count > 0)
