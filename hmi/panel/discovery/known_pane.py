"""The controllers that the plant file has already."""

from engine.connections import ConnectionState
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.controller_row import state_word
from hmi.panel.diagnostics.table import ColumnPlan
from hmi.panel.discovery.pane import SourcePane
from hmi.panel.discovery.source import Source, controllers, target_of
from hmi.panel.discovery.text_table import TextRow, TextTable
from hmi.panel.display import format_number
from hmi.panel.widgets.states import Empty

_WIDTHS = (180, 120, 170, 70, 200)
_STRETCH = (0, 4)


class KnownPane(SourcePane):
    """Choosing one browses it for tags that are not in the plant file yet."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(
            context,
            self.tr("Known controllers"),
            self.tr("Choose one to add tags of it that the plant file does not have yet."),
        )
        headers = (
            self.tr("Connection"),
            self.tr("Controller"),
            self.tr("Address"),
            self.tr("Tags"),
            self.tr("State"),
        )
        self.table = TextTable(context, headers, ColumnPlan(_WIDTHS, stretch=_STRETCH))
        self.table.setAccessibleName(self.tr("Controllers of the plant file"))
        self.table.row_chosen.connect(self._on_row)
        self.table.accepted.connect(self.accepted)
        self._empty = Empty(
            context,
            self.tr("No controllers"),
            self.tr("The plant file has no connection to a controller: search the network for one."),
        )
        self.body.setContentsMargins(20, 14, 20, 2)
        self.content.addWidget(self.table, 1)
        self.content.addWidget(self._empty, 1)
        context.bridge.connections_changed.connect(self.refresh)
        self.refresh()
        self.choose(None, self.tr("Choose a controller"))

    def follow_plant(self) -> None:
        """The chosen one may lead elsewhere now, or be gone."""
        self.refresh()
        chosen = self.source.connection if self.source is not None else ""
        if any(each.id == chosen for each in controllers(self.context.config)):
            self._choose(chosen)
        elif chosen:
            self.choose(None, self.tr("Choose a controller"))

    def refresh(self) -> None:
        rows = []
        for connection in controllers(self.context.config):
            target = target_of(connection)
            cells = (
                connection.name or connection.id,
                target.family,
                f"{target.host}:{target.port}",
                format_number(len(connection.tags)),
                self._state(connection.id),
            )
            rows.append(TextRow(cells, connection.id))
        if [row.cells for row in rows] != [row.cells for row in self.table.rows.rows]:
            current = self.table.currentIndex().row()
            self.table.rows.show_rows(rows)
            if 0 <= current < len(rows):
                self.table.selectRow(current)
        self.table.setVisible(bool(rows))
        self._empty.setVisible(not rows)

    def _state(self, connection: str) -> str:
        """State, and the cause where it does not answer."""
        status = self.context.engine.connection(connection)
        if status is None:
            return ""
        lost = status.state not in (ConnectionState.CONNECTED, ConnectionState.STOPPED) and status.cause
        return f"{state_word(status)}. {status.cause}" if lost else state_word(status)

    def _on_row(self, row: int) -> None:
        self._choose(str(self.table.thing(row)))

    def _choose(self, chosen: str) -> None:
        connection = self.context.config.connection(chosen)
        self.choose(Source(connection.name or chosen, target_of(connection), chosen))
