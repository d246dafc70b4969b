"""Overview: the hall of several lines, one line on the whole page, or why there is none (ISA-101 level 1)."""

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.overview.hall_view import HallView
from hmi.panel.overview.line_view import LineView
from hmi.panel.overview.plant_lines import plant_lines
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.states import Empty


class OverviewPage(QWidget):
    """A line is a connection that has the state tags of a machine; the scope says which of them, or all."""

    page_id = "overview"
    about = "lines"

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self.title = QCoreApplication.translate("OverviewPage", "Overview")
        self.lines = plant_lines(context.config, context.engine.tags)
        self.view: LineView | None = None
        self.hall: HallView | None = None
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        if not self.lines:
            self._stack.addWidget(self._empty())
            return
        self._show_scope()
        context.scope.changed.connect(self._follow_scope)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow_scope()

    @Slot()
    def _follow_scope(self) -> None:
        """What nobody sees is not made."""
        if self.lines and self.isVisible():
            self._show_scope()

    def _show_scope(self) -> None:
        scope = self._context.scope
        if scope.hall:
            if self.hall is None:
                self.hall = HallView(self._context, self.lines)
                self._stack.addWidget(self.hall)
            self._stack.setCurrentWidget(self.hall)
        else:
            self._stack.setCurrentWidget(self._view_of(scope.line))

    def _view_of(self, connection: str) -> LineView:
        """Only one line's view is kept."""
        line = next((each for each in self.lines if each.connection == connection), self.lines[0])
        if self.view is not None and self.view.data.line == line:
            return self.view
        if self.view is not None:
            self._stack.removeWidget(self.view)
            self.view.hide()
            self.view.deleteLater()
        self.view = LineView(self._context, line)
        self._stack.addWidget(self.view)
        return self.view

    def _empty(self) -> Card:
        card = Card(self._context)
        card.body.addWidget(
            Empty(
                self._context,
                self.tr("No line to show"),
                self.tr("No connection of the plant file has a machine's state tags, such as SystemRunning."),
                self.tr("See the connections"),
                lambda: self._context.navigate.emit("diagnostics", ""),
            ),
            1,
        )
        return card
