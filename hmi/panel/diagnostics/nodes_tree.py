"""The Sparkplug tree on the screen: whole lines to touch, metrics read when somebody opens their owner."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.node_item import Item, Kind, NodeRef
from hmi.panel.diagnostics.node_painter import Line, NodePainter, chevron_zone
from hmi.panel.diagnostics.nodes_model import AnyIndex, NodeColumn, NodesModel
from hmi.panel.diagnostics.table import ColumnPlan, RowHeader

_PLAN = ColumnPlan(
    (190, 144, 48, 38, 64, 68), drop=(NodeColumn.SEQ, NodeColumn.BD_SEQ), stretch=(NodeColumn.NAME,)
)
_RIGHT = frozenset((NodeColumn.BD_SEQ, NodeColumn.SEQ, NodeColumn.METRICS, NodeColumn.AGE))


class NodesTree(QTreeView):
    """``row_chosen`` is a touch, a click or Enter; ``opened`` asks for the metrics of an item."""

    row_chosen = Signal(object)
    opened = Signal(object)

    def __init__(self, context: PanelContext, model: NodesModel) -> None:
        super().__init__()
        self._context = context
        self._nodes = model
        self._painter = NodePainter(context)
        self._row_height = context.density.row
        self._height = _Height(self)
        self.setItemDelegate(self._height)
        self.setModel(model)
        self.setHeader(RowHeader(context, right=_RIGHT))
        self.setUniformRowHeights(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setExpandsOnDoubleClick(False)
        self.setAllColumnsShowFocus(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.expanded.connect(lambda index: self.opened.emit(self._nodes.item(index)))
        self.verticalScrollBar().valueChanged.connect(lambda _: self.load_below())
        context.theme_changed.connect(self.viewport().update)

    @property
    def row_height(self) -> int:
        return self._row_height

    def set_row_height(self, height: int) -> None:
        if height != self._row_height:
            self._row_height = height
            self.verticalScrollBar().setSingleStep(height)
            self.scheduleDelayedItemsLayout()

    def visible_items(self) -> list[Item]:
        """The lines that are on the screen now, from the top."""
        found: list[Item] = []
        index = self.indexAt(QPoint(1, 1))
        while index.isValid() and self.visualRect(index).top() < self.viewport().height():
            found.append(self._nodes.item(index))
            index = self.indexBelow(index)
        return found

    def load_below(self) -> None:
        """Put more metrics into the tree where the end of those in it comes into sight."""
        last: dict[NodeRef, Item] = {}
        for item in self.visible_items():
            if item.kind is Kind.METRIC:
                last[item.ref.owner] = item
        screen = self.viewport().height() / self._row_height
        for item in last.values():
            owner = item.parent
            if owner is not None and len(owner.children) - item.row < 2 * screen:
                self._nodes.load_more(owner)

    def expanded_refs(self) -> set[NodeRef]:
        found: set[NodeRef] = set()
        for group in self._nodes.root.children:
            for item in (group, *group.children, *(d for node in group.children for d in node.structure)):
                if self.isExpanded(self._nodes.index_of(item)):
                    found.add(item.ref)
        return found

    def show_expanded(self, refs: set[NodeRef]) -> None:
        """Open these, the upper ones first."""
        for ref in sorted(refs, key=lambda ref: ref.kind):
            item = self._nodes.find(ref)
            if item is not None:
                self.expand(self._nodes.index_of(item))

    def toggle(self, item: Item) -> None:
        index = self._nodes.index_of(item)
        self.setExpanded(index, not self.isExpanded(index))

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        item = self._nodes.item(index)
        place = QRectF(option.rect)
        header = self.header()
        cells = {
            column: QRectF(
                self.columnViewportPosition(column), place.top(), self.columnWidth(column), place.height()
            )
            for column in NodeColumn
            if not header.isSectionHidden(column)
        }
        texts = {column: self._nodes.text(item, column) for column in cells}
        chosen = self.selectionModel().isSelected(index)
        old = item.dead or (self._nodes.lost and item.node is not None)
        whole = QRectF(0, place.top(), self.viewport().width(), place.height())
        self._painter.paint(painter, whole, Line(item, cells, texts, chosen, self.isExpanded(index), old))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The chevron opens and closes, the rest of the line is a choice."""
        if event.button() is Qt.MouseButton.LeftButton and self._on_chevron(event.position().toPoint()):
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        index = self.indexAt(at)
        if event.button() is not Qt.MouseButton.LeftButton or not index.isValid():
            super().mouseReleaseEvent(event)
            return
        item = self._nodes.item(index)
        if self._on_chevron(at) or item.kind is Kind.GROUP:
            self.toggle(item)
        elif index.siblingAtColumn(0) == self.currentIndex().siblingAtColumn(0):
            self.row_chosen.emit(item)
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            item = self._nodes.item(current)
            if item.kind is Kind.GROUP:
                self.toggle(item)
            else:
                self.row_chosen.emit(item)
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        widths = _PLAN.fit(self.viewport().width())
        for column in NodeColumn:
            self.setColumnHidden(column, column not in widths)
            if column in widths:
                self.setColumnWidth(column, widths[column])
        self.load_below()

    def _on_chevron(self, at: QPoint) -> bool:
        index = self.indexAt(at)
        if not index.isValid():
            return False
        item = self._nodes.item(index)
        return item.expandable and at.x() < chevron_zone(item)


class _Height(QStyledItemDelegate):
    """Says how high a line is; the tree paints its lines itself."""

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        tree = self.parent()
        assert isinstance(tree, NodesTree)
        return QSize(80, tree.row_height)
