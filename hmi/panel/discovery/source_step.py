"""The first step: where tags are to come from."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QStackedWidget, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.discovery.address_pane import AddressPane
from hmi.panel.discovery.file_pane import FilePane
from hmi.panel.discovery.known_pane import KnownPane
from hmi.panel.discovery.network_pane import NetworkPane
from hmi.panel.discovery.pane import SourcePane
from hmi.panel.discovery.source import Source
from hmi.panel.icons import themed_icon
from hmi.panel.widgets.card import Card

_LIST_WIDTH, _LIST_NARROW = 244, 216
_COMPACT_BELOW = 1100


class SourceStep(QWidget):
    """Four ways at the left, the chosen one at the right."""

    changed = Signal()
    accepted = Signal()

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self.network = NetworkPane(context)
        self.known = KnownPane(context)
        self.address = AddressPane(context)
        self.file = FilePane(context)
        self._ways: Sequence[tuple[str, str, SourcePane]] = (
            (self.tr("On the network"), "share-2", self.network),
            (self.tr("Known controllers"), "controller", self.known),
            (self.tr("By address"), "target", self.address),
            (self.tr("From a file"), "file-text", self.file),
        )
        self._group = QButtonGroup(self)
        self._panes = QStackedWidget()
        self._list = self._make_list()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(context.theme.px("frame", "gutter"))
        row.addWidget(self._list)
        row.addWidget(self._panes, 1)
        for _, _, pane in self._ways:
            self._panes.addWidget(pane)
            pane.changed.connect(self.changed)
            pane.accepted.connect(self.accepted)
        self._group.idClicked.connect(self.show_way)
        context.theme_changed.connect(self._dress)
        context.plant_changed.connect(self.follow_plant)
        self.show_way(0)

    @property
    def pane(self) -> SourcePane:
        return self._ways[self._panes.currentIndex()][2]

    @property
    def source(self) -> Source | None:
        return self.pane.source

    @property
    def lack(self) -> str:
        return self.pane.lack

    def show_way(self, index: int) -> None:
        """0 on the network, 1 known controllers, 2 by address, 3 from a file."""
        self._panes.setCurrentIndex(index)
        self._group.button(index).setChecked(True)
        self._dress()
        self.changed.emit()

    def follow_plant(self) -> None:
        for _, _, pane in self._ways:
            pane.follow_plant()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._list.setFixedWidth(_LIST_NARROW if event.size().width() < _COMPACT_BELOW else _LIST_WIDTH)

    def _make_list(self) -> Card:
        card = Card(self._context)
        card.setAccessibleName(self.tr("Ways to a source"))
        card.body.setContentsMargins(8, 8, 8, 8)
        card.body.setSpacing(0)
        for index, (title, _, _) in enumerate(self._ways):
            button = QPushButton(title)
            button.setIconSize(QSize(22 + 10, 22))
            button.setCheckable(True)
            button.setAutoDefault(True)
            button.setProperty("row", "true")
            button.setAccessibleName(title)
            self._group.addButton(button, index)
            card.body.addWidget(button)
        card.body.addStretch(1)
        return card

    def _dress(self) -> None:
        theme = self._context.theme
        for index, (_, icon, _) in enumerate(self._ways):
            button = self._group.button(index)
            chosen = button.isChecked()
            button.setFont(theme.font("bodyStrong" if chosen else "body"))
            button.setIcon(themed_icon(theme, icon, "ink" if chosen else "text2", 22, 10))
