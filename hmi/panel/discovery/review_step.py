"""The third step: the plant file as it would be, and making it so."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from engine.discovery import PlantEdit, Progress
from engine.errors import EngineError
from hmi.panel.context import PanelContext
from hmi.panel.discovery.diff_lines import diff_lines
from hmi.panel.discovery.diff_view import DiffView
from hmi.panel.discovery.scroll import at_top, breakable
from hmi.panel.discovery.session import Looks
from hmi.panel.discovery.summary import Summary
from hmi.panel.discovery.task import Task
from hmi.panel.widgets.card import Card, rule
from hmi.panel.widgets.label import ElidedLabel
from hmi.panel.widgets.states import Empty, ErrorPanel, Loading

Plan = Callable[[Progress], PlantEdit]
_SIDE, _SIDE_WIDE = 340, 440
_WIDE_FROM = 1500


class ReviewStep(QWidget):
    """``show_plan`` is given what makes the edit, and the tags to look at afterwards."""

    changed = Signal()
    again = Signal()

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self.task = Task(context, self)
        self.diff = DiffView(context)
        self.summary = Summary(context)
        self.edit: PlantEdit | None = None
        self.applied = False
        self._plan: Plan | None = None
        self._looks = Looks()
        self._state: QWidget | None = None
        self._lay_out()
        self.summary.applied.connect(self.apply)
        self.summary.planned_again.connect(self._plan_again)
        self.summary.again.connect(self.again)
        self.summary.trends.connect(self._open_trends)
        self.summary.faceplate.connect(self._open_faceplate)

    @property
    def busy(self) -> bool:
        return self.task.running

    def show_plan(self, plan: Plan, looks: Looks) -> None:
        """Work out what would change and show it."""
        self._plan, self._looks, self.edit, self.applied = plan, looks, None, False
        self.summary.show_edit(None)
        self._heading.change_text("")
        self._show_state(Loading(self._context, self.tr("Working out the changes")))
        self.task.run(lambda progress, _: plan(progress), self._on_planned, self._on_plan_error)
        self.changed.emit()

    def apply(self) -> None:
        """Write the file and take it into the plant."""
        edit, discovery = self.edit, self._context.discovery
        if edit is None or discovery is None or self.task.running:
            return
        self.summary.show_edit(edit)
        self.summary.show_working()
        self.task.run(lambda *_: discovery.apply(edit), self._on_applied, self._on_apply_error)
        self.changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.summary.setFixedWidth(_SIDE_WIDE if event.size().width() >= _WIDE_FROM else _SIDE)

    def _lay_out(self) -> None:
        card = Card(self._context)
        card.setAccessibleName(self.tr("Changes of the plant file"))
        card.body.setContentsMargins(1, 0, 1, 2)
        card.body.setSpacing(0)
        self._heading = ElidedLabel(self._context, "", "h2")
        head = QWidget()
        head.setFixedHeight(48)
        row = QHBoxLayout(head)
        row.setContentsMargins(20, 0, 20, 0)
        row.addWidget(self._heading, 1)
        card.body.addWidget(head)
        card.body.addWidget(rule())
        self._pages = QStackedWidget()
        self._pages.addWidget(self.diff)
        card.body.addWidget(self._pages, 1)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(self._context.theme.px("frame", "gutter"))
        columns.addWidget(card, 1)
        columns.addWidget(self.summary)

    def _on_planned(self, edit: PlantEdit) -> None:
        self.edit = edit
        lines = diff_lines(edit.diff)
        self.diff.show_lines(lines)
        self._heading.change_text(str(edit.path))
        self.summary.show_edit(edit)
        if lines:
            self._show_state(None)
        else:
            fact = self.tr("The plant file has all of this already.")
            self._show_state(Empty(self._context, self.tr("No changes"), fact))
        self.changed.emit()

    def _on_plan_error(self, error: EngineError) -> None:
        title = self.tr("The changes could not be worked out")
        actions = [(self.tr("Try again"), "refresh-cw", self._plan_again)]
        panel = ErrorPanel(self._context, title, breakable(str(error)), actions=actions)
        self._show_state(at_top(panel))
        self.changed.emit()

    def _plan_again(self) -> None:
        if self._plan is not None:
            self.show_plan(self._plan, self._looks)

    def _on_applied(self, sentence: str) -> None:
        self.applied = True
        self.summary.show_result(sentence, self._looks)
        self.changed.emit()

    def _on_apply_error(self, error: EngineError) -> None:
        self.summary.show_error(str(error))
        self.changed.emit()

    def _open_trends(self) -> None:
        self._context.navigate.emit("trends", self._looks.trend)

    def _open_faceplate(self) -> None:
        self._context.open_faceplate.emit(self._looks.faceplate)

    def _show_state(self, state: QWidget | None) -> None:
        if self._state is not None:
            self._pages.removeWidget(self._state)
            self._state.deleteLater()
        self._state = state
        if state is not None:
            self._pages.addWidget(state)
            self._pages.setCurrentWidget(state)
        else:
            self._pages.setCurrentWidget(self.diff)
