"""A table of plain words: the first column strong, the last one in two lines where it must."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.controllers_model import AnyIndex
from hmi.panel.diagnostics.table import FIRST_PAD, PAD, ColumnPlan, RowTable
from hmi.panel.painting.shapes import draw_text, wrapped_lines

_LINE = 16.0


@dataclass(frozen=True, slots=True)
class TextRow:
    """``thing`` is what the row stands for; the last cell may be a sentence."""

    cells: tuple[str, ...]
    thing: object


class TextModel(QAbstractTableModel):
    """Rows are replaced as a whole or added at the end."""

    def __init__(self, headers: Sequence[str]) -> None:
        super().__init__()
        self._headers = tuple(headers)
        self.rows: list[TextRow] = []

    def show_rows(self, rows: Sequence[TextRow]) -> None:
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def add_row(self, row: TextRow) -> None:
        self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows))
        self.rows.append(row)
        self.endInsertRows()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._headers)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headers[section]
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        cells = self.rows[index.row()].cells
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            return ", ".join(cell for cell in cells if cell)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return cells[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return cells[-1] or None
        return None


class TextTable(RowTable):
    """``row_chosen`` carries the number of the row; ``thing`` tells what it stands for.

    ``accepted`` is Enter on the row that was chosen last.
    """

    accepted = Signal()

    def __init__(self, context: PanelContext, headers: Sequence[str], plan: ColumnPlan) -> None:
        self.rows = TextModel(headers)
        super().__init__(context, self.rows, plan)
        self._chosen: int | None = None
        self.row_chosen.connect(self._on_chosen)
        self.rows.modelReset.connect(self._forget)
        self._delegate = _TextDelegate(context, len(headers) - 1)
        self.setItemDelegate(self._delegate)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and self._chosen is not None and self._chosen == self.currentIndex().row():
            self.accepted.emit()
        else:
            super().keyPressEvent(event)

    def thing(self, row: int) -> object:
        return self.rows.rows[row].thing

    def _on_chosen(self, row: int) -> None:
        self._chosen = row

    def _forget(self) -> None:
        self._chosen = None


class _TextDelegate(QStyledItemDelegate):
    def __init__(self, context: PanelContext, last: int) -> None:
        super().__init__()
        self._context = context
        self._last = last

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(80, self._context.density.row)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        theme, cell, column = self._context.theme, QRectF(option.rect), index.column()
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(cell, theme.color("inkSoft"))
        painter.fillRect(QRectF(cell.left(), cell.bottom() - 1, cell.width(), 1), theme.color("hairline"))
        inner = cell.adjusted(FIRST_PAD if column == 0 else PAD, 0, -PAD, -1)
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        painter.setPen(theme.color("text" if column == 0 else "text2"))
        if column == self._last:
            self._paint_sentence(painter, inner, text)
        else:
            draw_text(painter, inner, text, theme.font("bodyStrong" if column == 0 else "body"))
        painter.restore()

    def _paint_sentence(self, painter: QPainter, rect: QRectF, text: str) -> None:
        font = self._context.theme.font("label")
        lines = wrapped_lines(text, font, rect.width(), max(1, int(rect.height() // _LINE) - 1))
        top = rect.center().y() - len(lines) * _LINE / 2
        for number, line in enumerate(lines):
            draw_text(painter, QRectF(rect.left(), top + number * _LINE, rect.width(), _LINE), line, font)
