"""Names found on a controller and names read from a file, each carried through in the panel to a trend."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from engine.clock import SystemClock
from engine.config import load_plant
from engine.model import Quality
from hmi.discovery import PlantDiscovery
from hmi.panel.context import PanelContext
from hmi.panel.main_window import MainWindow
from hmi.panel.theme import Theme, load_fonts
from hmi.plant import build_plant
from hmi.reload import PlantReload
from sim.line_run import SimulatedLine
from tests.waiting import wait_until

SAMPLES = Path(__file__).resolve().parents[3] / "drivers" / "discovery" / "samples"
PLANT = """\
schema_version: 1
site: {name: Hall, timezone: UTC}
plc_connections:
  - id: line1               # Siemens; names come from a file
    name: Line 1
    type: SIEMENS_S7
    host: 127.0.0.1
    port: ${S7}
    timeout: 1
    scan_rate_ms: 100
    tags:
      - {name: SystemRunning, address: DB1.DBX2.0, data_type: BOOL}   # the only one so far
  - id: line2
    name: Line 2
    type: ALLEN_BRADLEY
    host: 127.0.0.1
    port: ${LOGIX}
    timeout: 1
    scan_rate_ms: 100
    tags: []
panel: {start_page: diagnostics}
"""


class Panel:
    """The real window over a real plant, worked as somebody in front of it would."""

    def __init__(self, window, context, engine):
        self.window, self.context, self.engine = window, context, engine

    def until(self, condition, what):
        def look():
            QApplication.processEvents()
            return condition()

        wait_until(look, what, 30)

    def settle(self):
        self.until(lambda: not self.context.queries.running, "the workers")

    @property
    def page(self):
        return self.window.page("discovery")

    def press(self, text):
        buttons = [b for b in self.page.findChildren(QAbstractButton) if b.isVisible() and text in b.text()]
        buttons[0].click()
        QApplication.processEvents()

    def choose(self, name):
        model = self.page.session.model
        for found in model.root.descendants():
            if found.children is None and found.expandable:
                model.fetchMore(model.index_of(found))
        items = {found.node.name: found for found in model.root.descendants()}
        assert name in items, f"{sorted(items)}"
        item = items[name]
        model.toggle(item)
        self.page.tags.tree.setCurrentIndex(model.index_of(item))

    def review_and_apply(self):
        self.page.next.click()
        self.settle()
        assert self.page.review.edit.problems == ()
        self.page.review.summary.apply.click()
        self.page.review.summary.confirm.yes.click()
        self.until(lambda: self.page.review.applied, "the plant to have the changes")

    def trend_of(self, key):
        """What the Trends page draws of this tag, once it has drawn something new."""
        self.press("Open on Trends")
        trends = self.window.page("trends")
        assert key in trends.session.pens.keys
        self.until(lambda: self.is_good(key), f"a live value of {key}")
        trace = trends.session.traces[key]
        self.until(lambda: trace.points > 3, f"a curve of {key}")
        return trace

    def is_good(self, key):
        found = self.engine.tags.definition(key) is not None
        return found and self.engine.tags.state(key).sample.quality is Quality.GOOD


@pytest.fixture
def line():
    with SimulatedLine(port=0, logix_port=0, speed=5.0) as line:
        yield line


@pytest.fixture
def panel(line, tmp_path, qtbot):
    plant_file = tmp_path / "plant.yaml"
    plant_file.write_text(PLANT, encoding="utf-8")
    env = {"S7": str(line.controller("s7").port), "LOGIX": str(line.controller("logix").port)}
    config = load_plant(plant_file, env)
    plant = build_plant(config, tmp_path / "data", SystemClock())
    reload = PlantReload(plant)
    load_fonts()
    discovery = PlantDiscovery(plant_file, reload, env)
    context = PanelContext(plant.engine, config, Theme.load("paper"), discovery=discovery)
    window = MainWindow(context)
    qtbot.addWidget(window)
    context.bridge.start()
    window.resize(1280, 800)
    window.show()
    plant.start()
    yield Panel(window, context, plant.engine)
    window.finish()
    plant.stop()
    context.close()


def test_a_tag_found_on_the_controller_becomes_a_curve(panel):
    panel.window.show_page("discovery")
    panel.page.source.show_way(1)
    table = panel.page.source.known.table
    table.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Return):
        QTest.keyClick(table, key)
    panel.settle()
    panel.choose("ScanCount")
    panel.review_and_apply()
    trace = panel.trend_of("line2/ScanCount")
    low, high = trace.bounds(0, 2**62)
    assert high > low


def test_a_tag_read_from_a_file_becomes_a_curve(panel, tmp_path):
    """The controller tells no names; the engineering tool's source does."""
    source = tmp_path / "Filler [DB1].db"
    shutil.copy(SAMPLES / "Filler.db", source)
    panel.window.show_page("discovery")
    panel.page.source.show_way(3)
    panel.page.source.file.read(source)
    panel.settle()
    panel.page.next.click()
    panel.settle()
    panel.choose("LineEncoder")
    panel.review_and_apply()
    panel.trend_of("line1/LineEncoder")
