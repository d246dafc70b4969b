"""Discovery: from a controller or a file to tags in the plant, in three steps."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.discovery.review_step import ReviewStep
from hmi.panel.discovery.session import DiscoverySession, Looks
from hmi.panel.discovery.source_step import SourceStep
from hmi.panel.discovery.step_header import StepHeader
from hmi.panel.discovery.table_flow import TableFlow
from hmi.panel.discovery.tags_step import TagsStep
from hmi.panel.display import format_number
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.label import ElidedLabel
from hmi.panel.widgets.states import Empty

SOURCE, TAGS, REVIEW = range(3)


class DiscoveryPage(QWidget):
    """Everything chosen is kept while one goes back and forth, or to another page."""

    page_id = "discovery"
    follows_plant = True
    trail_changed = Signal()

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self.title = self.tr("Add controller or tags")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(context.theme.px("frame", "gutter"))
        self.session = DiscoverySession(context, self)
        if context.discovery is None:
            column.addWidget(self._unavailable())
            return
        self.source = SourceStep(context)
        self.tags = TagsStep(context, self.session)
        self.review = ReviewStep(context)
        titles = (self.tr("Source"), self.tr("Tags"), self.tr("Review"))
        self.header = StepHeader(context, titles)
        self.tables = TableFlow(context, self)
        self._table: Path | None = None
        self._make_footer()
        self.steps = QStackedWidget()
        for step in (self.source, self.tags, self.review):
            self.steps.addWidget(step)
        column.addWidget(self.header)
        column.addWidget(self.steps, 1)
        column.addLayout(self._footer)
        self._connect()
        self._show()

    @property
    def step(self) -> int:
        """SOURCE, TAGS or REVIEW."""
        return self.steps.currentIndex()

    def go_on(self) -> None:
        """To the next step, if this one is done."""
        if not self.next.isEnabled():
            return
        if self.step == SOURCE and self.source.source is not None:
            self._show_step(TAGS)
            self.tags.load(self.source.source)
        elif self.step == TAGS:
            self._show_step(REVIEW)
            self._review_tags()

    def go_back(self) -> None:
        """A step back, from the first one to Diagnostics."""
        if self.step == SOURCE:
            self._context.navigate.emit("diagnostics", "")
        elif self.step == REVIEW and self.review.summary.asking:
            self.review.summary.stop_asking()
        elif self.step == REVIEW and self._table is not None:
            self._on_header(SOURCE)
        elif self.step == TAGS or not self.review.busy:
            self._show_step(self.step - 1)

    def review_table(self, path: Path) -> None:
        """What an edited table of tags would change."""
        discovery = self._context.discovery
        assert discovery is not None
        self._table = path
        self._show_step(REVIEW)
        self.review.show_plan(lambda progress: discovery.plan_table(path, progress), Looks())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._context.discovery is not None:
            self.go_back()
        elif event.key() == Qt.Key.Key_Escape:
            self._context.navigate.emit("diagnostics", "")
        else:
            super().keyPressEvent(event)

    def _unavailable(self) -> Card:
        card = Card(self._context)
        fact = self.tr(
            "This run has no plant file that could be changed. Start one with "
            "brimline panel --config-file plant.yaml --data DIR, then come back."
        )
        empty = Empty(
            self._context,
            self.tr("There is no plant file to change"),
            fact,
            self.tr("Back to Diagnostics"),
            lambda: self._context.navigate.emit("diagnostics", ""),
        )
        card.body.addWidget(empty, 1)
        return card

    def _make_footer(self) -> None:
        self.back = Button(self._context, self.tr("Back"), icon="chevron-left")
        self.next = Button(self._context, "", "primary")
        self.message = ElidedLabel(self._context, "", "body", "text2")
        self.message.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._footer = QHBoxLayout()
        self._footer.setSpacing(16)
        self.export = Button(self._context, self.tr("Export all tags"), "quiet", "download")
        self.take_in = Button(self._context, self.tr("Import tags"), "quiet", "upload")
        self._footer.addWidget(self.back)
        self._footer.addWidget(self.export)
        self._footer.addWidget(self.take_in)
        self._footer.addWidget(self.message, 1)
        self._footer.addWidget(self.next)

    def _connect(self) -> None:
        self.back.clicked.connect(self.go_back)
        self.next.clicked.connect(self.go_on)
        self.header.chosen.connect(self._on_header)
        for step in (self.source, self.tags, self.review):
            step.changed.connect(self._show)
        for accepting in (self.source, self.tags):
            accepting.accepted.connect(self.go_on)
        self.review.again.connect(self.go_back)
        self.export.clicked.connect(self.tables.ask_where)
        self.take_in.clicked.connect(self.tables.ask_which)
        self.tables.chosen.connect(self.review_table)
        find = QShortcut(QKeySequence("Ctrl+F"), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._on_find)

    def _on_find(self) -> None:
        if self.step == TAGS:
            self.tags.look_for()

    def _on_header(self, index: int) -> None:
        if index == self.step or self.review.busy:
            return
        if index < self.step or (self.step == SOURCE and self.tags.ready):
            self._show_step(index)
        else:
            self.go_on()

    def _review_tags(self) -> None:
        discovery, changes = self._context.discovery, self.session.changes()
        assert discovery is not None
        self._table = None
        self.review.show_plan(lambda _: discovery.plan([changes]), self.session.looks())

    def _show_step(self, step: int) -> None:
        if self.step == TAGS and step == SOURCE:
            self.tags.cancel()
        self.steps.setCurrentIndex(step)
        self._show()
        self.trail_changed.emit()

    def _show(self) -> None:
        """Footer and header for where one is."""
        lack = self._lack()
        self.next.setVisible(self.step != REVIEW)
        self.next.setEnabled(not lack)
        self.next.setText(self._next_text())
        self.next.setAccessibleDescription(lack)
        self.message.change_text(lack)
        self.back.setText(self.tr("Diagnostics") if self.step == SOURCE else self.tr("Back"))
        self.back.setEnabled(not self.review.busy)
        for button in (self.export, self.take_in):
            button.setVisible(self.step == SOURCE)
        self.header.show_step(self.step, self._details(), self._reachable())

    def _lack(self) -> str:
        """What has to be done before one can go on."""
        if self.step == SOURCE:
            return "" if self.source.source is not None else self.source.lack
        if self.step == TAGS:
            if self.tags.busy:
                return self.tr("Reading the tags")
            return self.session.obstacle() if self.tags.ready else self.tr("The tags were not read")
        return ""

    def _next_text(self) -> str:
        if self.step == TAGS:
            return self.tr("Review the changes")
        source = self.source.source
        if source is not None and self.session.count and not self.session.same(source):
            return self.tr("Drop the {0} chosen, choose tags here").format(self.session.count)
        return self.tr("Choose tags")

    def _details(self) -> tuple[str, str, str]:
        if self.step == REVIEW and self._table is not None:
            return (self._table.name, "", "")
        source = self.tags.asked if self.step != SOURCE else self.source.source
        count = self.session.count
        chosen = self.tr("{0} chosen").format(format_number(count)) if count else ""
        return (source.title if source is not None else "", chosen, "")

    def _reachable(self) -> tuple[int, ...]:
        """The steps that may be gone to from here."""
        if self.step == REVIEW:
            return (SOURCE,) if self._table is not None else (SOURCE, TAGS)
        before = tuple(range(self.step))
        there = self.step == SOURCE and self.tags.ready
        return before if self._lack() and not there else (*before, self.step + 1)
