"""Sparkplug nodes as a tree, with a search, the request for rebirth and the way to the messages."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.history import CancelToken
from engine.nodes import BrokerState, HostView, MetricView, NodeView
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.broker_text import Words, first_session, lost_words, no_nodes_words
from hmi.panel.diagnostics.metric_search import passing
from hmi.panel.diagnostics.node_detail import READ_AT_ONCE
from hmi.panel.diagnostics.node_item import Item, Kind, NodeRef, Wanted, all_metrics
from hmi.panel.diagnostics.node_search import NodeSearch
from hmi.panel.diagnostics.nodes_model import NodesModel
from hmi.panel.diagnostics.nodes_tree import NodesTree
from hmi.panel.diagnostics.rebirth import RebirthDialog
from hmi.panel.diagnostics.state_strip import StateStrip
from hmi.panel.widgets.buttons import Button, IconButton
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.label import Label
from hmi.panel.widgets.states import Empty

TITLE_HEIGHT = 60
SEARCH_SHOWN_FROM = 30
_GROUPS_OPEN = 8


class NodesCard(Card):
    """``chosen`` carries the ``NodeRef`` of a node, device or metric; follows the host while shown."""

    chosen = Signal(object)
    messages = Signal()

    def __init__(self, context: PanelContext, host: HostView, parent: QWidget | None = None) -> None:
        super().__init__(context, parent=parent)
        self._context, self._host = context, host
        self._expanded: set[NodeRef] = set()
        self._opened: set[str] = set()
        self._search_offered = False
        self._empty: Empty | None = None
        self._words: Words | None = None
        self.setAccessibleName(self.tr("Sparkplug nodes"))
        self.model = NodesModel(context.zone, self)
        self.tree = NodesTree(context, self.model)
        self.tree.setAccessibleName(self.tr("Sparkplug nodes"))
        self.tree.row_chosen.connect(self._on_row)
        self.tree.opened.connect(self._on_opened)
        self.tree.selectionModel().currentChanged.connect(self._on_current)
        self.search = NodeSearch(context, host, self.nodes)
        self.search.wanted.connect(self._on_wanted)
        self._lay_out()
        context.bridge.second.connect(self.on_second)

    def nodes(self) -> Sequence[NodeView]:
        """What was shown last, else what the host says now."""
        return self.model.nodes or self._host.nodes()

    @property
    def current(self) -> Item | None:
        """The line that is chosen."""
        index = self.tree.currentIndex()
        return self.model.item(index) if index.isValid() else None

    @Slot()
    def on_second(self) -> None:
        if self.isVisible():
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.search.entry.hasFocus():
            self.search.close_search()
            self.tree.setFocus()
        else:
            super().keyPressEvent(event)

    def refresh(self) -> None:
        """Newest views into the lines; only what is on the screen is painted and announced."""
        now_us, nodes = self._context.engine.clock.utc_us(), self._host.nodes()
        self.model.update_nodes(nodes, now_us)
        self._open_new_groups()
        visible = self.tree.visible_items()
        for owner in self._owners(visible):
            self._read(owner)
        self._show_state(now_us)
        self.model.touch(visible)
        self._update_actions()

    def _owners(self, visible: Sequence[Item]) -> list[Item]:
        """Whose metrics are on the screen, or would be if they had been read."""
        owners = {item.ref.owner: item.parent for item in visible if item.kind is Kind.METRIC}
        for item in visible:
            if item.own_metrics and item.metrics is None and self.tree.isExpanded(self.model.index_of(item)):
                owners[item.ref] = item
        return [owner for owner in owners.values() if owner is not None]

    def clear_choice(self) -> None:
        self.tree.clearSelection()

    def choose(self, ref: NodeRef) -> None:
        """Make it the chosen line, with everything above it open."""
        above = self.model.find(NodeRef(ref.group))
        if above is not None:
            self.tree.expand(self.model.index_of(above))
        item = self.model.find(ref)
        if item is not None:
            self.tree.setCurrentIndex(self.model.index_of(item))

    def ask_for_rebirth(self, ref: NodeRef | None = None) -> None:
        """The question first; for the chosen line if no place is given."""
        item = self.current if ref is None else self.model.find(ref)
        if item is not None and item.node is not None:
            node = item.node
            metrics, _ = all_metrics(node)
            self._context.open_dialog.emit(RebirthDialog(self._context, node.group, node.id, metrics))

    def _lay_out(self) -> None:
        context = self._context
        self.body.setContentsMargins(1, 0, 1, 2)
        self.body.setSpacing(0)
        head = QWidget()
        head.setMinimumHeight(TITLE_HEIGHT)
        row = QHBoxLayout(head)
        row.setContentsMargins(20, 0, 8, 0)
        row.setSpacing(context.theme.px("touch", "gap"))
        row.addWidget(Label(context, self.tr("Sparkplug nodes"), "h2"))
        row.addStretch(1)
        self.search_button = IconButton(context, "search", self.tr("Search nodes, devices and metrics"))
        self.search_button.clicked.connect(self._on_search)
        self.messages_button = IconButton(context, "messages", self.tr("Messages as they arrive"))
        self.messages_button.clicked.connect(self.messages)
        self.rebirth = Button(context, self.tr("Ask for rebirth"), icon="rotate-ccw")
        self.rebirth.clicked.connect(lambda: self.ask_for_rebirth())
        for button in (self.search_button, self.messages_button, self.rebirth):
            row.addWidget(button)
        self.body.addWidget(head)
        self.strip = StateStrip(context)
        narrow = QVBoxLayout()
        narrow.setContentsMargins(12, 0, 12, 0)
        narrow.setSpacing(8)
        for part in (self.search, self.strip):
            narrow.addWidget(part)
        self.body.addLayout(narrow)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.tree)
        self.body.addWidget(self._pages, 1)

    def _on_search(self) -> None:
        if self.search.isHidden():
            self.search.open()
        else:
            self.search.close_search()

    def _on_wanted(self, wanted: Wanted) -> None:
        """Show only this; what was open before the search is open again after it."""
        if not self.model.wanted.text:
            self._expanded = self.tree.expanded_refs()
        self.model.choose(wanted)
        if wanted.text:
            self._expand_shown()
        else:
            self.tree.show_expanded(self._expanded)
        self.refresh()

    def _on_row(self, item: Item) -> None:
        self.chosen.emit(item.ref)

    def _on_current(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._update_actions()

    def _on_opened(self, item: Item) -> None:
        if item.own_metrics and item.metrics is None:
            self._read(item)

    def _read(self, owner: Item) -> None:
        """A few metrics are read here and now, many of them in a worker."""
        if owner.reading:
            return
        host, ref, wanted = self._host, owner.ref, self.model.wanted
        if owner.own_metrics <= READ_AT_ONCE:
            metrics = host.metrics(ref.group, ref.node, ref.device or None)
            self.model.update_metrics(owner, passing(metrics, ref, wanted))
            return
        owner.reading = True

        def read(_cancel: CancelToken) -> list[MetricView]:
            return passing(host.metrics(ref.group, ref.node, ref.device or None), ref, wanted)

        def on_result(metrics: list[MetricView]) -> None:
            there = self.model.find(ref)
            if there is not None and self.model.wanted is wanted:
                self.model.update_metrics(there, metrics)
                self.model.touch(self.tree.visible_items())
                self.tree.load_below()
            elif there is not None:
                there.reading = False

        def on_error(error: EngineError) -> None:
            owner.reading = False
            self.search.say(str(error))

        self._context.queries.submit(read, on_result, on_error)

    def _expand_shown(self) -> None:
        """Open what leads to what was found; what was named itself stays closed."""
        wanted = self.model.wanted
        refs = {group.ref for group in self.model.root.children}
        refs |= set(wanted.metrics)
        refs |= {ref._replace(device="") for ref in wanted.metrics}
        for group in self.model.root.children:
            refs |= {node.ref for node in group.children if not wanted.passes(node.ref.group, node.ref.node)}
        self.tree.show_expanded(refs)

    def _open_new_groups(self) -> None:
        groups = self.model.root.children
        for group in groups:
            if group.name not in self._opened and len(self._opened) < _GROUPS_OPEN:
                self._opened.add(group.name)
                self.tree.expand(self.model.index_of(group))
        if len(self.model.nodes) >= SEARCH_SHOWN_FROM and not self._search_offered:
            self._search_offered = True
            self.search.show()

    def _show_state(self, now_us: int) -> None:
        """The tree, or why there is none; above it, that the broker was lost."""
        brokers = self._host.brokers()
        if self.model.nodes:
            self._pages.setCurrentWidget(self.tree)
            words = lost_words(brokers, now_us)
            self.strip.show_words(words)
            self.model.lost = words is not None
            return
        self.strip.show_words(None)
        self.model.lost = False
        nothing = no_nodes_words(brokers, now_us)
        if nothing != self._words or self._empty is None:
            self._show_empty(nothing)
        self._pages.setCurrentIndex(1)

    def _show_empty(self, words: Words) -> None:
        if self._empty is not None:
            self._pages.removeWidget(self._empty)
            self._empty.deleteLater()
        self._words, self._empty = words, Empty(self._context, words.title, words.fact)
        self._pages.addWidget(self._empty)

    def _update_actions(self) -> None:
        """Rebirth can be asked of one node over a live session; the reason against stands in the tool tip."""
        status, item = first_session(self._host.brokers()), self.current
        node = item.node if item is not None else None
        reason = ""
        if status is None or status.state is not BrokerState.CONNECTED:
            reason = self.tr("There is no broker to ask over")
        elif node is None:
            reason = self.tr("Choose a node first")
        elif node.rebirth_pending:
            reason = self.tr("{0} was asked and has not answered yet").format(node.id)
        self.rebirth.setEnabled(not reason)
        self.rebirth.setToolTip(reason)
        self.rebirth.setAccessibleDescription(reason)
        pending = node is not None and node.rebirth_pending
        self.rebirth.setText(self.tr("Rebirth asked…") if pending else self.tr("Ask for rebirth"))
