"""The controllers as a table model: refreshed in place, never rebuilt."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.connections import ConnectionStatus
from hmi.panel.diagnostics.controller_row import ControllerRow, LatencyTrace, spoken_row, urgency
from hmi.panel.display import format_number

ROW_ROLE = Qt.ItemDataRole.UserRole
AnyIndex = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """In the order of the table."""

    CONNECTION = 0
    CONTROLLER = 1
    ADDRESS = 2
    STATE = 3
    SCAN = 4
    LATENCY = 5
    RETRIES = 6
    TIMEOUTS = 7
    CIRCUIT = 8
    TAGS = 9


class ControllersModel(QAbstractTableModel):
    """Rows are sorted, worst first. ``update_statuses`` is called once a second."""

    def __init__(self, names: dict[str, str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names = names
        self._rows: list[ControllerRow] = []
        self._traces: dict[str, LatencyTrace] = {}
        self._headers = (
            self.tr("Connection"),
            self.tr("Controller"),
            self.tr("Address"),
            self.tr("State"),
            self.tr("Scan, ms"),
            self.tr("Latency p95, ms"),
            self.tr("Retries /h"),
            self.tr("Timeouts /h"),
            self.tr("Circuit"),
            self.tr("Tags good"),
        )

    @property
    def rows(self) -> Sequence[ControllerRow]:
        return self._rows

    def update_statuses(self, statuses: Sequence[ConnectionStatus], now_us: int, *, tick: bool) -> None:
        """Take the newest statuses; ``tick`` adds a point to the latency curves."""
        rows = sorted((self._row(status, now_us, tick=tick) for status in statuses), key=urgency)
        old_ids = [row.status.connection for row in self._rows]
        new_ids = [row.status.connection for row in rows]
        if sorted(old_ids) != sorted(new_ids):
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        elif old_ids != new_ids:
            self._reorder(rows, old_ids, new_ids)
        else:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(Column) - 1))

    def row_of(self, connection: str) -> int | None:
        ids = [row.status.connection for row in self._rows]
        return ids.index(connection) if connection in ids else None

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headers[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, Column(index.column()))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            first = index.column() == Column.CONNECTION
            return spoken_row(row) if first else self._text(row, Column(index.column()))
        if role == Qt.ItemDataRole.ToolTipRole and row.status.cause:
            return row.status.cause
        return None

    def _row(self, status: ConnectionStatus, now_us: int, *, tick: bool) -> ControllerRow:
        trace = self._traces.setdefault(status.connection, LatencyTrace())
        if tick:
            trace.add(status)
        name = self._names.get(status.connection) or status.connection
        return ControllerRow(status, name, now_us, trace.points())

    def _reorder(self, rows: list[ControllerRow], old_ids: list[str], new_ids: list[str]) -> None:
        """Move rows without losing what is selected."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        places = {connection: number for number, connection in enumerate(new_ids)}
        after = [self.index(places[old_ids[index.row()]], index.column()) for index in before]
        self._rows = rows
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _text(self, row: ControllerRow, column: Column) -> str:
        if column is Column.SCAN and row.live:
            return self.tr("{0} of {1}").format(row.scan_text, format_number(row.status.scan_ms))
        return _TEXTS[column](row)


_TEXTS: dict[Column, Callable[[ControllerRow], str]] = {
    Column.CONNECTION: lambda row: row.name,
    Column.CONTROLLER: lambda row: row.status.family or row.status.type,
    Column.ADDRESS: lambda row: row.status.address,
    Column.STATE: lambda row: row.state_text,
    Column.SCAN: lambda row: row.scan_text,
    Column.LATENCY: lambda row: row.latency_text,
    Column.RETRIES: lambda row: format_number(row.status.retries_per_hour),
    Column.TIMEOUTS: lambda row: format_number(row.status.timeouts_per_hour),
    Column.CIRCUIT: lambda row: row.circuit_text,
    Column.TAGS: lambda row: row.tags_text,
}
