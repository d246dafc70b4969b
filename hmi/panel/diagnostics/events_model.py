"""The event log as a table model: new events are put in at the top, older ones at the bottom."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from engine.events import Event, EventKind, Severity
from hmi.panel.diagnostics.controllers_model import ROW_ROLE, AnyIndex
from hmi.panel.diagnostics.event_list import EventList
from hmi.panel.display import format_time_ms


class EventColumn(IntEnum):
    """In the order of the table."""

    TIME = 0
    SEVERITY = 1
    SOURCE = 2
    TEXT = 3


class EventsModel(QAbstractTableModel):
    """``names`` are the names people use for connections, by id."""

    def __init__(self, names: dict[str, str], zone: tzinfo, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names, self._zone = names, zone
        self._list = EventList()
        self._shown: list[Event] = []
        self._severities = {
            Severity.INFO: self.tr("Information"),
            Severity.WARNING: self.tr("Warning"),
            Severity.ERROR: self.tr("Error"),
        }
        self._headers = (self.tr("Time"), self.tr("Severity"), self.tr("Source"), self.tr("What happened"))

    @property
    def shown(self) -> Sequence[Event]:
        return self._shown

    @property
    def oldest_us(self) -> int | None:
        return self._list.oldest_us

    def choose_kind(self, kind: EventKind | None) -> None:
        self.beginResetModel()
        self._list.kind = kind
        self._shown = self._list.shown()
        self.endResetModel()

    def add_newest(self, newest: Sequence[Event]) -> int:
        """Take the journal's newest events; returns how many rows were put in at the top."""
        fresh = self._list.add_newest(newest)
        if fresh:
            self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
            self._shown[:0] = fresh
            self.endInsertRows()
        return len(fresh)

    def add_older(self, older: Sequence[Event]) -> int:
        taken = self._list.add_older(older)
        if taken:
            first = len(self._shown)
            self.beginInsertRows(QModelIndex(), first, first + len(taken) - 1)
            self._shown += taken
            self.endInsertRows()
        return len(taken)

    def source_name(self, event: Event) -> str:
        """``Line 1`` for the connection line1, ``Line 1, FillLevel`` for one of its tags."""
        connection, _, tag = event.source.partition("/")
        name = self._names.get(connection)
        if name is None:
            return event.source
        return f"{name}, {tag}" if tag else name

    def time_text(self, event: Event) -> str:
        """Time of day; with its date in front once that is not today's any more."""
        local = _local(event.time_us, self._zone)
        newest = _local(self._shown[0].time_us, self._zone) if self._shown else local
        text = format_time_ms(event.time_us, self._zone)
        return text if local.date() == newest.date() else f"{local:%d %b} {text[:8]}"

    def severity_text(self, event: Event) -> str:
        return self._severities[event.severity]

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(EventColumn)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headers[section]
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        event = self._shown[index.row()]
        if role == ROW_ROLE:
            return event
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == EventColumn.TIME:
            parts = (self._text(event, column) for column in EventColumn)
            return ", ".join(parts)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(event, EventColumn(index.column()))
        return None

    def _text(self, event: Event, column: EventColumn) -> str:
        match column:
            case EventColumn.TIME:
                return self.time_text(event)
            case EventColumn.SEVERITY:
                return self.severity_text(event)
            case EventColumn.SOURCE:
                return self.source_name(event)
            case EventColumn.TEXT:
                return event.text


def _local(time_us: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(time_us // 1_000_000, UTC).astimezone(zone)
