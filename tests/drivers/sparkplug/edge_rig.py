"""An edge node with tags that a test changes, a real link, and a tap on a real broker."""

import itertools
import random
from pathlib import Path

from drivers.mqtt.base import BrokerSettings, Outgoing
from drivers.mqtt.link import MqttLink
from drivers.mqtt.packets import Connect, Publish
from drivers.mqtt.session import Timing
from drivers.sparkplug.edge import EdgeNode
from drivers.sparkplug.edge_model import EdgeDevice, EdgeSettings
from drivers.sparkplug.model import Metric, MetricType, Payload
from drivers.sparkplug.payload import encode
from drivers.sparkplug.state import HostState, format_state
from drivers.sparkplug.topic import parse_topic, state_topic
from engine.clock import SystemClock
from engine.commands import CommandResult, CommandState
from engine.connections import ConnectionState, ConnectionStatus
from engine.model import Quality, Sample
from engine.nodes import EdgeState
from engine.tags import TagDatabase
from tests.drivers.sparkplug.edge_observer import EdgeObserver
from tests.engine.tag_defs import tag_def
from tests.waiting import wait_until

REBIRTH = encode(Payload(1, (Metric("Node Control/Rebirth", True, MetricType.BOOLEAN),)))
QUICK = Timing(first_delay_s=0.05, lasted_s=0.2)
_clients = itertools.count(1)


def devices(count=2, tags=3):
    return tuple(
        EdgeDevice(
            f"line{number}",
            f"Line {number}",
            tuple(
                tag_def(
                    f"Value{tag}",
                    "LREAL",
                    connection=f"line{number}",
                    unit="ml",
                    range=(0, 1e9),
                    writable=True,
                )
                for tag in range(tags)
            ),
        )
        for number in range(1, count + 1)
    )


def settings(**changes):
    return EdgeSettings(
        **{"group": "plant", "node": "filler", "interval_s": 0.05, "rebirth_s": 0.1, "walk_s": 0.3, **changes}
    )


def device_status(device, state=ConnectionState.CONNECTED):
    return ConnectionStatus(device, "SIEMENS_S7", "S7-1500", "127.0.0.1", state, 1)


class EdgeRig:
    """``with EdgeRig(folder, ports) as rig``; ``ports`` are brokers or proxies."""

    def __init__(self, folder: Path, ports, devices=None, timing=QUICK, broker=None, request=None, **changes):
        self.devices = devices if devices is not None else globals()["devices"]()
        self.clock = SystemClock()
        self.tags = TagDatabase([tag for device in self.devices for tag in device.tags])
        self.events = []
        self.requests = []
        self.settings = settings(brokers=len(ports), **changes)
        brokers = [BrokerSettings("127.0.0.1", port, **(broker or {})) for port in ports]
        client_id = f"edge-{next(_clients)}"
        self.node = EdgeNode(
            self.settings,
            self.devices,
            self.tags,
            request or self._request,
            self.events.append,
            lambda handler: MqttLink(
                brokers, client_id, handler, "edge", self.clock, random.Random(1), timing
            ),
            folder,
            self.clock,
        )
        self.tags.add_listener("edge", self.node.on_changes)
        self._time_us = self.clock.utc_us()
        self.given = []

    def _request(self, key, value, user):
        self.requests.append((key, value, user))
        return CommandResult(CommandState.PENDING, key, value)

    def __enter__(self):
        self.node.start()
        return self

    def __exit__(self, *error):
        self.node.stop()

    def connect_devices(self, *ids):
        for device in ids or [device.id for device in self.devices]:
            self.node.on_status(device_status(device))

    def lose(self, device):
        self.tags.lose(device, self._now())
        self.node.on_status(device_status(device, ConnectionState.DISCONNECTED))

    def change(self, key, value, quality=Quality.GOOD):
        """The plant says: a new value with a time of its own."""
        sample = Sample(key, value, quality, self._now())
        self.given += [(s.tag, s.source_time_us // 1000, s.value) for s in self.tags.update([sample])]

    def _now(self):
        self._time_us = max(self._time_us + 1000, self.clock.utc_us() // 1000 * 1000)
        return self._time_us

    def wait(self, state=EdgeState.BORN, timeout_s=10.0):
        wait_until(lambda: self.node.status().state is state, f"the edge node is {state}", timeout_s)

    def texts(self):
        return [event.text for event in self.events]


def observe(net, observer=None):
    """Everything the edge node said over a tap, held against the rules."""
    observer = observer or EdgeObserver()
    for packet in net.packets():
        match packet:
            case Connect():
                observer.connect(packet.will)
            case Publish() if parse_topic(packet.topic).node == observer.node:
                observer.publish(packet)
    return observer


def state_message(online, timestamp_ms, host="scada"):
    return Outgoing(state_topic(host), format_state(HostState(online, timestamp_ms)), 1, True)
