"""Diagnostics: controllers, Sparkplug, events, queues, database and the program itself (ISA-101 level 4)."""

from PySide6.QtCore import QCoreApplication, Qt, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from engine.events import Event
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.controller_detail import ControllerDetail
from hmi.panel.diagnostics.controllers_card import ControllersCard
from hmi.panel.diagnostics.database_card import DatabaseCard
from hmi.panel.diagnostics.event_detail import EventDetail
from hmi.panel.diagnostics.event_log import EventLogCard
from hmi.panel.diagnostics.inspector_card import InspectorCard
from hmi.panel.diagnostics.queues_card import QueuesCard
from hmi.panel.diagnostics.sparkplug_view import SparkplugView, unused_card
from hmi.panel.diagnostics.system_card import SystemCard
from hmi.panel.diagnostics.table import POINTER_ROW
from hmi.panel.widgets.segmented import Segmented

WIDE_FROM = 1500
_SIDE_WIDE, _SIDE_REMOTE, _SIDE = 600, 604, 420
_ROWS_WIDE, _ROWS = 12, 4
_LOGS, _PROGRAM, _SPARKPLUG = "logs", "program", "sparkplug"
_SEGMENT = 240
_UNLIMITED = 16_777_215


class DiagnosticsPage(QWidget):
    """Two columns where there is room; else the tables and the program's cards are two views.

    A detail takes the place of the right column, or comes beside the tables. Sparkplug's cards head the
    right column or are a third view; its messages take the place of the events, or of that view.
    """

    page_id = "diagnostics"

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self.title = QCoreApplication.translate("DiagnosticsPage", "Diagnostics")
        self._wide: bool | None = None
        self._messages_open = False
        self.controllers = ControllersCard(context)
        self.events = EventLogCard(context)
        self.queues = QueuesCard(context)
        self.database = DatabaseCard(context)
        self.system = SystemCard(context)
        self.controller_detail = ControllerDetail(context)
        self.event_detail = EventDetail(context, self.events.model)
        engine = context.engine
        used = engine.host is not None or engine.edge is not None
        self.sparkplug = SparkplugView(context, engine.host, engine.edge) if used else None
        self.inspector = InspectorCard(context, engine.host) if engine.host is not None else None
        self.views = self._make_views()
        self._lay_out()
        self._connect()

    @property
    def wide(self) -> bool:
        """Are there two columns?"""
        return bool(self._wide)

    @Slot(str)
    def on_argument(self, argument: str) -> None:
        """The name of a connection opens that controller's detail, ``"sparkplug"`` the view of its nodes."""
        if argument == _SPARKPLUG and self.sparkplug is not None:
            self.views.select(_SPARKPLUG)
            self._arrange()
        elif self._context.engine.connection(argument) is not None:
            self.open_controller(argument)

    def open_controller(self, connection: str) -> None:
        self.controller_detail.show_connection(connection)
        self._open(self.controller_detail)

    def open_event(self, event: Event) -> None:
        self.event_detail.show_event(event)
        self._open(self.event_detail)

    def open_messages(self, topic: str = "", *, opened: bool = True) -> None:
        """Show the messages as they arrive, of topics with this text; or no more."""
        if self.inspector is None or self.sparkplug is None:
            return
        self._messages_open = opened
        if opened:
            self.inspector.filter.setText(topic)
        self._arrange()
        if opened:
            self.inspector.filter.setFocus()
        elif self.sparkplug.nodes is not None:
            self.sparkplug.nodes.messages_button.setFocus()

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
        if event.key() != Qt.Key.Key_Escape or not self._close_newest():
            super().keyPressEvent(event)

    def _close_newest(self) -> bool:
        """Close what has the focus or lies beside the tables; False if nothing was open."""
        inside = self.inspector.findChildren(QWidget) if self.inspector is not None else []
        if self._messages_open and self.window().focusWidget() in inside:
            self.open_messages(opened=False)
        elif self.detail is not None:
            self.close_detail()
        elif self.sparkplug is not None and self.sparkplug.detail_open:
            self.sparkplug.close_detail()
        elif self._messages_open:
            self.open_messages(opened=False)
        else:
            return False
        return True

    def _make_views(self) -> Segmented:
        options = [
            (_LOGS, self.tr("Controllers and events")),
            (_PROGRAM, self.tr("Database, queues, system")),
        ]
        if self.sparkplug is not None:
            options.append((_SPARKPLUG, self.tr("Sparkplug")))
        views = Segmented(self._context, options, _LOGS, self.tr("View"))
        views.setMaximumWidth(_SEGMENT * len(options))
        return views

    def _lay_out(self) -> None:
        gutter = self._context.theme.px("frame", "gutter")
        cards = QWidget()
        cards.setProperty("panel", "scroll")
        self._cards = QBoxLayout(QBoxLayout.Direction.TopToBottom, cards)
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._cards.setSpacing(gutter)
        for card, share in ((self.queues, 0), (self.database, 1), (self.system, 1)):
            self._cards.addWidget(card, share)
        self._unused = unused_card(self._context) if self.sparkplug is None else None
        if self._unused is not None:
            self._cards.addWidget(self._unused)
        self._program = cards if self.sparkplug is None else _scrolling(cards)
        self._side = QStackedWidget()
        for part in (self._program, self.controller_detail, self.event_detail):
            self._side.addWidget(part)
        self._tables = QWidget()
        self._rows = QVBoxLayout(self._tables)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(gutter)
        self._rows.addWidget(self.controllers)
        self._rows.addWidget(self.events, 1)
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
        if self.sparkplug is not None:
            self.sparkplug.detail_changed.connect(self._arrange)
            self.sparkplug.messages.connect(self.open_messages)
        if self.inspector is not None:
            self.inspector.closed.connect(lambda: self.open_messages(opened=False))

    def _open(self, detail: QWidget) -> None:
        if not self.wide:
            self.views.select(_LOGS)
        self._side.setCurrentWidget(detail)
        self._arrange()

    def _arrange(self) -> None:
        """What is shown where, for the width there is."""
        wide = self.width() >= WIDE_FROM
        if wide != self._wide:
            self._wide = wide
            self._place_sparkplug()
        self.views.setVisible(not wide)
        self.queues.make_flat(not wide)
        opened = self.detail is not None
        logs = wide or self.views.value == _LOGS
        remote = not wide and self.views.value == _SPARKPLUG
        if not logs and opened:
            self._side.setCurrentWidget(self._program)
            opened = False
        self._tables.setVisible(logs)
        self._side.setVisible(wide or opened or not (logs or remote))
        if wide:
            self._side.setFixedWidth(_SIDE_WIDE if self.sparkplug is None else _SIDE_REMOTE)
        elif logs:
            self._side.setFixedWidth(min(_SIDE, self.width() // 2))
        else:
            self._side.setMinimumWidth(0)
            self._side.setMaximumWidth(_UNLIMITED)
        self._arrange_sparkplug(remote=remote)
        self._fit_tables()

    def _place_sparkplug(self) -> None:
        """Into the right column and the tables' column, or beside them as a view of its own."""
        if self.sparkplug is None:
            return
        if self._wide:
            self._cards.insertWidget(0, self.sparkplug, 2)
            self._cards.removeWidget(self.queues)
            self._cards.insertWidget(2, self.queues)
        else:
            self._body.addWidget(self.sparkplug, 1)
            self._cards.removeWidget(self.queues)
            self._cards.insertWidget(0, self.queues)
        if self.inspector is not None:
            (self._rows if self._wide else self._body).addWidget(self.inspector, 1)

    def _arrange_sparkplug(self, *, remote: bool) -> None:
        """``remote``: the narrow layout shows Sparkplug now."""
        view, wide = self.sparkplug, self.wide
        if self._unused is not None:
            self._unused.setVisible(wide)
        if view is None:
            return
        messages = self._messages_open and (wide or remote)
        self.events.setVisible(not (wide and messages))
        if self.inspector is not None:
            self.inspector.setVisible(messages)
        view.setVisible(wide or (remote and not messages))
        alone = wide and view.detail_open
        for card in (self.queues, self.database, self.system):
            card.setVisible(not alone)
        database = self.database.minimumSizeHint().height()
        self.database.setMaximumHeight(database if wide else _UNLIMITED)
        free = self.height() - (0 if alone else database + self._cards.spacing())
        view.lay_out(column=wide, width=_SIDE_REMOTE if wide else self.width(), free_height=free)

    def _fit_tables(self) -> None:
        """Rows for pointers on a desk's screen, else for fingers; the log takes what is left."""
        pointer = self.wide and self._context.settings.touch_size == "standard"
        height = POINTER_ROW if pointer else self._context.density.row
        for table in (self.controllers.table, self.events.table):
            table.set_row_height(height)
        if self.sparkplug is not None and self.sparkplug.nodes is not None:
            self.sparkplug.nodes.tree.set_row_height(height)
        if self.inspector is not None:
            self.inspector.table.set_row_height(height)
        most = _ROWS_WIDE if self.wide else _ROWS
        self.controllers.setFixedHeight(self.controllers.height_for_rows(most))


def _scrolling(content: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area
