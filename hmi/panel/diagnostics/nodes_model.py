"""The Sparkplug tree as a Qt model: changed in place where something came or went, never rebuilt."""

from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from enum import IntEnum
from itertools import count
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.nodes import MetricView, NodeState, NodeView
from hmi.panel.diagnostics.controllers_model import ROW_ROLE
from hmi.panel.diagnostics.node_item import (
    ALL,
    BLOCK,
    Item,
    Kind,
    NodeRef,
    Wanted,
    by_group,
    wanted_devices,
    wanted_nodes,
)
from hmi.panel.diagnostics.node_text import item_age, item_count, item_state, spoken_item

AnyIndex = QModelIndex | QPersistentModelIndex


class NodeColumn(IntEnum):
    """In the order of the tree."""

    NAME = 0
    STATE = 1
    BD_SEQ = 2
    SEQ = 3
    METRICS = 4
    AGE = 5


class NodesModel(QAbstractItemModel):
    """``update_nodes`` takes the newest views; metrics come with ``update_metrics`` once somebody looks."""

    def __init__(self, zone: tzinfo, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._numbers = count(1)
        self.root = Item(NodeRef(""), None, 0)
        self._items: dict[int, Item] = {0: self.root}
        self._nodes: Sequence[NodeView] = ()
        self.wanted: Wanted = ALL
        self.now_us = 0
        self.lost = False
        """No broker: everything is as it was when the broker was lost."""
        self._headers = (
            self.tr("Node, device, metric"),
            self.tr("State"),
            self.tr("bdSeq"),
            self.tr("seq"),
            self.tr("Metrics"),
            self.tr("Last data"),
        )

    @property
    def nodes(self) -> Sequence[NodeView]:
        return self._nodes

    def update_nodes(self, nodes: Sequence[NodeView], now_us: int) -> None:
        """Put in what is new, take out what is gone, keep everything else; tells nobody of figures."""
        self._nodes, self.now_us = nodes, now_us
        groups = by_group(nodes)
        shown = by_group(wanted_nodes(nodes, self.wanted))
        self._sync(self.root, [NodeRef(name) for name in shown])
        for group in self.root.children:
            online = sum(node.state is NodeState.ONLINE for node in groups[group.name])
            group.group_nodes = (online, len(groups[group.name]))
            self._sync(group, [NodeRef(node.group, node.id) for node in shown[group.name]])
            for item, node in zip(group.children, shown[group.name], strict=True):
                self._update_node(item, node)

    def choose(self, wanted: Wanted) -> None:
        """Show only what passes; metrics found by the filter hang below their owners at once."""
        self.wanted = wanted
        for item in self._owners():
            item.metrics = None
        self.update_nodes(self._nodes, self.now_us)
        for item in self._owners():
            self._set_metric_count(item, 0)
            found = wanted.metrics.get(item.ref)
            if found:
                self.update_metrics(item, found)

    def update_metrics(self, owner: Item, metrics: Sequence[MetricView]) -> None:
        """The newest views of one owner's metrics; rows change only if the names did."""
        before = owner.metrics
        owner.metrics, owner.reading = list(metrics), False
        in_tree = owner.metric_items
        kept = before is not None and all(
            number < len(metrics) and item.name == metrics[number].name for number, item in enumerate(in_tree)
        )
        if not kept:
            self._set_metric_count(owner, 0)
            in_tree = []
        for item, metric in zip(in_tree, metrics, strict=False):
            item.metric = metric
        if not in_tree:
            self.load_more(owner)

    def load_more(self, owner: Item) -> bool:
        """Put the next block of metrics into the tree; False if all are in it."""
        if owner.metrics is None:
            return False
        there = len(owner.metric_items)
        if there >= len(owner.metrics):
            return False
        self._set_metric_count(owner, min(len(owner.metrics), there + BLOCK))
        return True

    def item(self, index: AnyIndex) -> Item:
        """The root for an index that is nowhere."""
        return self._items[int(index.internalId())] if index.isValid() else self.root

    def index_of(self, item: Item, column: int = 0) -> QModelIndex:
        if item is self.root:
            return QModelIndex()
        return self.createIndex(item.row, column, item.number)

    def find(self, ref: NodeRef) -> Item | None:
        """The item of a place, None if it is not in the tree now."""
        item: Item | None = self.root
        for depth in range(len(ref)):
            if not ref[depth]:
                continue
            wanted = NodeRef(*ref[: depth + 1])
            item = next((child for child in item.children if child.ref == wanted), None) if item else None
        return item

    def touch(self, items: Sequence[Item]) -> None:
        """Tell views that the figures of these lines may be others."""
        for item in items:
            first, last = self.index_of(item), self.index_of(item, len(NodeColumn) - 1)
            self.dataChanged.emit(first, last)

    def index(self, row: int, column: int, parent: AnyIndex = QModelIndex()) -> QModelIndex:  # noqa: B008
        children = self.item(parent).children
        if not 0 <= row < len(children) or not 0 <= column < len(NodeColumn):
            return QModelIndex()
        return self.createIndex(row, column, children[row].number)

    def parent(self, index: AnyIndex) -> QModelIndex:  # type: ignore[override]
        above = self.item(index).parent if index.isValid() else None
        return QModelIndex() if above is None else self.index_of(above)

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() and parent.column() else len(self.item(parent).children)

    def hasChildren(self, parent: AnyIndex = QModelIndex()) -> bool:  # noqa: B008
        item = self.item(parent)
        return bool(item.children) if item is self.root else item.expandable

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return len(NodeColumn)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headers[section]
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item, column = self.item(index), NodeColumn(index.column())
        if role == ROW_ROLE:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(item, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            first = column is NodeColumn.NAME
            return spoken_item(item, self.now_us, self._zone) if first else self.text(item, column)
        if role == Qt.ItemDataRole.ToolTipRole and item.node is not None and item.device is None:
            return item.node.note or item.node.last_error or None
        return None

    def text(self, item: Item, column: NodeColumn) -> str:
        if self.lost and item.kind is Kind.GROUP and column is NodeColumn.STATE:
            return self.tr("Not known now")
        return _TEXTS[column](item, self.now_us, self._zone)

    def _update_node(self, item: Item, node: NodeView) -> None:
        devices = wanted_devices(node, self.wanted)
        item.node = node
        self._sync(item, [NodeRef(node.group, node.id, device.id) for device in devices])
        for child, device in zip(item.structure, devices, strict=True):
            child.node, child.device = node, device
            for metric in child.children:
                metric.node, metric.device = node, device
        for metric in item.metric_items:
            metric.node = node

    def _owners(self) -> Iterator[Item]:
        for group in self.root.children:
            for node in group.children:
                yield node
                yield from node.structure

    def _sync(self, parent: Item, refs: Sequence[NodeRef]) -> None:
        """Make the children that are no metrics those of ``refs``, in that order."""
        there = [child.ref for child in parent.structure]
        if there == list(refs):
            return
        keep = set(refs)
        for row in reversed(range(len(there))):
            if there[row] not in keep:
                self._remove(parent, row, row + 1)
        for row, ref in enumerate(refs):
            structure = parent.structure
            if row < len(structure) and structure[row].ref == ref:
                continue
            old = next((child.row for child in structure[row:] if child.ref == ref), None)
            if old is not None:  # it stands further down: the order is another one
                self._remove(parent, old, old + 1)
            self._insert(parent, row, [ref])

    def _set_metric_count(self, owner: Item, wanted: int) -> None:
        first = len(owner.structure)
        there = len(owner.children) - first
        if there > wanted:
            self._remove(owner, first + wanted, first + there)
        elif there < wanted and owner.metrics is not None:
            fresh = owner.metrics[there:wanted]
            self._insert(owner, first + there, [owner.ref._replace(metric=m.name) for m in fresh])
            for item, metric in zip(owner.children[first + there :], fresh, strict=True):
                item.metric, item.node, item.device = metric, owner.node, owner.device

    def _insert(self, parent: Item, row: int, refs: Sequence[NodeRef]) -> None:
        self.beginInsertRows(self.index_of(parent), row, row + len(refs) - 1)
        fresh = [Item(ref, parent, next(self._numbers)) for ref in refs]
        self._items.update((item.number, item) for item in fresh)
        parent.children[row:row] = fresh
        _renumber(parent, row)
        self.endInsertRows()

    def _remove(self, parent: Item, first: int, end: int) -> None:
        self.beginRemoveRows(self.index_of(parent), first, end - 1)
        gone = parent.children[first:end]
        del parent.children[first:end]
        _renumber(parent, first)
        self.endRemoveRows()
        for item in gone:
            self._forget(item)

    def _forget(self, item: Item) -> None:
        for child in item.children:
            self._forget(child)
        self._items.pop(item.number, None)


def _renumber(parent: Item, first: int) -> None:
    for row in range(first, len(parent.children)):
        parent.children[row].row = row


def _bd_seq(item: Item, _now_us: int, _zone: tzinfo) -> str:
    known = item.kind is Kind.NODE and item.node is not None and item.node.bd_seq is not None
    return str(item.node.bd_seq) if known and item.node is not None else ""


def _seq(item: Item, _now_us: int, _zone: tzinfo) -> str:
    known = item.kind is Kind.NODE and item.node is not None and item.node.seq is not None
    return str(item.node.seq) if known and item.node is not None else ""


_TEXTS: dict[NodeColumn, Callable[[Item, int, tzinfo], str]] = {
    NodeColumn.NAME: lambda item, _now, _zone: item.name,
    NodeColumn.STATE: item_state,
    NodeColumn.BD_SEQ: _bd_seq,
    NodeColumn.SEQ: _seq,
    NodeColumn.METRICS: lambda item, _now, _zone: item_count(item),
    NodeColumn.AGE: lambda item, now_us, _zone: item_age(item, now_us),
}
