"""The panel over our own host application and edge node, and a real Mosquitto between them."""

import random

import pytest
from PySide6.QtWidgets import QApplication

from drivers.mqtt.base import BrokerSettings
from drivers.mqtt.link import MqttLink
from drivers.mqtt.session import Timing
from drivers.sparkplug.edge import EdgeNode
from drivers.sparkplug.edge_model import EdgeDevice, EdgeSettings
from drivers.sparkplug.host import Host, HostSettings
from engine.clock import SystemClock
from engine.config import load_plant, tag_defs
from engine.connections import ConnectionState, ConnectionStatus
from engine.events import EventJournal
from engine.history import NullRecorder
from engine.messages import Batch, LinkLost
from engine.model import Quality, Sample
from engine.nodes import EdgeState, NodeState
from engine.runtime import Engine
from engine.tags import TagDatabase
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.node_item import Kind, NodeRef
from hmi.panel.pages.diagnostics import DiagnosticsPage
from hmi.panel.theme import Theme
from tests.hmi.panel.plant_bench import DEMO, RUNNING, MemoryHistory
from tests.mqtt.mosquitto import Mosquitto
from tests.waiting import wait_until

GROUP, NODE = "BottlingHall", "Edge-Filler-1"
OWN = NodeRef(GROUP, NODE)
LINE = NodeRef(GROUP, NODE, "line1")
LEVEL = NodeRef(GROUP, NODE, "line1", "FillLevel")
QUICK = Timing(first_delay_s=0.05, lasted_s=0.2)


class LivePlant:
    """The demo's line as a device of our edge node, heard by our host; values are set by hand."""

    def __init__(self, folder, port):
        self.clock, config = SystemClock(), load_plant(DEMO, {})
        definitions = tag_defs(config, "line1")
        self.engine = Engine(
            TagDatabase(definitions), EventJournal(), NullRecorder(), MemoryHistory(), self.clock
        )
        self.port = port
        self.host = Host(
            HostSettings("Hall", rebirth_interval_s=0.1),
            (),
            self.engine.post,
            self.engine.events.record,
            lambda handler: self._link("panel-host", handler, "host"),
            self.clock,
            own_node=(GROUP, NODE),
        )
        self.edge = EdgeNode(
            EdgeSettings(GROUP, NODE, interval_s=0.05, rebirth_s=0.1),
            [EdgeDevice("line1", "Line 1", tuple(definitions))],
            self.engine.tags,
            self.engine.commands.request,
            self.engine.events.record,
            lambda handler: self._link("panel-edge", handler, "edge"),
            folder,
            self.clock,
        )
        self.engine.host, self.engine.edge = self.host, self.edge
        self.engine.add_services([self.host, self.edge])
        self.context = PanelContext(self.engine, config, Theme.load("paper"))
        self.engine.start()

    def connect_line(self, state=ConnectionState.CONNECTED):
        self.engine.post(
            ConnectionStatus("line1", "SIEMENS_S7", "S7-1500", "127.0.0.1", state, self.clock.utc_us())
        )

    def set(self, **values):
        now_us = self.clock.utc_us()
        samples = [Sample(f"line1/{name}", value, Quality.GOOD, now_us) for name, value in values.items()]
        self.engine.post(Batch("line1", samples))

    def lose_line(self):
        self.engine.post(LinkLost("line1", self.clock.utc_us()))
        self.connect_line(ConnectionState.DISCONNECTED)

    def close(self):
        self.engine.stop()
        self.context.close()

    def _link(self, client_id, handler, role):
        brokers = [BrokerSettings("127.0.0.1", self.port)]
        return MqttLink(brokers, client_id, handler, role, self.clock, random.Random(client_id), QUICK)


@pytest.fixture
def broker():
    with Mosquitto() as broker:
        yield broker


@pytest.fixture
def plant(qapp, panel_fonts, tmp_path, broker):
    plant = LivePlant(tmp_path, broker.port)
    plant.connect_line()
    plant.set(**RUNNING)
    yield plant
    plant.close()


@pytest.fixture
def page(plant, qtbot):
    page = DiagnosticsPage(plant.context)
    qtbot.addWidget(page)
    page.resize(1160, 1400)
    page.show()
    page.on_argument("sparkplug")
    return page


def until(plant, condition, what):
    def tick():
        plant.context.bridge.second.emit()
        QApplication.processEvents()
        return condition()

    wait_until(tick, what)


def find(page, ref):
    return page.sparkplug.nodes.model.find(ref)


def open_line(page, plant):
    """Down to the metrics of the line, which is our edge node's device."""
    tree, model = page.sparkplug.nodes.tree, page.sparkplug.nodes.model
    until(plant, lambda: find(page, LINE) is not None, "the line's birth")
    tree.expand(model.index_of(find(page, OWN)))
    tree.expand(model.index_of(find(page, LINE)))
    until(plant, lambda: find(page, LEVEL) is not None, "the line's metrics")


def level(page):
    item = find(page, LEVEL)
    return item.metric.value if item is not None and item.metric is not None else None


def test_our_own_edge_node_appears_with_its_line_and_its_values_follow(page, plant):
    open_line(page, plant)
    own = find(page, OWN)
    assert own.node.own
    assert own.node.state is NodeState.ONLINE
    until(plant, lambda: level(page) == pytest.approx(62.4), "the first value")
    plant.set(FillLevel=23.5)
    until(plant, lambda: level(page) == pytest.approx(23.5), "the next value")


def test_a_line_that_is_lost_greys_exactly_its_device(page, plant):
    open_line(page, plant)
    until(plant, lambda: level(page) is not None, "a value")
    plant.lose_line()
    until(plant, lambda: find(page, LINE).dead, "the device's death")
    visible = page.sparkplug.nodes.tree.visible_items()
    dead = {item.ref for item in visible if item.dead}
    assert dead == {item.ref for item in visible if item.ref.device == "line1"}
    assert not find(page, OWN).dead


def test_a_rebirth_that_was_asked_for_comes(page, plant):
    open_line(page, plant)
    births = plant.edge.status().births
    page.sparkplug.nodes.choose(OWN)
    until(plant, page.sparkplug.nodes.rebirth.isEnabled, "the chance to ask")
    assert plant.host.request_rebirth(GROUP, NODE, "operator") == ""
    until(plant, lambda: plant.edge.status().births > births, "the rebirth")
    until(plant, lambda: not find(page, OWN).node.rebirth_pending, "the answer")
    assert find(page, OWN).node.faults.rebirths_requested == 1


def test_messages_arrive_in_the_inspector_and_one_is_decoded(page, plant):
    open_line(page, plant)
    page.open_messages()
    plant.set(FillLevel=41.5)
    model = page.inspector.model

    def data():
        return [
            n for n, message in enumerate(model.shown) if "/DDATA/" in message.topic and not message.error
        ]

    until(plant, data, "a message with data")
    page.inspector._on_row(data()[0])
    text = page.inspector.payload.text
    until(plant, lambda: "41.5" in text.toPlainText(), "the decoded text")


def test_a_broker_that_goes_makes_all_of_it_old_until_it_is_back(page, plant, broker, expected_logs):
    expected_logs.add(r"drivers\.mqtt\.link: (host|edge): ")
    open_line(page, plant)
    model, card = page.sparkplug.nodes.model, page.sparkplug.broker
    until(plant, lambda: card.accessibleDescription().startswith("Connected"), "the session")
    broker.stop()
    until(plant, lambda: model.lost, "the loss")
    assert not page.sparkplug.nodes.strip.isHidden()
    until(plant, lambda: plant.edge.status().state is EdgeState.OFFLINE, "the edge node to see it")
    plant.set(FillLevel=77.25)
    broker.start()
    until(plant, lambda: not model.lost, "the broker")
    until(plant, lambda: level(page) == pytest.approx(77.25), "the value set meanwhile")
    assert find(page, LEVEL).kind is Kind.METRIC
