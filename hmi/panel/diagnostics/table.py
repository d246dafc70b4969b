"""The table that controllers and events share: rows that are touched as a whole, one height for all."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from hmi.panel.context import PanelContext
from hmi.panel.painting.shapes import RIGHT, draw_text

POINTER_ROW = 40
HEADER_HEIGHT = 33
PAD = 8.0
FIRST_PAD = 20.0


class ColumnPlan:
    """Least widths of columns, which to leave out first when there is no room, which take what is left."""

    def __init__(self, widths: Sequence[int], drop: Sequence[int] = (), stretch: Sequence[int] = ()) -> None:
        self.widths, self.drop, self.stretch = tuple(widths), tuple(drop), tuple(stretch)

    def fit(self, width: int) -> dict[int, int]:
        """Column to width for those that are shown; together exactly ``width`` if there is room at all."""
        shown = dict(enumerate(self.widths))
        for column in self.drop:
            if sum(shown.values()) <= width:
                break
            del shown[column]
        spare = width - sum(shown.values())
        takers = [column for column in self.stretch if column in shown] or [max(shown)]
        for number, column in enumerate(takers):
            share = spare // len(takers) + (spare % len(takers) if number == 0 else 0)
            shown[column] = max(60, shown[column] + share)
        return shown


class RowHeader(QHeaderView):
    """Names of columns, above the text of their cells; those in ``right`` end where their cells end."""

    def __init__(self, context: PanelContext, right: Collection[int] = ()) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._context = context
        self._right = frozenset(right)
        self.setFixedHeight(HEADER_HEIGHT)
        self.setMinimumSectionSize(40)
        self.setSectionsClickable(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        context.theme_changed.connect(self.viewport().update)

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        theme = self._context.theme
        cell = QRectF(rect)
        painter.save()
        painter.fillRect(QRectF(cell.left(), cell.bottom() - 1, cell.width(), 1), theme.color("hairline"))
        painter.setPen(theme.color("text2"))
        inner = cell.adjusted(FIRST_PAD if logical == 0 else PAD, 0, 0, -1)
        text = str(self.model().headerData(logical, Qt.Orientation.Horizontal))
        if logical in self._right:
            draw_text(painter, cell.adjusted(0, 0, -PAD, -1), text, theme.font("label"), RIGHT)
        else:
            draw_text(painter, inner, text, theme.font("label"))
        painter.restore()


class RowTable(QTableView):
    """``row_chosen`` is a touch, a click or Enter on a row; arrow keys only move the selection."""

    row_chosen = Signal(int)

    def __init__(self, context: PanelContext, model: QAbstractTableModel, plan: ColumnPlan) -> None:
        super().__init__()
        self._context = context
        self._plan = plan
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHorizontalHeader(RowHeader(context))
        self.clicked.connect(self._on_clicked)
        context.theme_changed.connect(self.viewport().update)
        self.set_row_height(context.density.row)

    @property
    def row_height(self) -> int:
        return self.verticalHeader().defaultSectionSize()

    def set_row_height(self, height: int) -> None:
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            self.row_chosen.emit(current.row())
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        widths = self._plan.fit(self.viewport().width())
        for column in range(self.model().columnCount()):
            self.setColumnHidden(column, column not in widths)
            if column in widths:
                self.setColumnWidth(column, widths[column])

    def _on_clicked(self, index: QModelIndex) -> None:
        self.row_chosen.emit(index.row())
