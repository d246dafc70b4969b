"""Beside the changes: how many they are, what stands against them, and the button that makes them real."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.discovery import PlantEdit
from hmi.panel.context import PanelContext
from hmi.panel.discovery.scroll import Column, breakable, scrolling
from hmi.panel.discovery.session import Looks
from hmi.panel.display import format_number
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.confirm import Confirm
from hmi.panel.widgets.glyph import Glyph
from hmi.panel.widgets.label import Label
from hmi.panel.widgets.states import ErrorPanel

_MOST = 30


class Summary(Card):
    """``applied`` is a decision: touched, then confirmed, 100 px away from the first touch."""

    applied = Signal()
    trends = Signal()
    faceplate = Signal()
    again = Signal()
    planned_again = Signal()

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self._context = context
        self._edit: PlantEdit | None = None
        self._left_s = 0.0
        self._end: QWidget | None = None
        self.setAccessibleName(self.tr("Summary of the changes"))
        self.pages = QStackedWidget()
        self.body.addWidget(self.pages)
        self._page = self._make_page()
        self.confirm = Confirm(context)
        self.confirm.confirmed.connect(self._on_confirmed)
        self.confirm.refused.connect(self.stop_asking)
        for page in (self._page, self.confirm):
            self.pages.addWidget(page)

    @property
    def asking(self) -> bool:
        return self.pages.currentWidget() is self.confirm

    def show_edit(self, edit: PlantEdit | None) -> None:
        """What would change; None while it is not known yet."""
        self._edit = edit
        self.stop_asking()
        self._show_page(self._page)
        lines = self._lists
        while (item := lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        counts = (edit.added, edit.changed, edit.removed) if edit is not None else (0, 0, 0)
        for label, count in zip(self._counts, counts, strict=True):
            label.setText(format_number(count))
        reason = self._reason(edit)
        self.apply.setEnabled(edit is not None and not reason)
        self._why.setText(reason)
        self._why.setVisible(bool(reason))
        if edit is not None:
            self._list(self.tr("Cannot be applied"), "circle-x", edit.problems)
            self._list(self.tr("Good to know"), "info", edit.notices)
        lines.addStretch(1)

    def ask(self) -> None:
        """Apply was touched: the question takes the place of it all."""
        edit = self._edit
        if edit is None or not self.apply.isEnabled():
            return
        question = self.tr("Change the plant file?")
        detail = self.tr("{0} is written and taken into the running plant. The old file is kept beside it.")
        if not edit.diff:
            question = self.tr("Take in the plant file?")
            detail = self.tr("{0} is taken into the running plant as it is.")
        total_s = self._context.theme.px("motion", "confirmTimeout") / 1000
        self._left_s = total_s
        self.confirm.ask(question, detail.format(edit.path.name), self.tr("Apply"), total_s, icon="check")
        self._show_page(self.confirm)
        self._context.bridge.frame.connect(self._on_frame)
        self.confirm.no.setFocus(Qt.FocusReason.OtherFocusReason)

    def stop_asking(self) -> None:
        if self.asking:
            self._context.bridge.frame.disconnect(self._on_frame)
            self._show_page(self._page)
            self.apply.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_working(self) -> None:
        """The plant is being changed: this cannot be stopped half-way."""
        self.apply.setEnabled(False)
        self.apply.setText(self.tr("Applying…"))

    def show_result(self, sentence: str, looks: Looks) -> None:
        """It is done; ``looks`` are the tags worth a look now."""
        self._reset_apply()
        self._show_end(scrolling(_Done(self._context, self, sentence, looks)))

    def show_error(self, text: str) -> None:
        """It was not done; everything that was chosen is still there."""
        self._reset_apply()
        actions = [
            (self.tr("Try again"), "refresh-cw", self.applied.emit),
            (self.tr("Look again"), "file-text", self.planned_again.emit),
        ]
        content = Column(right=0)
        panel = ErrorPanel(
            self._context, self.tr("The changes were not taken"), breakable(text), actions=actions
        )
        content.rows.addWidget(panel)
        content.rows.addStretch(1)
        self._show_end(scrolling(content))

    def _make_page(self) -> QWidget:
        context = self._context
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(Label(context, self.tr("Tags"), "h2"))
        figures = QHBoxLayout()
        figures.setSpacing(24)
        self._counts = []
        for name in (self.tr("Added"), self.tr("Changed"), self.tr("Removed")):
            cell = QVBoxLayout()
            cell.setSpacing(0)
            cell.addWidget(Label(context, name, "label", "text2"))
            figure = Label(context, "0", "valueM")
            self._counts.append(figure)
            cell.addWidget(figure)
            figures.addLayout(cell)
        figures.addStretch(1)
        column.addLayout(figures)
        self.apply = Button(context, self.tr("Apply"), "primary", "check")
        self.apply.clicked.connect(self.ask)
        column.addWidget(self.apply)
        self._why = Label(context, "", "label", "text2", wrap=True)
        column.addWidget(self._why)
        content = Column(spacing=6)
        self._lists = content.rows
        column.addWidget(scrolling(content), 1)
        return page

    def _reason(self, edit: PlantEdit | None) -> str:
        if edit is None:
            return ""
        if edit.problems:
            return self.tr("The plant file would not be right: go back and change what is said below.")
        return "" if edit.diff or edit.unseen else self.tr("Nothing would change.")

    def _list(self, title: str, icon: str, lines: Sequence[str]) -> None:
        if not lines:
            return
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 6, 0, 0)
        row.setSpacing(8)
        row.addWidget(Glyph(self._context, icon, "text", 20))
        row.addWidget(Label(self._context, title, "bodyStrong"), 1)
        self._lists.addWidget(head)
        for line in lines[:_MOST]:
            self._lists.addWidget(Label(self._context, breakable(line), "label", "text2", wrap=True))
        if len(lines) > _MOST:
            more = self.tr("and {0} more").format(format_number(len(lines) - _MOST))
            self._lists.addWidget(Label(self._context, more, "label", "text2"))

    @Slot(float)
    def _on_frame(self, elapsed_s: float) -> None:
        self._left_s -= elapsed_s
        if self._left_s <= 0:
            self.stop_asking()
        else:
            self.confirm.show_remaining(self._left_s)

    def _on_confirmed(self) -> None:
        self.stop_asking()
        self.applied.emit()

    def _reset_apply(self) -> None:
        self.apply.setText(self.tr("Apply"))

    def _show_page(self, page: QWidget) -> None:
        self.pages.setCurrentWidget(page)
        if self._end is not None and page is not self._end:
            self.pages.removeWidget(self._end)
            self._end.deleteLater()
            self._end = None

    def _show_end(self, page: QWidget) -> None:
        self.pages.addWidget(page)
        self._show_page(page)
        self._end = page


class _Done(Column):
    """What was done, and where to look at it now."""

    def __init__(self, context: PanelContext, summary: Summary, sentence: str, looks: Looks) -> None:
        super().__init__(right=0, spacing=12)
        column = self.rows
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(Glyph(context, "check", "ink", 24), 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(Label(context, self.tr("The plant has the changes"), "h2", wrap=True), 1)
        column.addLayout(head)
        column.addWidget(Label(context, breakable(sentence), "body", "text2", wrap=True))
        column.addSpacing(4)
        actions = [
            (looks.trend, self.tr("Open on Trends"), "chart-line", summary.trends),
            (looks.faceplate, self.tr("Open faceplate"), "info", summary.faceplate),
            (True, self.tr("Add more tags"), "plus", summary.again),
        ]
        for text, icon, signal in (action[1:] for action in actions if action[0]):
            button = Button(context, text, icon=icon)
            button.clicked.connect(signal)
            column.addWidget(button)
        column.addStretch(1)
        self.setAccessibleName(sentence)
