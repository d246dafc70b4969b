"""The list of tags that can become a pen: search by letters, touch to add."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QScroller,
    QVBoxLayout,
    QWidget,
)

from hmi.panel.context import PanelContext
from hmi.panel.display import display_unit
from hmi.panel.trends.tags import drawable_tags
from hmi.panel.widgets.buttons import IconButton
from hmi.panel.widgets.find_tag import MOST, matching, step_in
from hmi.panel.widgets.found_note import FoundNote
from hmi.panel.widgets.label import Label


class PenPicker(QWidget):
    """``chosen`` carries the tag key; ``taken`` are pens already."""

    chosen = Signal(str)

    def __init__(self, context: PanelContext, taken: Sequence[str]) -> None:
        super().__init__()
        self._context = context
        self._tags = [d for d in drawable_tags(context) if d.key not in taken]
        self.setAccessibleName(self.tr("Add a pen"))
        self.entry = QLineEdit()
        self.entry.setFont(context.theme.font("body"))
        self.entry.setPlaceholderText(self.tr("Name or description"))
        self.entry.setAccessibleName(self.tr("Search tags with history"))
        self.entry.installEventFilter(self)
        self.list = QListWidget()
        self.list.setFont(context.theme.font("body"))
        self.list.setAccessibleName(self.tr("Tags with history"))
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        QScroller.grabGesture(self.list.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        self._note = FoundNote(context, self.list, self.tr("No recorded tag has this in its name"))
        self._lay_out()
        self.entry.textChanged.connect(self.search)
        self.entry.returnPressed.connect(self._choose)
        self.list.itemClicked.connect(lambda _: self._choose())
        self.search("")

    def sizeHint(self) -> QSize:
        return QSize(560, 560)

    def search(self, text: str) -> None:
        """Show the tags in whose name or description every word occurs."""
        self.list.clear()
        found = matching(self._tags, text, self._context.title_of, self._context.scope.line)
        for definition in found[:MOST]:
            unit = display_unit(definition.unit)
            title = self._context.title_of(definition)
            parts = [title, definition.key if definition.description else "", unit]
            item = QListWidgetItem("   ".join(part for part in parts if part))
            item.setData(Qt.ItemDataRole.UserRole, definition.key)
            item.setSizeHint(QSize(0, self._context.density.row))
            self.list.addItem(item)
        self._note.tell(self.list.count(), len(found))
        self.list.setCurrentRow(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return step_in(self.list, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        close = IconButton(self._context, "x", self.tr("Close"), "quiet")
        close.clicked.connect(self._context.close_drawer)
        head = QHBoxLayout()
        head.addWidget(Label(self._context, self.tr("Add a pen"), "h2"))
        head.addStretch(1)
        head.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 10, 12, 16)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.entry)
        column.addWidget(self._note)
        column.addWidget(self.list, 1)

    def _choose(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))
