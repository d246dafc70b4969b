"""The second step: the tags of the source, chosen in a tree and edited beside it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from engine.discovery import Browsed, BrowseNode
from engine.errors import EngineError
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.table import POINTER_ROW
from hmi.panel.discovery.preview_loop import MOST_READ, PreviewLoop
from hmi.panel.discovery.scroll import at_top, breakable
from hmi.panel.discovery.session import DiscoverySession
from hmi.panel.discovery.source import Source
from hmi.panel.discovery.tag_side import TagSide
from hmi.panel.discovery.tag_tree import TagTree
from hmi.panel.discovery.task import Task
from hmi.panel.display import format_number
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.label import ElidedLabel, Label
from hmi.panel.widgets.states import Empty, ErrorPanel, Loading

FILTER_AFTER_MS = 250
WIDE_FROM = 1500
_SIDE, _SIDE_WIDE = 372, 460
_OPEN_AT_FIRST = 2


class TagsStep(QWidget):
    """``load`` begins with a source; what was chosen of the same one is kept."""

    changed = Signal()
    accepted = Signal()

    def __init__(self, context: PanelContext, session: DiscoverySession) -> None:
        super().__init__()
        self._context, self._session = context, session
        self.task = Task(context, self)
        self.task.progressed.connect(self._on_progress)
        self.tree = TagTree(context, session.model)
        self.tree.setAccessibleName(self.tr("Tags of the source"))
        self.preview = PreviewLoop(context, self._nodes_in_sight, self)
        self.side = TagSide(context, session, self.tree.selected_items)
        self._before_filter: set[int] | None = None
        self._state: QWidget | None = None
        self._source: Source | None = None
        self._make_head()
        self._lay_out()
        self._timer = QTimer(self, singleShot=True, interval=FILTER_AFTER_MS)
        self._timer.timeout.connect(self.on_filter_due)
        self._connect()
        self._show_state(None)

    @property
    def busy(self) -> bool:
        return self.task.running

    @property
    def asked(self) -> Source | None:
        """The source whose tags were asked for last, there or not."""
        return self._source

    @property
    def ready(self) -> bool:
        """Are the tags of the source that was asked for last there?"""
        return self._source is not None and self._session.has_read(self._source)

    def load(self, source: Source) -> None:
        """Show the tags of a source: at once if it was read already."""
        self.task.cancel()
        before, self._source = self._source, source
        if self._session.same(source):
            if before != source:
                self._show_tree()
                self._look_at(source)
            return
        self.preview.show_target(None)
        if source.browsed is not None:
            self._take(source, source.browsed)
            return
        discovery = self._context.discovery
        assert discovery is not None
        text = self.tr("Reading the tags of {0}").format(source.title)
        loading = Loading(self._context, text, self._on_cancel)
        loading.setContentsMargins(20, 8, 20, 16)
        self._show_state(loading)
        self.task.run(
            lambda report, _: discovery.browse(source.target, report, report.cancel),
            lambda browsed: self._take(source, browsed),
            self._on_error,
        )
        self.changed.emit()

    def cancel(self) -> None:
        """Somebody went away while it was reading."""
        if self.task.running:
            self._on_cancel()

    def look_for(self) -> None:
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def on_filter_due(self) -> None:
        """Take the filter as it is now."""
        self._timer.stop()
        model, text = self._session.model, self.filter.text().strip()
        if self._before_filter is None:
            self._before_filter = self.tree.open_items()
        model.filter(text)
        if text:
            self.tree.show_open(model.matched_parents())
        else:
            opened, self._before_filter = self._before_filter, None
            self.tree.show_open([item for item in model.root.descendants() if item.number in opened])
        self._show_tree()
        self._show_counts()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit_rows()
        self.preview.follow()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.preview.pause()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.side.setFixedWidth(_SIDE_WIDE if event.size().width() >= WIDE_FROM else _SIDE)
        self._fit_rows()

    def _make_head(self) -> None:
        context = self._context
        self.filter = QLineEdit()
        self.filter.setFont(context.theme.font("body"))
        self.filter.setPlaceholderText(self.tr("Name, address or description"))
        self.filter.setAccessibleName(self.tr("Filter tags by name, address or description"))
        self.filter.setClearButtonEnabled(False)
        self.counts = ElidedLabel(context, "", "label", "text2")
        self.live = Button(context, "", icon="play")
        self.live.clicked.connect(lambda: self.preview.switch(on=not self.preview.active))
        self.trouble = Label(context, "", "label", "text", wrap=True)

    def _lay_out(self) -> None:
        context = self._context
        card = Card(context)
        card.setAccessibleName(self.tr("Tags"))
        card.body.setContentsMargins(1, 0, 1, 2)
        card.body.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(12, 8, 8, 4)
        head.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(context.theme.px("touch", "gap"))
        row.addWidget(self.filter, 1)
        row.addWidget(self.live)
        head.addLayout(row)
        for label in (self.counts, self.trouble):
            label.setContentsMargins(8, 0, 8, 0)
            head.addWidget(label)
        card.body.addLayout(head)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.tree)
        card.body.addWidget(self._pages, 1)
        self._card = card
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(context.theme.px("frame", "gutter"))
        columns.addWidget(card, 1)
        columns.addWidget(self.side)

    def _connect(self) -> None:
        self.filter.textChanged.connect(lambda _: self._timer.start())
        self.filter.returnPressed.connect(self.on_filter_due)
        self.tree.accepted.connect(self.accepted)
        self.tree.looked_at.connect(self.side.refresh)
        self.preview.read.connect(self._session.model.show_values)
        self.preview.state_changed.connect(self._show_live)
        self._session.model.refused.connect(self._context.notify)
        self._session.changed.connect(self._on_session)
        self._context.settings_changed.connect(self._fit_rows)

    def _take(self, source: Source, browsed: Browsed) -> None:
        self.filter.clear()
        self._timer.stop()
        self._before_filter = None
        self._session.take(source, browsed)
        self._show_tree()
        root = self._session.model.root
        if len(root.visible) <= _OPEN_AT_FIRST:
            self.tree.show_open([item for item in root.visible if item.folder])
        self.side.show_selected()
        self._look_at(source)
        self.changed.emit()

    def _look_at(self, source: Source) -> None:
        """Values come from there now."""
        self.preview.pause()
        self.preview.wanted = True
        self.preview.show_target(source.target)
        if self.isVisible():
            self.preview.follow()

    def _nodes_in_sight(self) -> Sequence[BrowseNode]:
        """What is read now: what is selected, then what is on the screen."""
        items = {item.number: item for item in (*self.tree.selected_items(), *self.tree.visible_items())}
        return [item.node for item in items.values() if item.node.selectable][:MOST_READ]

    def _on_progress(self, done: int, total: int | None, text: str) -> None:
        if isinstance(self._state, Loading) and total:
            self._state.update_progress(round(100 * min(done, total) / total))

    def _on_cancel(self) -> None:
        self.task.cancel()

        title = self.tr("Reading was cancelled")
        fact = self.tr("Nothing was changed.")
        self._show_state(Empty(self._context, title, fact, self.tr("Read again"), self._again))
        self.changed.emit()

    def _on_error(self, error: EngineError) -> None:
        source = self._source
        title = self.tr("The tags of {0} were not read").format(source.title if source else "")
        actions = [(self.tr("Try again"), "refresh-cw", self._again)]
        self._show_state(at_top(ErrorPanel(self._context, title, breakable(str(error)), actions=actions)))
        self.changed.emit()

    def _again(self) -> None:
        if self._source is not None:
            self.load(self._source)

    def _show_tree(self) -> None:
        """The tree, or why there is none."""
        model = self._session.model
        if model.root.visible:
            self._show_state(None)
        elif self.filter.text().strip():
            fact = self.tr("No name, address or description has all of these words.")
            self._show_state(Empty(self._context, self.tr("Nothing found"), fact))
        else:
            notices = self._session.browsed.notices if self._session.browsed else ()
            fact = " ".join(notices[:2]) or self.tr("The source has nothing that could be a tag.")
            self._show_state(Empty(self._context, self.tr("No tags"), fact))

    def _show_state(self, state: QWidget | None) -> None:
        if self._state is not None:
            self._pages.removeWidget(self._state)
            self._state.deleteLater()
        self._state = state
        if state is not None:
            self._pages.addWidget(state)
            self._pages.setCurrentWidget(state)
        else:
            self._pages.setCurrentWidget(self.tree)
        loaded = self._session.browsed is not None and not isinstance(state, Loading)
        for part in (self.filter, self.live, self.side):
            part.setEnabled(loaded)
        self.side.refresh()
        self._show_counts()
        self._show_live()

    def _on_session(self) -> None:
        self._show_counts()
        self.changed.emit()

    def _show_counts(self) -> None:
        browsed, model = self._session.browsed, self._session.model
        if browsed is None:
            self.counts.change_text("")
            return
        chosen = self.tr("{0} of {1} chosen").format(
            format_number(self._session.count), format_number(browsed.count)
        )
        parts = [chosen, browsed.source]
        if self.filter.text().strip():
            words = self.tr("{0} found") if model.all_looked_through else self.tr("{0} found so far")
            parts.insert(0, words.format(format_number(model.found)))
        self.counts.change_text("   ·   ".join(part for part in parts if part))

    def _show_live(self) -> None:
        active = self.preview.active
        self.live.setText(self.tr("Stop values") if active else self.tr("Live values"))
        self.live.change_icon("pause" if active else "play")
        trouble = self.preview.trouble
        self.trouble.setText(self.tr("No values: {0}").format(trouble) if trouble else "")
        self.trouble.setVisible(bool(trouble))

    def _fit_rows(self) -> None:
        wide = self.width() >= WIDE_FROM and self._context.settings.touch_size == "standard"
        self.tree.set_row_height(POINTER_ROW if wide else self._context.density.row)
