"""Messages as they arrive, newest first, as a table model of bounded length."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import tzinfo
from enum import IntEnum
from itertools import islice
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from engine.nodes import SeenMessage
from hmi.panel.diagnostics.controllers_model import ROW_ROLE, AnyIndex
from hmi.panel.diagnostics.sizes import format_bytes
from hmi.panel.display import DASH, format_number, format_time_ms

MOST_MESSAGES = 1000
MOST_BYTES = 16_000_000


class MessageColumn(IntEnum):
    """In the order of the table."""

    TIME = 0
    TOPIC = 1
    SIZE = 2
    SEQ = 3
    METRICS = 4


class MessagesModel(QAbstractTableModel):
    """Keeps at most ``MOST_MESSAGES`` and ``MOST_BYTES`` of payload; shows those whose topic passes."""

    def __init__(self, zone: tzinfo, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._kept: deque[SeenMessage] = deque()
        self._shown: list[SeenMessage] = []
        self._bytes = 0
        self._text = ""
        self.last_number = 0
        self.missed = 0
        self._headers = (
            self.tr("Time"),
            self.tr("Topic"),
            self.tr("Size"),
            self.tr("seq"),
            self.tr("Metrics"),
        )

    @property
    def shown(self) -> Sequence[SeenMessage]:
        return self._shown

    @property
    def kept(self) -> int:
        return len(self._kept)

    def add(self, messages: Sequence[SeenMessage]) -> int:
        """Take messages, newest last; returns how many rows were put in at the top."""
        fresh = [message for message in messages if message.number > self.last_number]
        if not fresh:
            return 0
        if self.last_number:
            self.missed += max(0, fresh[0].number - self.last_number - 1)
        self.last_number = fresh[-1].number
        for message in fresh:
            self._kept.appendleft(message)
            self._bytes += len(message.payload)
        passing = [message for message in reversed(fresh) if self._passes(message)]
        if passing:
            self.beginInsertRows(QModelIndex(), 0, len(passing) - 1)
            self._shown[:0] = passing
            self.endInsertRows()
        self._drop_oldest()
        return len(passing)

    def skip_to(self, number: int) -> None:
        """What came meanwhile is not wanted and not missed."""
        self.last_number = max(self.last_number, number)

    def clear(self) -> None:
        self.beginResetModel()
        self._kept.clear()
        self._shown.clear()
        self._bytes = self.missed = 0
        self.endResetModel()

    def filter_topics(self, text: str) -> None:
        """Show what has every word of the text in its topic."""
        self.beginResetModel()
        self._text = text.casefold()
        self._shown = [message for message in self._kept if self._passes(message)]
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(MessageColumn)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headers[section]
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        message, column = self._shown[index.row()], MessageColumn(index.column())
        if role == ROW_ROLE:
            return message
        if role == Qt.ItemDataRole.DisplayRole:
            return _TEXTS[column](message, self._zone)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            text = _TEXTS[column](message, self._zone)
            return f"{text}, {message.topic}, {message.error}" if column is MessageColumn.TIME else text
        if role == Qt.ItemDataRole.ToolTipRole:
            return message.error or message.topic
        return None

    def _passes(self, message: SeenMessage) -> bool:
        topic = message.topic.casefold()
        return all(word in topic for word in self._text.split())

    def _drop_oldest(self) -> None:
        dropped = 0
        while len(self._kept) > MOST_MESSAGES or (self._bytes > MOST_BYTES and len(self._kept) > 1):
            self._bytes -= len(self._kept.pop().payload)
            dropped += 1
        if not dropped:
            return
        oldest = self._kept[-1].number
        end = len(self._shown)
        gone = len(list(islice((m for m in reversed(self._shown) if m.number < oldest), dropped)))
        if gone:
            self.beginRemoveRows(QModelIndex(), end - gone, end - 1)
            del self._shown[end - gone :]
            self.endRemoveRows()


def _size_text(size: int) -> str:
    return f"{size} B" if size < 1000 else format_bytes(size)


_TEXTS: dict[MessageColumn, Callable[[SeenMessage, tzinfo], str]] = {
    MessageColumn.TIME: lambda message, zone: format_time_ms(message.time_us, zone),
    MessageColumn.TOPIC: lambda message, _zone: message.topic,
    MessageColumn.SIZE: lambda message, _zone: _size_text(message.size),
    MessageColumn.SEQ: lambda message, _zone: DASH if message.seq is None else str(message.seq),
    MessageColumn.METRICS: lambda message, _zone: format_number(message.metrics),
}
