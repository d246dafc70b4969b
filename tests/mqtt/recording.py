"""A link handler that remembers what it was told, and a way to make links on a test broker."""

import itertools
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from drivers.mqtt.base import BrokerSettings, Incoming, Outgoing
from drivers.mqtt.link import MqttLink
from drivers.mqtt.session import Timing
from engine.clock import Clock, SystemClock
from tests.waiting import wait_until

_numbers = itertools.count(1)
QUICK = Timing(first_delay_s=0.05)


class Recorder:
    """Keeps everything; ``wills`` are given out one for each CONNECT, the last one again and again."""

    def __init__(self, wills: Sequence[Outgoing] = ()) -> None:
        self.wills = list(wills)
        self.prepared = 0
        self.connected: list[str] = []
        self.causes: list[str] = []
        self.messages: list[Incoming] = []
        self.sent: list[int] = []
        self.threads: set[str] = set()

    def prepare(self) -> Outgoing | None:
        self.prepared += 1
        if not self.wills:
            return None
        return self.wills[min(self.prepared, len(self.wills)) - 1]

    def on_connected(self, broker: BrokerSettings) -> None:
        self.threads.add(threading.current_thread().name)
        self.connected.append(broker.address)

    def on_disconnected(self, cause: str) -> None:
        self.causes.append(cause)

    def on_message(self, message: Incoming) -> None:
        self.threads.add(threading.current_thread().name)
        self.messages.append(message)

    def on_sent(self, token: int) -> None:
        self.sent.append(token)


def at(port: int, **keys: object) -> BrokerSettings:
    """A broker on the loopback interface."""
    return BrokerSettings(host="127.0.0.1", port=port, **keys)  # type: ignore[arg-type]


@contextmanager
def linked(
    broker: BrokerSettings | Sequence[BrokerSettings],
    handler: Recorder | None = None,
    *,
    filters: Sequence[tuple[str, int]] = (),
    client_id: str | None = None,
    timing: Timing = QUICK,
    clock: Clock | None = None,
    wait: bool = True,
) -> Iterator[tuple[MqttLink, Recorder]]:
    """A started link and its recorder; connected already if ``wait``."""
    handler = handler or Recorder()
    brokers = [broker] if isinstance(broker, BrokerSettings) else broker
    name = client_id or f"test-{next(_numbers)}"
    link = MqttLink(brokers, name, handler, "test", clock or SystemClock(), random.Random(1), timing)
    link.subscriptions(filters)
    link.start()
    try:
        if wait:
            wait_until(lambda: handler.connected, f"a session; causes: {handler.causes}")
        yield link, handler
    finally:
        link.stop()
