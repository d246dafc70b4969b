"""The client that is measured by ``tests.bench.mqtt_link``, in a process of its own."""

import random
import threading
import time

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from drivers.mqtt.base import BrokerSettings, Incoming, Outgoing
from drivers.mqtt.link import MqttLink
from engine.clock import SystemClock
from tests.bench.children import child_arguments, give_result


class Subject:
    """Counts what arrives or is acknowledged; ``done`` after ``messages`` of them."""

    def __init__(self, port: int, messages: int) -> None:
        self.port = port
        self.connected = threading.Event()
        self.done = threading.Event()
        self._left = messages

    def count(self) -> None:
        self._left -= 1
        if not self._left:
            self.done.set()


class OverLink(Subject):
    """By our link."""

    def start(self, receives: bool) -> None:
        self._receives = receives
        settings = BrokerSettings("127.0.0.1", self.port)
        self._link = MqttLink([settings], "subject", self, "subject", SystemClock(), random.Random(1))
        self._link.subscriptions([("bench/#", 1)] if receives else [])
        self._link.start()

    def publish(self, topic: str, payload: bytes) -> None:
        self._link.publish(Outgoing(topic, payload, 1))

    def stop(self) -> None:
        self._link.stop()

    def prepare(self) -> None:
        return None

    def on_connected(self, broker: BrokerSettings) -> None:
        self.connected.set()

    def on_disconnected(self, cause: str) -> None:
        pass

    def on_message(self, message: Incoming) -> None:
        self.count()

    def on_sent(self, token: int) -> None:
        if not self._receives:
            self.count()


class OverPaho(Subject):
    """By paho's thread, as its manual has it."""

    def start(self, receives: bool) -> None:
        self._client = client = Client(CallbackAPIVersion.VERSION2, "subject")
        client.max_inflight_messages = 1000
        if receives:
            client.on_connect = lambda *_: client.subscribe("bench/#", 1)
            client.on_subscribe = lambda *_: self.connected.set()
            client.on_message = lambda *_: self.count()
        else:
            client.on_connect = lambda *_: self.connected.set()
            client.on_publish = lambda *_: self.count()
        client.connect("127.0.0.1", self.port)
        client.loop_start()

    def publish(self, topic: str, payload: bytes) -> None:
        self._client.publish(topic, payload, 1)

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def measure(subject: OverLink | OverPaho, receives: bool, messages: int) -> float:
    """Microseconds of processor time of this process per message."""
    subject.start(receives)
    subject.connected.wait(30)
    before = time.process_time()
    if receives:
        subject.publish("ready", b"")
    else:
        for number in range(messages):
            subject.publish(f"sent/{number % 50}", bytes(100))
    subject.done.wait(100)
    spent = time.process_time() - before
    subject.stop()
    return spent / messages * 1e6


if __name__ == "__main__":
    asked = child_arguments()
    kind = OverLink if asked["client"] == "link" else OverPaho
    give_result(
        measure(kind(asked["port"], asked["messages"]), asked["what"] == "receive", asked["messages"])
    )
