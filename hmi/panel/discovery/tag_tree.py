"""The tree of tags on the screen: boxes to touch, branches that open, lines to look at."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.table import ColumnPlan, RowHeader
from hmi.panel.discovery.tag_item import TagItem
from hmi.panel.discovery.tag_model import AnyIndex, TagModel
from hmi.panel.discovery.tag_painter import TagLine, TagPainter, box_zone
from hmi.panel.discovery.tag_text import TagColumn, cell_text

_PLAN = ColumnPlan(
    (236, 92, 132, 60, 120, 96),
    drop=(TagColumn.DESCRIPTION, TagColumn.ACCESS, TagColumn.ADDRESS),
    stretch=(TagColumn.NAME, TagColumn.ADDRESS, TagColumn.DESCRIPTION),
)


class TagTree(QTreeView):
    """A touch on a box, or Space, chooses; ``accepted`` is Enter; the selection is what one looks at."""

    accepted = Signal()
    looked_at = Signal()
    """Other lines are selected."""

    def __init__(self, context: PanelContext, model: TagModel) -> None:
        super().__init__()
        self._context = context
        self._tags = model
        self._painter = TagPainter(context, self)
        self._row_height = context.density.row
        self._height = _Height(self)
        self.setItemDelegate(self._height)
        self.setModel(model)
        self.setHeader(RowHeader(context, right=(TagColumn.VALUE,)))
        self.setUniformRowHeights(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setExpandsOnDoubleClick(False)
        self.setAllColumnsShowFocus(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.selectionModel().selectionChanged.connect(lambda *_: self.looked_at.emit())
        context.theme_changed.connect(self.viewport().update)

    @property
    def row_height(self) -> int:
        return self._row_height

    def set_row_height(self, height: int) -> None:
        if height != self._row_height:
            self._row_height = height
            self.verticalScrollBar().setSingleStep(height)
            self.scheduleDelayedItemsLayout()

    def visible_items(self) -> list[TagItem]:
        """The lines that are on the screen now, from the top."""
        found: list[TagItem] = []
        index = self.indexAt(QPoint(1, 1))
        while index.isValid() and self.visualRect(index).top() < self.viewport().height():
            found.append(self._tags.item(index))
            index = self.indexBelow(index)
        return found

    def selected_items(self) -> list[TagItem]:
        return [self._tags.item(index) for index in self.selectionModel().selectedRows()]

    def open_items(self) -> set[int]:
        """The numbers of the branches that are open."""
        return {
            item.number
            for item in self._tags.root.descendants()
            if item.children and self.isExpanded(self._tags.index_of(item))
        }

    def show_open(self, items: list[TagItem]) -> None:
        """Open these, the upper ones first."""
        self.scheduleDelayedItemsLayout()  # once for all of them, not after each
        for item in items:
            index = self._tags.index_of(item)
            self._tags.fetchMore(index)
            self.expand(index)

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        item, place, header = self._tags.item(index), QRectF(option.rect), self.header()
        cells = {
            column: QRectF(
                self.columnViewportPosition(column), place.top(), self.columnWidth(column), place.height()
            )
            for column in TagColumn
            if not header.isSectionHidden(column)
        }
        texts = {column: cell_text(item, column) for column in cells}
        selected = self.selectionModel().isSelected(index)
        whole = QRectF(0, place.top(), self.viewport().width(), place.height())
        self._painter.paint(painter, whole, TagLine(item, cells, texts, selected, self.isExpanded(index)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Chevron and box act when they are let go; the rest of the line is selected."""
        if event.button() is Qt.MouseButton.LeftButton and self._zone(event.position().toPoint()):
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        index, zone = self.indexAt(at), self._zone(at)
        if event.button() is Qt.MouseButton.LeftButton and index.isValid():
            item = self._tags.item(index)
            if zone == "box":
                self._toggle(item)
                return
            if zone == "chevron" or item.folder:
                self.setExpanded(index, not self.isExpanded(index))
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two touches are two touches."""
        self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.currentIndex()
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accepted.emit()
        elif key == Qt.Key.Key_Space and current.isValid():
            self._toggle(self._tags.item(current))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        widths = _PLAN.fit(self.viewport().width())
        for column in TagColumn:
            self.setColumnHidden(column, column not in widths)
            if column in widths:
                self.setColumnWidth(column, widths[column])

    def _toggle(self, item: TagItem) -> None:
        """Choose; what was chosen alone is what one wants to look at."""
        self._tags.toggle(item)
        if item.node.selectable and not self.selectionModel().isSelected(self._tags.index_of(item)):
            self.setCurrentIndex(self._tags.index_of(item))

    def _zone(self, at: QPoint) -> str:
        """What of the line is touched there: chevron, box, or nothing of the kind."""
        index = self.indexAt(at)
        if not index.isValid():
            return ""
        item = self._tags.item(index)
        left, right = box_zone(item)
        if at.x() < left:
            return "chevron" if item.expandable else ""
        return "box" if at.x() < right and (item.folder or item.node.selectable) else ""


class _Height(QStyledItemDelegate):
    """Says how high a line is; the tree paints its lines itself."""

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        tree = self.parent()
        assert isinstance(tree, TagTree)
        return QSize(80, tree.row_height)
