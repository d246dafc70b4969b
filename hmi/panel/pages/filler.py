"""The Filler page: the filler of the line that was chosen, as in the breadcrumb."""

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.machine_tags import filler_connection
from hmi.panel.pages.filler_view import FillerView
from hmi.panel.widgets.states import Empty


class FillerPage(QWidget):
    """One view a line, made when first seen and kept: a command under way is reported where it was given."""

    page_id = "filler"
    title = "Filler"
    about = "machine"

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self.context = context
        self._views: dict[str, FillerView] = {}
        self._stack = QStackedLayout(self)
        if not self._wanted():
            title = self.tr("No filler in this plant")
            self._stack.addWidget(Empty(context, title, self.tr("The plant file has no controller.")))
            return
        self._show_line()
        context.scope.changed.connect(self._follow_scope)

    @property
    def view(self) -> FillerView | None:
        """The filler that is shown, None in a plant without any."""
        shown = self._stack.currentWidget()
        return shown if isinstance(shown, FillerView) else None

    def on_argument(self, connection: str) -> None:
        """The filler of this line."""
        self.context.scope.open_machine(connection)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow_scope()

    @Slot()
    def _follow_scope(self) -> None:
        """A hidden page waits until it is seen."""
        if self._views and self.isVisible():
            self._show_line()

    def _show_line(self) -> None:
        connection = self._wanted()
        if connection not in self._views:
            view = self._views[connection] = FillerView(self.context, connection)
            self._stack.addWidget(view)
        self._stack.setCurrentWidget(self._views[connection])

    def _wanted(self) -> str:
        """The line people chose where there are several."""
        scope = self.context.scope
        return scope.line if scope.several else filler_connection(self.context)
