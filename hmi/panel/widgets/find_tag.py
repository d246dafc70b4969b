"""Find a tag by a few letters and open its faceplate (Ctrl+K)."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from engine.model import TagDef
from hmi.panel.context import PanelContext
from hmi.panel.widgets.found_note import FoundNote
from hmi.panel.widgets.label import Label

MOST = 50
"""Tags that a list shows; who looks for another one types a letter more."""


def matching(
    definitions: Iterable[TagDef],
    text: str,
    title_of: Callable[[TagDef], str] = lambda tag: tag.description,
    line: str = "",
) -> list[TagDef]:
    """Tags in whose key or title every word occurs.

    Those that begin with the text come first, and of these the ones of ``line``, a connection.
    """
    words = text.lower().split()
    found = [d for d in definitions if all(w in f"{d.key} {title_of(d)}".lower() for w in words)]
    start = words[0] if words else ""

    def order(tag: TagDef) -> tuple[bool, bool]:
        begins = tag.name.lower().startswith(start) or tag.description.lower().startswith(start)
        return not begins, tag.connection != line

    found.sort(key=order)
    return found


def step_in(shown: QListWidget, event: QEvent) -> bool:
    """Let the arrows move in the list while the letters go into the entry; True if it was an arrow."""
    steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
    if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in steps:
        row = shown.currentRow() + steps[Qt.Key(event.key())]
        shown.setCurrentRow(max(0, min(shown.count() - 1, row)))
        return True
    return False


class FindTag(QWidget):
    """``chosen`` carries the tag key."""

    chosen = Signal(str)

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self.setAccessibleName(self.tr("Find a tag"))
        self._entry = QLineEdit()
        self._entry.setFont(context.theme.font("body"))
        self._entry.setPlaceholderText(self.tr("Name or description"))
        self._entry.setAccessibleName(self.tr("Find a tag by name or description"))
        self._entry.installEventFilter(self)
        self._list = QListWidget()
        self._list.setFont(context.theme.font("body"))
        self._list.setAccessibleName(self.tr("Tags found"))
        self._list.setUniformItemSizes(True)
        self._note = FoundNote(context, self._list, self.tr("No tag has this in its name"))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(Label(context, self.tr("Find a tag"), "h2"))
        column.addWidget(self._entry)
        column.addWidget(self._note)
        column.addWidget(self._list, 1)
        self._entry.textChanged.connect(self._search)
        self._list.itemClicked.connect(lambda _: self._choose())
        self._search("")

    def sizeHint(self) -> QSize:
        return QSize(560, 520)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return step_in(self._list, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter comes here from the entry and from the list alike."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
        else:
            super().keyPressEvent(event)

    def _search(self, text: str) -> None:
        self._list.clear()
        context = self._context
        tags = context.engine.tags.definitions()
        found = matching(tags, text, context.title_of, context.scope.line)
        for definition in found[:MOST]:
            title = context.title_of(definition)
            item = QListWidgetItem(
                f"{title}   {definition.key}" if definition.description else definition.key
            )
            item.setData(Qt.ItemDataRole.UserRole, definition.key)
            item.setSizeHint(QSize(0, self._context.density.control))
            self._list.addItem(item)
        self._note.tell(self._list.count(), len(found))
        self._list.setCurrentRow(0)

    def _choose(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            self.chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))
