"""Diagnostics: controllers, events, queues, database and the program itself (ISA-101 level 4)."""

from PySide6.QtCore import QCoreApplication, Qt, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.events import Event
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.controller_detail import ControllerDetail
from hmi.panel.diagnostics.controllers_card import ControllersCard
from hmi.panel.diagnostics.database_card import DatabaseCard
from hmi.panel.diagnostics.event_detail import EventDetail
from hmi.panel.diagnostics.event_log import EventLogCard
from hmi.panel.diagnostics.queues_card import QueuesCard
from hmi.panel.diagnostics.system_card import SystemCard
from hmi.panel.diagnostics.table import POINTER_ROW
from hmi.panel.widgets.segmented import Segmented

WIDE_FROM = 1500
_SIDE_WIDE, _SIDE = 600, 420
_ROWS_WIDE, _ROWS = 12, 4
_LOGS, _PROGRAM = "logs", "program"


class DiagnosticsPage(QWidget):
    """Two columns where there is room; else the tables and the program's cards are two views.

    A detail takes the place of the right column, or comes beside the tables.
    """

    page_id = "diagnostics"

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self.title = QCoreApplication.translate("DiagnosticsPage", "Diagnostics")
        self._wide: bool | None = None
        self.controllers = ControllersCard(context)
        self.events = EventLogCard(context)
        self.queues = QueuesCard(context)
        self.database = DatabaseCard(context)
        self.system = SystemCard(context)
        self.controller_detail = ControllerDetail(context)
        self.event_detail = EventDetail(context, self.events.model)
        views = ((_LOGS, self.tr("Controllers and events")), (_PROGRAM, self.tr("Database, queues, system")))
        self.views = Segmented(context, views, _LOGS, self.tr("View"))
        self.views.setMaximumWidth(520)
        self._lay_out()
        self._connect()

    @property
    def wide(self) -> bool:
        """Are there two columns?"""
        return bool(self._wide)

    @Slot(str)
    def on_argument(self, argument: str) -> None:
        """``navigate("diagnostics", connection)`` opens that controller's detail."""
        if self._context.engine.connection(argument) is not None:
            self.open_controller(argument)

    def open_controller(self, connection: str) -> None:
        self.controller_detail.show_connection(connection)
        self._open(self.controller_detail)

    def open_event(self, event: Event) -> None:
        self.event_detail.show_event(event)
        self._open(self.event_detail)

    def close_detail(self) -> None:
        self.controllers.clear_choice()
        self.events.table.clearSelection()
        self._side.setCurrentWidget(self._program)
        self._arrange()

    @property
    def detail(self) -> QWidget | None:
        """The detail that is open."""
        current = self._side.currentWidget()
        return None if current is self._program else current

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.detail is not None:
            self.close_detail()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        gutter = self._context.theme.px("frame", "gutter")
        self._program = QWidget()
        self._cards = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._program)
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._cards.setSpacing(gutter)
        for card, share in ((self.queues, 0), (self.database, 1), (self.system, 1)):
            self._cards.addWidget(card, share)
        self._side = QStackedWidget()
        for part in (self._program, self.controller_detail, self.event_detail):
            self._side.addWidget(part)
        self._tables = QWidget()
        tables = QVBoxLayout(self._tables)
        tables.setContentsMargins(0, 0, 0, 0)
        tables.setSpacing(gutter)
        tables.addWidget(self.controllers)
        tables.addWidget(self.events, 1)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(gutter)
        self._body.addWidget(self._tables, 1)
        self._body.addWidget(self._side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gutter)
        column.addWidget(self.views)
        column.addLayout(self._body, 1)

    def _connect(self) -> None:
        self.controllers.chosen.connect(self.open_controller)
        self.events.chosen.connect(self.open_event)
        self.controller_detail.closed.connect(self.close_detail)
        self.event_detail.closed.connect(self.close_detail)
        self.views.chosen.connect(lambda _: self._arrange())
        self.controllers.model.modelReset.connect(self._fit_tables)
        self._context.settings_changed.connect(self._arrange)

    def _open(self, detail: QWidget) -> None:
        if not self.wide:
            self.views.select(_LOGS)
        self._side.setCurrentWidget(detail)
        self._arrange()

    def _arrange(self) -> None:
        """What is shown where, for the width there is."""
        self._wide = self.width() >= WIDE_FROM
        self.views.setVisible(not self._wide)
        self.queues.make_flat(not self._wide)
        opened = self.detail is not None
        logs = self._wide or self.views.value == _LOGS
        if not logs and opened:
            self._side.setCurrentWidget(self._program)
            opened = False
        self._tables.setVisible(logs)
        self._side.setVisible(self._wide or opened or not logs)
        if self._wide:
            self._side.setFixedWidth(_SIDE_WIDE)
        elif logs:
            self._side.setFixedWidth(min(_SIDE, self.width() // 2))
        else:
            self._side.setMinimumWidth(0)
            self._side.setMaximumWidth(16_777_215)
        self._fit_tables()

    def _fit_tables(self) -> None:
        """Rows for pointers on a desk's screen, else for fingers; the log takes what is left."""
        pointer = self.wide and self._context.settings.touch_size == "standard"
        height = POINTER_ROW if pointer else self._context.density.row
        for table in (self.controllers.table, self.events.table):
            table.set_row_height(height)
        most = _ROWS_WIDE if self.wide else _ROWS
        self.controllers.setFixedHeight(self.controllers.height_for_rows(most))
