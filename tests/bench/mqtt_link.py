"""What a message costs our MQTT link, against paho's own loop in the same run."""

import random

from drivers.mqtt.base import BrokerSettings, Incoming, Outgoing
from drivers.mqtt.link import MqttLink
from engine.clock import SystemClock
from tests.bench.children import run_child
from tests.bench.table import Row
from tests.mqtt.mosquitto import Mosquitto
from tests.waiting import wait_until

_MESSAGES = 30_000
_ROUNDS = 3
_TIMEOUT_S = 120.0
_SUBJECT = "tests.bench.mqtt_link_subject"


def run(*, long: bool) -> list[Row]:
    """Ratios of processor time per message, best of three rounds each; 100 bytes, QoS 1."""
    rounds = _ROUNDS * (2 if long else 1)
    costs: dict[tuple[str, str], float] = {}
    with Mosquitto(options=["max_inflight_messages 1000"]) as broker, _Source(broker.port) as source:
        for _ in range(rounds):
            for what in ("receive", "send"):
                for client in ("link", "paho"):
                    asked = {"what": what, "client": client, "port": broker.port, "messages": _MESSAGES}
                    cost = float(run_child(_SUBJECT, asked, _TIMEOUT_S))
                    costs[what, client] = min(cost, costs.get((what, client), cost))
        assert not source.causes
    return [row for what in ("receive", "send") for row in _rows(what, costs)]


def _rows(what: str, costs: dict[tuple[str, str], float]) -> list[Row]:
    ours, bare = costs[what, "link"], costs[what, "paho"]
    return [
        Row(f"MQTT: {what}, bare paho's time to ours", bare / ours, aim=1.0, at_least=True, ratio=True),
        Row(f"MQTT: processor time to {what} a message", ours, "µs", note=f"bare paho {bare:.0f} µs"),
    ]


class _Source:
    """Publishes to a subject that says it is ready."""

    def __init__(self, port: int) -> None:
        self.causes: list[str] = []
        self._connected = False
        settings = BrokerSettings("127.0.0.1", port)
        self._link = MqttLink([settings], "source", self, "source", SystemClock(), random.Random(1))
        self._link.subscriptions([("ready", 1)])

    def __enter__(self) -> "_Source":
        self._link.start()
        wait_until(lambda: self._connected, "the broker")
        return self

    def __exit__(self, *_: object) -> None:
        self._link.stop()

    def prepare(self) -> None:
        return None

    def on_connected(self, broker: BrokerSettings) -> None:
        self._connected = True

    def on_disconnected(self, cause: str) -> None:
        if cause != "The session was ended on purpose.":
            self.causes.append(cause)

    def on_message(self, message: Incoming) -> None:
        for number in range(_MESSAGES):
            self._link.publish(Outgoing(f"bench/{number % 50}", bytes(100), 1))

    def on_sent(self, token: int) -> None:
        pass
