"""All controllers in one table, the worst first."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from engine.connections import ConnectionState, ConnectionStatus
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.controller_delegate import ControllerDelegate
from hmi.panel.diagnostics.controllers_model import Column, ControllersModel
from hmi.panel.diagnostics.table import HEADER_HEIGHT, ColumnPlan, RowTable
from hmi.panel.display import format_number
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.label import Label
from hmi.panel.widgets.states import Empty

TITLE_HEIGHT = 60
_SMOOTHING = 0.3
_EMPTY_HEIGHT = 340
_WIDTHS = (112, 104, 150, 142, 160, 120, 78, 90, 138, 88)
_DROP = (Column.CONTROLLER, Column.TIMEOUTS, Column.RETRIES, Column.ADDRESS, Column.LATENCY, Column.SCAN)
_STRETCH = (Column.CONNECTION, Column.STATE, Column.SCAN, Column.LATENCY)


class ControllersCard(Card):
    """Tells which row was chosen; follows the engine only while it is shown."""

    chosen = Signal(str)

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent=parent)
        self._context = context
        self.setAccessibleName(self.tr("Controllers"))
        names = {c.id: c.name or c.id for c in context.config.plc_connections}
        self.model = ControllersModel(names, self)
        self.table = RowTable(context, self.model, ColumnPlan(_WIDTHS, _DROP, _STRETCH))
        self.table.setAccessibleName(self.tr("Controllers"))
        self._delegate = ControllerDelegate(context, self.table)
        self.table.setItemDelegate(self._delegate)
        self.table.row_chosen.connect(self._on_row)
        self._totals = Label(context, "", "label", "text2")
        self._reads: tuple[int, int] | None = None
        self._rate: float | None = None
        self._states: list[tuple[str, ConnectionState]] = []
        self._lay_out()
        context.bridge.second.connect(self.on_second)
        context.bridge.connections_changed.connect(self.on_connections_changed)
        self.refresh(tick=True)

    def height_for_rows(self, most: int) -> int:
        """How high the card is with all its rows, or with ``most`` if there are more."""
        if not self.model.rowCount():
            return _EMPTY_HEIGHT
        rows = min(most, self.model.rowCount())
        return TITLE_HEIGHT + HEADER_HEIGHT + rows * self.table.row_height + 4

    def clear_choice(self) -> None:
        self.table.clearSelection()

    @Slot()
    def on_second(self) -> None:
        """The latency curves go on even while nobody looks."""
        self.refresh(tick=True)

    @Slot()
    def on_connections_changed(self) -> None:
        """A change of state is shown at once, figures once a second."""
        states = [(s.connection, s.state) for s in self._context.engine.connections()]
        if states != self._states:
            self.refresh(tick=False)

    def refresh(self, *, tick: bool) -> None:
        statuses = self._context.engine.connections()
        self._states = [(s.connection, s.state) for s in statuses]
        self.model.update_statuses(statuses, self._context.engine.clock.utc_us(), tick=tick)
        self._update_totals(statuses, tick=tick)
        self._pages.setCurrentIndex(0 if statuses else 1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh(tick=False)

    def _lay_out(self) -> None:
        self.body.setContentsMargins(1, 0, 1, 2)
        self.body.setSpacing(0)
        head = QWidget()
        head.setFixedHeight(TITLE_HEIGHT)
        row = QHBoxLayout(head)
        row.setContentsMargins(20, 0, 8, 0)
        row.setSpacing(16)
        row.addWidget(Label(self._context, self.tr("Controllers"), "h2"))
        row.addStretch(1)
        row.addWidget(self._totals, 0, Qt.AlignmentFlag.AlignVCenter)
        self.add_button = Button(self._context, self.tr("Add controller or tags"), icon="plus")
        self.add_button.clicked.connect(lambda: self._context.navigate.emit("discovery", ""))
        row.addWidget(self.add_button)
        self.body.addWidget(head)
        empty = Empty(
            self._context,
            self.tr("No controllers"),
            self.tr("The plant file has no connection to a controller."),
            self.tr("Add controller or tags"),
            lambda: self._context.navigate.emit("discovery", ""),
        )
        self._pages = QStackedLayout()
        self._pages.addWidget(self.table)
        self._pages.addWidget(empty)
        holder = QVBoxLayout()
        holder.addLayout(self._pages)
        self.body.addLayout(holder, 1)

    def _update_totals(self, statuses: list[ConnectionStatus], *, tick: bool) -> None:
        used = [s for s in statuses if s.state is not ConnectionState.DISABLED]
        connected = sum(s.state is ConnectionState.CONNECTED for s in used)
        good, total = sum(s.tags_good for s in used), sum(s.tags_total for s in used)
        parts = [
            self.tr("{0} of {1} connected").format(connected, len(used)),
            self.tr("{0} of {1} tags good").format(format_number(good), format_number(total)),
        ]
        rate = self._reads_per_s(statuses, tick=tick)
        if rate is not None:
            parts.append(self.tr("{0} reads/s").format(format_number(rate)))
        self._totals.setText("      ".join(parts))
        self._totals.setVisible(bool(statuses))

    def _reads_per_s(self, statuses: list[ConnectionStatus], *, tick: bool) -> float | None:
        """Values read in a second: the scans since the last look times the tags of each scan."""
        if not tick:
            return self._rate
        now_us = self._context.engine.clock.utc_us()
        reads = sum(s.reads * s.tags_total for s in statuses)
        before, self._reads = self._reads, (now_us, reads)
        if before is None or now_us <= before[0] or reads < before[1]:
            self._rate = None
        else:
            measured = (reads - before[1]) / ((now_us - before[0]) / 1e6)
            old = measured if self._rate is None else self._rate
            self._rate = old + _SMOOTHING * (measured - old)
        return self._rate

    def _on_row(self, number: int) -> None:
        self.chosen.emit(self.model.rows[number].status.connection)
