"""The tree of tags as a Qt model: branches are made when they are opened, boxes have three states."""

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from engine.discovery import Browsed, BrowseNode, Preview
from engine.discovery_places import address_key
from hmi.panel.discovery.tag_item import Check, TagItem, matches
from hmi.panel.discovery.tag_text import TagColumn, cell_text, headers, spoken_item, tool_tip
from hmi.panel.display import format_number

AnyIndex = QModelIndex | QPersistentModelIndex
MOST_AT_ONCE = 5000
"""So many tags are chosen with one touch at most."""
MOST_LOOKED_THROUGH = 30_000
_MANY = 300
_COLUMNS = len(TagColumn)
_LINE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_FLAGS = {
    (checkable, expandable): _LINE
    | (Qt.ItemFlag.ItemIsUserCheckable if checkable else Qt.ItemFlag.NoItemFlags)
    | (Qt.ItemFlag.NoItemFlags if expandable else Qt.ItemFlag.ItemNeverHasChildren)
    for checkable in (False, True)
    for expandable in (False, True)
}
"""By whether it has a box and whether it has children; a view asks for them twice for every line."""
QT_CHECK = {
    Check.OFF: Qt.CheckState.Unchecked,
    Check.PARTLY: Qt.CheckState.PartiallyChecked,
    Check.ON: Qt.CheckState.Checked,
}


class TagModel(QAbstractItemModel):
    """``load`` takes what was browsed; choices are made with ``toggle``."""

    chosen_changed = Signal(object, object)
    """Items that were chosen just now, items that are not chosen any more."""
    refused = Signal(str)
    """A choice that was not taken, and why."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.root = TagItem(BrowseNode(""), None, 0, 0)
        self.root.children = []
        self._items: dict[int, TagItem] = {0: self.root}
        self._numbers = count(1)
        self._present: Mapping[str, str] = {}
        self._words: tuple[str, ...] = ()
        self._opening: TagItem | None = None
        self.found = 0
        """Items that have all words of the filter."""
        self.all_looked_through = True
        self._headers = headers()

    def load(self, browsed: Browsed, present: Mapping[str, str]) -> None:
        """Show these tags; ``present`` are the addresses that the plant file has, with their names."""
        self.beginResetModel()
        self._present, self._words = present, ()
        self.root = TagItem(BrowseNode("", expand=lambda: browsed.roots), None, 0, 0)
        self._items = {0: self.root}
        self._open(self.root)
        self.endResetModel()

    def mark_present(self, present: Mapping[str, str]) -> None:
        """The plant file has other tags now; nothing that it has stays chosen."""
        self.layoutAboutToBeChanged.emit()
        self._present = present
        dropped = []
        for item in self._items.values():
            item.present = self._name_of(item.node)
            if item.chosen and item.present:
                item.chosen = False
                dropped.append(item)
            item.touch()
        self.layoutChanged.emit()
        if dropped:
            self.chosen_changed.emit([], dropped)

    def chosen(self) -> list[TagItem]:
        """In the order of the tree."""
        return [item for item in self.root.descendants() if item.chosen]

    def toggle(self, item: TagItem) -> None:
        """Choose it or not; of a folder everything below it that the plant file does not have."""
        if item.folder:
            self._toggle_folder(item)
        elif item.node.selectable:
            self._choose([item], chosen=not item.chosen)
        elif item.node.reason:
            self.refused.emit(item.node.reason)

    def filter(self, text: str) -> None:
        """Show only what has all these words, with everything above it."""
        self.beginResetModel()
        for item in self._items.values():
            item.shown, item.place = None, item.row
        self._words = tuple(text.casefold().split())
        self.found, self.all_looked_through = 0, True
        if self._words:
            self._sift(self.root)
        self.endResetModel()

    def matched_parents(self) -> list[TagItem]:
        """What has to be open for everything that was found to be seen, the upper ones first."""
        return [item for item in self.root.descendants() if item.shown]

    def show_values(self, previews: Iterable[Preview]) -> None:
        """Values read just now, by their addresses and types: views of one place differ."""
        by_place = {(preview.address, preview.type): preview for preview in previews}
        for item in self._items.values():
            preview = by_place.get((item.node.address, item.node.type))
            if preview is not None and item.node.selectable and preview != item.preview:
                item.preview = preview
                first, last = self.index_of(item, TagColumn.DESCRIPTION), self.index_of(item, TagColumn.VALUE)
                self.dataChanged.emit(first, last)

    def item(self, index: AnyIndex) -> TagItem:
        """The root for an index that is nowhere."""
        return self._items[int(index.internalId())] if index.isValid() else self.root

    def index_of(self, item: TagItem, column: int = 0) -> QModelIndex:
        return QModelIndex() if item is self.root else self.createIndex(item.place, column, item.number)

    def index(self, row: int, column: int, parent: AnyIndex = QModelIndex()) -> QModelIndex:  # noqa: B008
        shown = self.item(parent).visible
        if not 0 <= row < len(shown) or not 0 <= column < _COLUMNS:
            return QModelIndex()
        return self.createIndex(row, column, shown[row].number)

    def parent(self, index: AnyIndex) -> QModelIndex:  # type: ignore[override]
        above = self.item(index).parent if index.isValid() else None
        return QModelIndex() if above is None else self.index_of(above)

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() and parent.column() else len(self.item(parent).visible)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return _COLUMNS

    def hasChildren(self, parent: AnyIndex = QModelIndex()) -> bool:  # noqa: B008
        item = self.item(parent)
        return bool(item.visible) if item.children is not None else item.expandable

    def canFetchMore(self, parent: AnyIndex) -> bool:
        item = self.item(parent)
        return item.children is None and item.expandable and item is not self._opening

    def fetchMore(self, parent: AnyIndex) -> None:
        """A branch that is opened for the first time: no I/O, but perhaps many lines."""
        item = self.item(parent)
        if not self.canFetchMore(parent):
            return
        fresh = self._make_children(item)
        self._opening = item
        if fresh:
            self.beginInsertRows(self.index_of(item), 0, len(fresh) - 1)
        item.touch()
        item.children = fresh
        if fresh:
            self.endInsertRows()
        self._opening = None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headers[section]
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        item = self.item(index)
        checkable = index.column() == 0 and (item.folder or item.node.selectable)
        return _FLAGS[checkable, item.expandable]

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item, column = self.item(index), TagColumn(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(item, column)
        if role == Qt.ItemDataRole.CheckStateRole and self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
            return QT_CHECK[item.check]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken_item(item) if column is TagColumn.NAME else cell_text(item, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tool_tip(item)
        return None

    def _toggle_folder(self, folder: TagItem) -> None:
        if folder.check is Check.ON or (folder.check is Check.PARTLY and not folder.tally().free):
            self._choose([item for item in folder.descendants() if item.chosen], chosen=False)
            return
        found = self._free_below(folder)
        if found is None:
            text = self.tr("{0} holds more than {1} tags: open it and choose from them.")
            self.refused.emit(text.format(folder.node.name, format_number(MOST_AT_ONCE)))
        elif not found:
            self.refused.emit(self.tr("Nothing in {0} can be added.").format(folder.node.name))
        else:
            self._choose([item for item in found if not item.chosen], chosen=True)

    def _free_below(self, folder: TagItem) -> list[TagItem] | None:
        """What choosing the folder takes: of those that pass the filter; None if they are too many."""
        found: list[TagItem] = []
        waiting = [folder]
        while waiting:
            item = waiting.pop()
            if item.node.selectable:
                if not item.present:
                    found.append(item)
            else:
                if item.children is None and item.expandable:
                    self.fetchMore(self.index_of(item))
                waiting.extend(reversed(item.visible))
            if len(found) > MOST_AT_ONCE or len(waiting) > MOST_LOOKED_THROUGH:
                return None
        return found

    def _choose(self, items: list[TagItem], *, chosen: bool) -> None:
        for item in items:
            item.chosen = chosen
            item.touch()
        self._repaint(items)
        self.chosen_changed.emit(*((items, []) if chosen else ([], items)))

    def _repaint(self, items: list[TagItem]) -> None:
        """The lines themselves and everything above them; of very many the whole tree at once."""
        if len(items) > _MANY:
            self.layoutAboutToBeChanged.emit()
            self.layoutChanged.emit()
            return
        touched = {item.number: item for item in items}
        for item in items:
            above = item.parent
            while above is not None and above is not self.root and above.number not in touched:
                touched[above.number] = above
                above = above.parent
        for item in touched.values():
            self.dataChanged.emit(self.index_of(item), self.index_of(item, len(TagColumn) - 1))

    def _sift(self, parent: TagItem) -> bool:
        """Keep of the children what was found or leads to it."""
        kept: list[TagItem] = []
        by_part = any(mark in word for word in self._words for mark in "[.")
        for child in self._open(parent):
            own = matches(child.node, self._words)
            self.found += own and child.node.selectable
            below = child.expandable and (child.folder or (by_part and not own)) and self._sift(child)
            if own and not below:
                _show_whole(child)
            elif not own and not below:
                continue
            child.place = len(kept)
            kept.append(child)
        parent.shown = kept
        return bool(kept)

    def _open(self, item: TagItem) -> list[TagItem]:
        """The children, made now if need be; only between a reset's begin and end."""
        if item.children is None:
            if len(self._items) > MOST_LOOKED_THROUGH:
                self.all_looked_through = False
                return []
            item.touch()
            item.children = self._make_children(item)
        return item.children

    def _make_children(self, item: TagItem) -> list[TagItem]:
        nodes = item.node.expand() if item.node.expand is not None else ()
        fresh = [TagItem(node, item, row, next(self._numbers)) for row, node in enumerate(nodes)]
        for child in fresh:
            child.present = self._name_of(child.node)
            self._items[child.number] = child
        return fresh

    def _name_of(self, node: BrowseNode) -> str:
        if not self._present or not node.selectable:
            return ""
        return self._present.get(address_key(node.address, str(node.type)), "")


def _show_whole(item: TagItem) -> None:
    """Everything below it passes the filter with it."""
    item.shown = None
    for below in item.descendants():
        below.shown, below.place = None, below.row
