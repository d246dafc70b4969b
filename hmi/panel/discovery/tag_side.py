"""Beside the tree of tags: how the selected ones, or all that are chosen, are written, and where to."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget

from hmi.panel.context import PanelContext
from hmi.panel.discovery.connection_form import ConnectionForm
from hmi.panel.discovery.session import DiscoverySession
from hmi.panel.discovery.tag_editor import TagEditor
from hmi.panel.discovery.tag_item import TagItem
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.segmented import Segmented
from hmi.panel.widgets.states import Empty

_LINE, _ALL, _CONTROLLER = "line", "all", "controller"


class TagSide(Card):
    """``selected`` says which lines of the tree are selected now."""

    def __init__(
        self,
        context: PanelContext,
        session: DiscoverySession,
        selected: Callable[[], Sequence[TagItem]],
    ) -> None:
        super().__init__(context)
        self._session = session
        self._selected = selected
        self.setAccessibleName(self.tr("How they are written"))
        self.body.setContentsMargins(16, 12, 8, 12)
        options = [
            (_LINE, self.tr("Selected")),
            (_ALL, self.tr("All chosen")),
            (_CONTROLLER, self.tr("Controller")),
        ]
        self.scope = Segmented(context, options, _LINE, self.tr("What is edited"))
        self.scope.chosen.connect(lambda _: self.refresh())
        self.editor = TagEditor(context, session)
        self.connection = ConnectionForm(context, session)
        hint = self.tr("Touch a box to choose a tag. What it is called and how it is kept is set here.")
        self._none = Empty(context, self.tr("No tag is chosen"), hint)
        hint = self.tr("Touch the line of a chosen tag, or edit all of them at once.")
        self._unselected = Empty(context, self.tr("No chosen tag is selected"), hint)
        self._pages = QStackedWidget()
        for part in (self.editor, self._none, self._unselected, self.connection):
            self._pages.addWidget(part)
        holder = QHBoxLayout()
        holder.setContentsMargins(0, 0, 8, 0)
        holder.addWidget(self.scope)
        self.body.addLayout(holder)
        self.body.addSpacing(4)
        self.body.addWidget(self._pages, 1)
        session.changed.connect(self.refresh)

    def show_selected(self) -> None:
        """Another source: begin with its lines."""
        self.scope.select(_LINE)
        self.refresh()

    def refresh(self) -> None:
        """Show what is edited now, as far as it is chosen."""
        if self.scope.value == _CONTROLLER:
            self._pages.setCurrentWidget(self.connection)
            return
        every = self.scope.value == _ALL
        items = self._session.chosen_items() if every else self._selected()
        chosen = [item for item in items if self._session.entry(item) is not None]
        nothing = self._unselected if self._session.count else self._none
        self._pages.setCurrentWidget(self.editor if chosen else nothing)
        if chosen:
            self.editor.show_items(chosen)
