"""The trends page: pens over time, live and from history."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.trends.chart import Chart, describe
from hmi.panel.trends.dates_dialog import DatesDialog
from hmi.panel.trends.export_flow import ExportFlow
from hmi.panel.trends.navigator import Navigator
from hmi.panel.trends.pen_picker import PenPicker
from hmi.panel.trends.progress_strip import ProgressStrip
from hmi.panel.trends.session import TrendSession
from hmi.panel.trends.shift_window import shift_window
from hmi.panel.trends.side_panel import SidePanel
from hmi.panel.trends.tags import first_keys
from hmi.panel.trends.toolbar import Toolbar
from hmi.panel.trends.window import SPANS_US, Range, TimeWindow
from hmi.panel.widgets.states import DisconnectedStrip, Empty, ErrorPanel, Loading


class TrendsPage(QWidget):
    """``on_argument`` takes a tag key and draws it as one more pen."""

    page_id = "trends"

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self.title = self.tr("Trends")
        self._context = context
        self._first_keys = first_keys(context)
        self.session = self._make_session()
        self.toolbar = Toolbar(self.session)
        self.chart = Chart(self.session)
        self.navigator = Navigator(self.session)
        self.side = SidePanel(self.session)
        self._state: QWidget | None = None
        self._state_name = ""
        self._lay_out()
        self.strip = ProgressStrip(context, self._card)
        self.export = ExportFlow(self.session, self._body)
        self._connect()
        self._refresh()

    def on_argument(self, key: str) -> None:
        """Draw this tag too; says so when there is no room for it."""
        self.add_pen(key)

    def add_pen(self, key: str) -> None:
        if self.session.add_pen(key):
            return
        if self.session.pens.full:
            text = self.tr("Six pens are the most. Remove one, then add this one again.")
        else:
            text = self.tr("{0} has no history that can be drawn.").format(self._title(key))
        self._context.notify.emit(text)

    def _title(self, key: str) -> str:
        definition = self._context.engine.tags.definition(key)
        return self._context.title_of(definition) if definition is not None else key

    def pick_pen(self) -> None:
        """Let the person choose a tag."""
        if self.session.pens.full:
            return
        picker = PenPicker(self._context, self.session.pens.keys)
        picker.chosen.connect(self._on_picked)
        self._context.open_dialog.emit(picker)

    def pick_dates(self) -> None:
        dialog = DatesDialog(self._context, self.session.window)
        dialog.chosen.connect(self._on_dates)
        self._context.open_dialog.emit(dialog)

    def show_shift(self) -> None:
        window = shift_window(self._context.config.shifts, self.session.now_us, self._context.zone)
        if window is not None:
            self.session.show_window(window, Range.SHIFT)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow_line()
        self.session.start()
        self.navigator.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.session.stop()
        self.navigator.stop()
        self.strip.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if not self.chart.on_key(Qt.Key(event.key()), shift=shift):
            super().keyPressEvent(event)

    def _follow_line(self) -> None:
        """The pens that nobody chose are those of the line that was looked at last."""
        wanted = first_keys(self._context)
        untouched = self._context.settings.trend_pens is None
        if untouched and wanted != self._first_keys:
            self._first_keys = wanted
            self.session.replace_pens(wanted)

    def _make_session(self) -> TrendSession:
        settings = self._context.settings
        keys = settings.trend_pens if settings.trend_pens is not None else self._first_keys
        return TrendSession(self._context, list(keys), Range(settings.trend_range))

    def _lay_out(self) -> None:
        self._card = QFrame()
        self._card.setProperty("panel", "card")
        inside = QVBoxLayout(self._card)
        inside.setContentsMargins(20, 10, 8, 10)
        inside.setSpacing(8)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.chart)
        inside.addWidget(self._stack, 1)
        inside.addWidget(self.navigator)
        self._body = QWidget()
        row = QHBoxLayout(self._body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._context.theme.px("frame", "gutter"))
        row.addWidget(self._card, 1)
        row.addWidget(self.side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._context.theme.px("frame", "gutter"))
        column.addWidget(self.toolbar)
        for connection in self._context.engine.connections():
            column.addWidget(DisconnectedStrip(self._context, connection.connection))
        column.addWidget(self._body, 1)

    def _connect(self) -> None:
        session = self.session
        for signal in (session.data_changed, session.trouble_changed, session.window_changed):
            signal.connect(self._refresh)
        session.reader.reading_changed.connect(self._on_reading)
        session.pens_changed.connect(self._on_pens)
        session.window_changed.connect(self._remember)
        self.toolbar.dates_asked.connect(self.pick_dates)
        self.toolbar.shift_asked.connect(self.show_shift)
        self.toolbar.export_asked.connect(self.export.ask_where)
        self.side.add_asked.connect(self.pick_pen)
        self.strip.cancelled.connect(self._on_cancel)
        self.export.progress.connect(self.strip.show_export)
        self.export.running_changed.connect(self._on_export)
        shortcut = QShortcut(QKeySequence("Ctrl+E"), self)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(self.export.ask_where)

    def _refresh(self) -> None:
        """Lanes, or what stands in their place."""
        session = self.session
        if not len(session.pens):
            self._show_state("pens")
        elif session.trouble:
            self._show_state("trouble")
        elif not session.loaded:
            self._show_state("loading")
        elif not session.has_data and not session.reader.reading:
            self._show_state("nothing")
        elif session.has_data or self._state_name == "loading":
            self._show_state("")
        self.chart.setAccessibleName(self.tr("Trend of {0}").format(describe(self.chart.lanes)))

    def _show_state(self, name: str) -> None:
        key = f"{name} {self.session.trouble}" if name == "trouble" else name
        if key == self._state_name:
            return
        self._state_name = key
        old, self._state = self._state, self._make_state(name)
        if self._state is not None:
            self._stack.addWidget(self._state)
        self._stack.setCurrentWidget(self._state or self.chart)
        if old is not None:
            self._stack.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.navigator.setVisible(name != "pens")

    def _make_state(self, name: str) -> QWidget | None:
        context, session = self._context, self.session
        if name == "loading":
            return Loading(context, self.tr("Reading history"), session.give_up)
        if name == "pens":
            fact = self.tr("A pen is a tag drawn over time.")
            return Empty(context, self.tr("No pens"), fact, self.tr("Add pen"), self.pick_pen)
        if name == "nothing":
            fact = self.tr("The recorder has no good value of these pens between the two times.")
            title = self.tr("Nothing was recorded in this time")
            return Empty(context, title, fact, self.tr("Go to live"), lambda: session.follow(Range.LIVE))
        if name == "trouble":
            return self._trouble_panel()
        return None

    def _trouble_panel(self) -> QWidget:
        session = self.session
        actions = [
            (self.tr("Retry"), "refresh-cw", session.read_again),
            (self.tr("Show live values only"), "activity", self._show_live_only),
        ]
        panel = QWidget()
        column = QVBoxLayout(panel)
        column.setContentsMargins(0, 12, 12, 0)
        title = self.tr("History could not be read")
        column.addWidget(ErrorPanel(self._context, title, session.trouble, (), actions))
        column.addStretch(1)
        return panel

    def _show_live_only(self) -> None:
        self.session.follow(Range.LIVE)
        self.session.show_live_only()

    def _on_reading(self, reading: bool) -> None:
        if self.export.running:
            return
        if reading and self.session.loaded:
            self.strip.wait_for_reading()
        elif not reading:
            self.strip.end()
            self._refresh()

    def _on_export(self, running: bool) -> None:
        if running:
            self.strip.show_export(0)
        else:
            self.strip.end()

    def _on_cancel(self) -> None:
        if self.export.running:
            self.export.cancel()
        else:
            self.session.give_up()
            self.strip.end()

    def _on_picked(self, key: str) -> None:
        self._context.close_drawer.emit()
        self.add_pen(key)

    def _on_dates(self, window: TimeWindow) -> None:
        self._context.close_drawer.emit()
        self.session.show_window(window, Range.DATES)

    def _on_pens(self) -> None:
        self._refresh()
        self._remember()

    def _remember(self) -> None:
        """Pens and range come back with the next start."""
        chosen = self.session.view.range
        settings = self._context.settings
        changes: dict[str, object] = {}
        if chosen in SPANS_US and str(chosen) != settings.trend_range:
            changes["trend_range"] = str(chosen)
        first = settings.trend_pens is None and list(self.session.pens.keys) == self._first_keys
        if not first and self.session.pens.keys != settings.trend_pens:
            changes["trend_pens"] = self.session.pens.keys
        if changes:
            self._context.change_settings(**changes)
