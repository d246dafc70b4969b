"""Settings: how the panel looks and is touched, what plant file it runs, what it is made of."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from hmi.panel.context import PanelContext
from hmi.panel.icons import themed_icon
from hmi.panel.pages.settings_about import AboutPane
from hmi.panel.pages.settings_display import DisplayPane
from hmi.panel.pages.settings_plant import PlantPane
from hmi.panel.widgets.card import Card

_LIST_WIDTH, _LIST_NARROW = 268, 188
_COMPACT_BELOW = 1100
_PANE_WIDTH = 1000


class SettingsPage(QWidget):
    """A list of sections at the left, the chosen one at the right."""

    page_id = "settings"
    title = "Settings"
    trail_changed = Signal()

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self._sections: Sequence[tuple[str, str, type[QWidget]]] = (
            (self.tr("Display"), "sun", DisplayPane),
            (self.tr("Plant file"), "file-text", PlantPane),
            (self.tr("About"), "info", AboutPane),
        )
        self._panes: dict[int, QScrollArea] = {}
        self._group = QButtonGroup(self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(context.theme.px("frame", "gutter"))
        self._sections_card = self._list()
        self._row.addWidget(self._sections_card)
        self._group.idClicked.connect(self.show_section)
        context.theme_changed.connect(self._dress)
        self._current = -1
        self.show_section(0)

    @property
    def trail(self) -> tuple[str, ...]:
        return (self._sections[self._current][0],)

    def show_section(self, index: int) -> None:
        """0 Display, 1 Plant file, 2 About; built when first shown."""
        if index not in self._panes:
            self._panes[index] = self._scrolling(self._sections[index][2](self._context))  # type: ignore[arg-type]
            self._row.addWidget(self._panes[index], 1)
        for number, pane in self._panes.items():
            pane.setVisible(number == index)
        self._current = index
        self._group.button(index).setChecked(True)
        self._dress()
        self.trail_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        compact = event.size().width() < _COMPACT_BELOW
        self._sections_card.setFixedWidth(_LIST_NARROW if compact else _LIST_WIDTH)

    def _list(self) -> Card:
        card = Card(self._context)
        card.setAccessibleName(self.tr("Sections"))
        card.body.setContentsMargins(8, 8, 8, 8)
        card.body.setSpacing(0)
        for index, (title, _, _) in enumerate(self._sections):
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
        for index, (_, icon, _) in enumerate(self._sections):
            button = self._group.button(index)
            chosen = button.isChecked()
            button.setFont(theme.font("bodyStrong" if chosen else "body"))
            button.setIcon(themed_icon(theme, icon, "ink" if chosen else "text2", 22, 10))

    @staticmethod
    def _scrolling(pane: QWidget) -> QScrollArea:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        holder = QWidget()
        holder.setProperty("panel", "scroll")
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        pane.setMaximumWidth(_PANE_WIDTH)
        column.addWidget(pane)
        area.setWidget(holder)
        return area
