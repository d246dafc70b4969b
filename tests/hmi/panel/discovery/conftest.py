"""The real window over a real plant and its simulated controllers."""

import threading

import pytest
from PySide6.QtCore import QObject, Signal
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
        self.discovery = context.discovery

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

    def apply_text(self, change):
        """Somebody else has the plant file changed: ``change`` makes the new text of the old one."""
        path = self.discovery.plan_text("").path
        edit = self.discovery.plan_text(change(path.read_text(encoding="utf-8")))
        assert (edit.problems, bool(edit.diff)) == ((), True)
        applied = threading.Thread(target=lambda: self.discovery.apply(edit))
        heard = []
        self.context.plant_changed.connect(lambda: heard.append(True))
        applied.start()
        self.until(lambda: heard, "the panel to have heard of it")
        applied.join()

    def is_good(self, key):
        found = self.engine.tags.definition(key) is not None
        return found and self.engine.tags.state(key).sample.quality is Quality.GOOD


class _PlantWatch(QObject):
    """Brings a changed plant file into the GUI thread, as the panel's main function does."""

    changed = Signal(object)


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
    watch = _PlantWatch()
    watch.changed.connect(context.change_plant)
    reload.follow(watch.changed.emit)
    window = MainWindow(context)
    qtbot.addWidget(window)
    context.bridge.start()
    window.resize(1280, 800)
    window.show_page("diagnostics")
    window.show()
    plant.start()
    yield Panel(window, context, plant.engine)
    window.finish()
    plant.stop()
    context.close()
