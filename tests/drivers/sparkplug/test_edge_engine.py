"""The edge node as a service of the engine: a simulated controller on one side, a host on the other."""

import random
import struct

from drivers.base import ConnectionSettings
from drivers.mqtt.base import Outgoing
from drivers.mqtt.link import MqttLink
from drivers.s7.driver import S7Driver
from drivers.sparkplug.edge import EdgeNode
from drivers.sparkplug.edge_model import EdgeDevice
from drivers.sparkplug.model import Metric, MetricType, Payload
from drivers.sparkplug.payload import encode
from drivers.sparkplug.topic import Verb
from drivers.worker import Worker
from engine.clock import SystemClock
from engine.events import EventJournal
from engine.history import NullRecorder
from engine.messages import Replacement
from engine.runtime import Engine
from engine.tags import TagDatabase
from sim.s7_server import S7Server
from tests.drivers.sparkplug.edge_rig import QUICK, EdgeRig, devices, observe, settings
from tests.engine.tag_defs import tag_def
from tests.mqtt.mosquitto import Mosquitto
from tests.mqtt.proxy import NetworkProxy
from tests.mqtt.recording import at, linked
from tests.waiting import wait_until

TAGS = (
    tag_def("FillLevel", "REAL", address="DB1,0"),
    tag_def("Speed", "REAL", address="DB1,4", writable=True, range=(0, 100)),
)


def test_from_the_controller_to_the_host_and_back(tmp_path, expected_logs):
    expected_logs.add("line1")
    clock, events = SystemClock(), EventJournal()
    memory = bytearray(64)
    server = S7Server("127.0.0.1", 0)
    server.add_db(1, memory)
    server.start()
    engine = Engine(TagDatabase(TAGS), events, NullRecorder(), None, clock)
    worker = Worker(
        ConnectionSettings(
            "line1", "SIEMENS_S7", "S7-1500", "127.0.0.1", server.port, timeout_s=0.5, scan_ms=100
        ),
        TAGS,
        S7Driver,
        engine.post,
        clock,
        random.Random(1),
    )
    engine.add_connections([worker])
    with Mosquitto() as broker, NetworkProxy(broker.port) as net, linked(at(broker.port)) as (scada, _):
        node = EdgeNode(
            settings(allow_commands=True, command_allowlist=frozenset({"line1/Speed"})),
            [EdgeDevice("line1", "Line 1", TAGS)],
            engine.tags,
            engine.commands.request,
            events.record,
            lambda handler: MqttLink([at(net.port)], "edge", handler, "edge", clock, random.Random(1), QUICK),
            tmp_path,
            clock,
        )
        engine.add_services([node])
        engine.start()
        try:

            def last(name):
                values = [h for h in observe(net).heard if h.name == name and h.how != "history"]
                return values[-1].value if values else "nothing"

            wait_until(lambda: last("FillLevel") == 0.0, "the birth")
            with server.lock:
                struct.pack_into(">f", memory, 0, 12.5)
            wait_until(lambda: last("FillLevel") == 12.5, "the value of the controller")
            asked = encode(Payload(1, (Metric("Speed", 42.0, MetricType.FLOAT),)))
            scada.publish(Outgoing("spBv1.0/plant/DCMD/filler/line1", asked))
            wait_until(lambda: last("Speed") == 42.0, "the written value, read again")
            server.stop()
            wait_until(lambda: (Verb.DDEATH, "line1") in observe(net).messages, "the death of the device")
            assert last("FillLevel") is None
        finally:
            engine.stop()
            server.stop()
    seen = observe(net)
    assert seen.messages[-1] == (Verb.NDEATH, None)
    assert any("sparkplug:" in event.text and "Speed" in event.text for event in events.newest())


def test_other_tags_of_a_connection_are_born_without_a_new_session(tmp_path):
    clock, events = SystemClock(), EventJournal()
    memory = bytearray(64)
    struct.pack_into(">ff", memory, 0, 1.0, 2.0)
    server = S7Server("127.0.0.1", 0)
    server.add_db(1, memory)
    server.start()
    engine = Engine(TagDatabase(TAGS[:1]), events, NullRecorder(), None, clock)
    controller = ConnectionSettings("line1", "SIEMENS_S7", "S7-1500", "127.0.0.1", server.port, scan_ms=100)

    def worker(tags):
        return Worker(controller, tags, S7Driver, engine.post, clock, random.Random(1))

    engine.add_connections([worker(TAGS[:1])])
    with Mosquitto() as broker, NetworkProxy(broker.port) as net:
        node = EdgeNode(
            settings(),
            [EdgeDevice("line1", "Line 1", TAGS[:1])],
            engine.tags,
            engine.commands.request,
            events.record,
            lambda handler: MqttLink([at(net.port)], "edge", handler, "edge", clock, random.Random(1), QUICK),
            tmp_path,
            clock,
        )
        engine.add_services([node])
        engine.start()
        try:

            def last(name):
                values = [h for h in observe(net).heard if h.name == name and h.how != "history"]
                return values[-1].value if values else "nothing"

            wait_until(lambda: last("FillLevel") == 1.0, "the birth")
            engine.replace([Replacement("line1", "Line 1", TAGS, worker(TAGS))])
            wait_until(lambda: last("Speed") == 2.0, "the birth with the new tag")
            engine.replace([Replacement("line1", "Line 1", TAGS[1:], worker(TAGS[1:]))])
            struct.pack_into(">f", memory, 4, 3.0)
            wait_until(lambda: last("Speed") == 3.0, "the tag that stayed")
            verbs = [verb for verb, _ in observe(net).messages]
            assert verbs.count(Verb.NBIRTH) == 1
            assert verbs.count(Verb.DBIRTH) == 3
        finally:
            engine.stop()
            server.stop()


def test_a_tag_that_goes_while_its_device_is_replaced_costs_no_session(tmp_path):
    with Mosquitto() as broker, NetworkProxy(broker.port) as net:
        first, *others = devices()
        with EdgeRig(tmp_path, [net.port], (first, *others)) as rig:
            rig.wait()
            rig.connect_devices()
            rig.change("line1/Value0", 1.0)
            wait_until(lambda: (Verb.DBIRTH, "line1") in observe(net).messages, "the birth of the device")
            listed = rig.tags.definitions("line1")
            rig.tags.replace("line1", first.tags[:1])
            rig.tags.definitions = lambda _connection=None: listed
            rig.node.on_replacement(Replacement("line1", "Line 1", first.tags, object()))
            rig.connect_devices("line1")
            births = [(Verb.DBIRTH, "line1")] * 2
            wait_until(
                lambda: [m for m in observe(net).messages if m == births[0]] == births, "the second birth"
            )
            assert [verb for verb, _ in observe(net).messages].count(Verb.NBIRTH) == 1
