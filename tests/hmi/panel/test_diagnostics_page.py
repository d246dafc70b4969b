"""The Diagnostics page over a real engine, a real driver and a simulated S7 controller."""

import random
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from drivers.base import ConnectionSettings
from drivers.s7.driver import S7Driver
from drivers.worker import Worker
from engine.clock import SystemClock
from engine.config.loader import parse_plant
from engine.connections import ConnectionState
from engine.events import Event, EventJournal, EventKind, Severity
from engine.history import NullRecorder, RecorderState, RecorderStatus
from engine.runtime import Engine
from engine.tags import TagDatabase
from hmi.panel.context import Installation, PanelContext
from hmi.panel.diagnostics.controller_detail import TagErrorRow
from hmi.panel.diagnostics.controllers_model import Column
from hmi.panel.pages.diagnostics import DiagnosticsPage
from hmi.panel.theme import Theme
from sim.s7_server import S7Server
from tests.engine.tag_defs import tag_def
from tests.hmi.panel.plant_bench import MemoryHistory
from tests.waiting import wait_until

TAGS = [tag_def("FillLevel", "REAL", address="DB1,0"), tag_def("Nowhere", "INT", address="DB9,0")]
PLANT = """
schema_version: 1
site: {name: Hall, timezone: Europe/Berlin}
plc_connections:
  - id: line1
    name: Line 1
    type: SIEMENS_S7
    host: 127.0.0.1
    tags: [{name: FillLevel, address: "DB1,0", data_type: REAL}]
"""
BARE = "schema_version: 1\nsite: {name: Hall}\n"


class OldEvents(MemoryHistory):
    """A history that knows what was before this program started."""

    def __init__(self):
        super().__init__()
        self.old = []

    def events(self, start_us, end_us, limit=500):
        return [event for event in self.old if start_us <= event.time_us < end_us][:limit]


class Rig:
    """A controller with one readable and one unreadable tag, an engine, and the panel's context."""

    def __init__(self, folder, plant=PLANT):
        self.server = S7Server("127.0.0.1", 0)
        self.server.add_db(1, bytearray(64))
        self.server.start()
        self.history, self.clock = OldEvents(), SystemClock()
        config = parse_plant(plant, "plant.yaml", {})
        tags = TAGS if config.plc_connections else []
        self.engine = Engine(TagDatabase(tags), EventJournal(), NullRecorder(), self.history, self.clock)
        settings = ConnectionSettings(
            "line1", "SIEMENS_S7", "S7-1500", "127.0.0.1", self.server.port, timeout_s=2.0, scan_ms=100
        )
        if config.plc_connections:
            worker = Worker(settings, TAGS, S7Driver, self.engine.post, self.clock, random.Random(1))
            self.engine.add_connections([worker])
        self.context = PanelContext(
            self.engine, config, Theme.load("paper"), installation=Installation(None, folder)
        )
        self.engine.start()

    def state(self):
        return self.engine.connection("line1").state

    def wait_for(self, state):
        wait_until(lambda: self.state() is state, f"the connection to be {state}")
        self.context.bridge.connections_changed.emit()

    def close(self):
        self.engine.stop()
        self.server.stop()
        self.context.close()


@pytest.fixture
def rig(qapp, panel_fonts, tmp_path):
    rig = Rig(tmp_path)
    rig.wait_for(ConnectionState.CONNECTED)
    wait_until(lambda: rig.engine.connection("line1").tag_errors, "the unreadable tag to be known")
    yield rig
    rig.close()


@pytest.fixture
def page(rig, qtbot):
    return shown(rig, qtbot)


def shown(rig, qtbot, size=(1160, 660)):
    page = DiagnosticsPage(rig.context)
    qtbot.addWidget(page)
    page.resize(*size)
    page.show()
    return page


def cell(page, column):
    model = page.controllers.model
    return model.data(model.index(0, column))


def queries_done(rig):
    wait_until(lambda: QApplication.processEvents() or rig.context.queries.running == 0, "the query")


def test_a_connected_controller_with_an_unreadable_tag_says_how_many_are_good(page):
    assert cell(page, Column.STATE) == "Connected"
    assert cell(page, Column.TAGS) == "1 / 2"
    assert cell(page, Column.CIRCUIT) == "Closed"


def test_a_cpu_in_stop_is_told_from_a_lost_link(page, rig):
    rig.server.faults.stopped = True
    rig.wait_for(ConnectionState.STOPPED)
    assert cell(page, Column.STATE) == "CPU in STOP"
    rig.server.faults.stopped = False
    rig.wait_for(ConnectionState.CONNECTED)
    assert cell(page, Column.STATE) == "Connected"


def test_a_lost_controller_counts_down_and_try_now_asks_again(page, rig, qtbot):
    rig.server.stop()
    rig.wait_for(ConnectionState.DISCONNECTED)
    assert cell(page, Column.STATE) == "Disconnected"
    page.open_controller("line1")
    assert not page.controller_detail.try_now.isHidden()
    before = rig.engine.connection("line1").retries_per_hour
    page.controller_detail.try_now.click()
    wait_until(lambda: rig.engine.connection("line1").retries_per_hour > before, "another try")


def test_a_touch_on_a_row_opens_its_detail_with_the_unreadable_tag(page, rig, qtbot):
    table = page.controllers.table
    where = table.visualRect(page.controllers.model.index(0, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert page.detail is page.controller_detail
    (error,) = page.controller_detail.findChildren(TagErrorRow)
    with qtbot.waitSignal(rig.context.open_faceplate) as opened:
        error.click()
    assert opened.args == ["line1/Nowhere"]


def test_enter_opens_a_detail_and_escape_closes_it(page, qtbot):
    table = page.controllers.table
    table.setCurrentIndex(page.controllers.model.index(0, 0))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert page.detail is page.controller_detail
    qtbot.keyClick(page.controller_detail, Qt.Key.Key_Escape)
    assert page.detail is None


def test_a_new_event_appears_on_top_and_only_under_its_filter(page, rig):
    rig.engine.events.record(Event(rig.clock.utc_us(), EventKind.DATABASE, "Database", "Spool empty"))
    rig.context.bridge.events_changed.emit()
    assert page.events.model.shown[0].text == "Spool empty"
    page.events.filters._group.button(2).click()
    assert all(event.kind is EventKind.COMMAND for event in page.events.model.shown)
    page.events.filters._group.button(3).click()
    assert [event.text for event in page.events.model.shown] == ["Spool empty"]


def test_older_events_come_from_the_history_once(page, rig):
    rig.history.old = [Event(1_700_000_000_000_000, EventKind.SYSTEM, "Brimline", "Long ago")]
    page.events.older.click()
    queries_done(rig)
    assert page.events.model.shown[-1].text == "Long ago"
    page.events.older.click()
    queries_done(rig)
    assert [event.text for event in page.events.model.shown].count("Long ago") == 1
    assert not page.events.older.isEnabled()


def test_an_event_shows_everything_that_was_recorded_of_it(page, rig):
    told = Event(
        rig.clock.utc_us(), EventKind.COMMAND, "line1/X", "Refused", Severity.WARNING, (("asked", "60.0"),)
    )
    page.open_event(told)
    texts = [label.text() for label in page.event_detail.findChildren(type(page.event_detail.subtitle))]
    assert {"Refused", "Asked", "60.0", "Warning"} <= set(texts)


def test_export_writes_what_is_shown_and_says_where(page, rig, qtbot, tmp_path):
    with qtbot.waitSignal(rig.context.notify) as said:
        page.events.export_button.click()
    (path,) = (tmp_path / "exports").glob("events-*.csv")
    assert str(path) in said.args[0]
    assert "Connected to" in path.read_text(encoding="utf-8")


def test_a_spooling_database_says_why_and_how_much_waits(page):
    status = RecorderStatus(RecorderState.WRITING, queue_rows=42, queue_limit=4000, write_ms=18.0)
    page.database.refresh(status)
    assert page.database.accessibleDescription() == "Writing. "
    page.database.refresh(
        replace(status, state=RecorderState.SPOOLING, cause="The disk is full", spool_rows=1240, rows_lost=3)
    )
    assert page.database.accessibleDescription() == "Spooling to disk. The disk is full"
    assert page.database._spool.accessibleName() == "Disk spool, 1\u2009240 rows, Waiting to be replayed"
    assert page.database._lost.text() == "3 rows lost"


def test_queues_say_what_happens_when_they_are_full(page):
    names = [figure.accessibleName() for figure in page.queues._figures.values()]
    assert any("When full: spools to disk" in name for name in names)


def test_two_columns_on_a_desk_and_two_views_on_a_panel(page, rig):
    assert not page.wide
    assert page.queues.isHidden() is False
    assert page.queues.isVisible() is False
    page.views._group.button(1).click()
    assert page.queues.isVisible()
    assert not page.events.isVisible()
    page.resize(1800, 940)
    QApplication.processEvents()
    assert page.wide
    assert page.queues.isVisible()
    assert page.events.isVisible()
    assert page.controllers.table.row_height == 40
    page.resize(1160, 660)
    QApplication.processEvents()
    assert page.controllers.table.row_height == 56


def test_the_theme_can_change_while_it_is_shown(page, rig):
    before = page.grab().toImage()
    rig.context.change_theme("graphite")
    assert page.grab().toImage() != before


def test_a_plant_without_controllers_says_so(qapp, panel_fonts, qtbot, tmp_path):
    rig = Rig(tmp_path, BARE)
    page = shown(rig, qtbot)
    assert not page.controllers.table.isVisible()
    assert page.controllers.model.rowCount() == 0
    rig.close()
