"""The checker's own MQTT client: publishes, and hands out what it received one by one."""

import contextlib
import queue
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from drivers.mqtt.base import BrokerSettings, Outgoing
from engine.errors import EngineError
from sim.sparkplug_check.observed import Observed

_OPEN_S = 5.0
_TICK_S = 0.02


class CannotCheckError(EngineError):
    """The check could not be carried out at all."""


class CheckSession:
    """One connected client; MQTT 5 where the broker speaks it, because only that shows retain flags.

    ``as_published`` False: the retain flag tells stored messages from live ones instead.
    """

    def __init__(
        self,
        broker: BrokerSettings,
        filters: Sequence[str],
        *,
        as_published: bool = True,
        will: Outgoing | None = None,
    ) -> None:
        self._broker = broker
        self._filters = filters
        self._as_published = as_published
        self._will = will
        self._inbox: queue.SimpleQueue[Observed] = queue.SimpleQueue()
        self._opened = threading.Event()
        self._subscribed = threading.Event()
        self._refused = ""
        self._shows_retain = True
        self._client = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def publish(self, message: Outgoing) -> None:
        """Returns when the message is on its way (QoS 0) or acknowledged."""
        info = self._client.publish(message.topic, message.payload, message.qos, message.retain)
        with contextlib.suppress(ValueError, RuntimeError):
            info.wait_for_publish(_OPEN_S)

    def next(self, timeout_s: float) -> Observed | None:
        """The next message; None when none comes in time."""
        with contextlib.suppress(queue.Empty):
            return self._inbox.get(timeout=max(timeout_s, 0.0)) if timeout_s > 0 else self._inbox.get_nowait()
        return None

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def abandon(self) -> None:
        """End without a DISCONNECT, as a client does that loses its network."""
        sock = self._client.socket()
        self._client.loop_stop()
        if sock is not None:
            sock.close()

    def _open(self) -> mqtt.Client:
        for version in (mqtt.MQTTv5, mqtt.MQTTv311):
            self._shows_retain = version == mqtt.MQTTv5 or not self._as_published
            self._refused = ""
            client = self._try(version)
            if client is not None:
                return client
        raise CannotCheckError(f"The broker at {self._broker.address} refused the checker: {self._refused}")

    def _try(self, version: Any) -> mqtt.Client | None:
        name = f"brimline-check-{uuid.uuid4().hex[:10]}"
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=version)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        if self._broker.username is not None:
            client.username_pw_set(self._broker.username, self._broker.password)
        if self._broker.tls is not None:
            tls = self._broker.tls
            client.tls_set(tls.ca_cert_path, tls.client_cert_path, tls.client_key_path)
        if self._will is not None:
            client.will_set(self._will.topic, self._will.payload, self._will.qos, self._will.retain)
        self._opened.clear()
        try:
            client.connect(self._broker.host, self._broker.port, keepalive=30, **_clean(version))
        except OSError as error:
            raise CannotCheckError(f"No broker at {self._broker.address}: {error}. Is it running?") from None
        client.loop_start()
        if self._opened.wait(_OPEN_S) and not self._refused:
            self._subscribe(client, version)
            return client
        client.disconnect()
        client.loop_stop()
        self._refused = self._refused or "no answer to CONNECT"
        return None

    def _subscribe(self, client: mqtt.Client, version: Any) -> None:
        if not self._filters:
            return
        if version == mqtt.MQTTv5:
            options = SubscribeOptions(qos=2, retainAsPublished=self._as_published)
            client.subscribe([(text, options) for text in self._filters])
        else:
            client.subscribe([(text, 2) for text in self._filters])
        if not self._subscribed.wait(_OPEN_S):
            raise CannotCheckError(f"The broker at {self._broker.address} did not grant the subscriptions")

    def _on_connect(self, client: mqtt.Client, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        self._refused = str(reason) if reason.is_failure else ""
        self._opened.set()

    def _on_subscribe(self, client: mqtt.Client, data: Any, mid: int, reasons: Any, properties: Any) -> None:
        self._subscribed.set()

    def _on_message(self, client: mqtt.Client, data: Any, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "(no UTF-8)"
        retain = bool(message.retain) if self._shows_retain else None
        self._inbox.put(Observed(topic, bytes(message.payload), message.qos, retain, now_ms()))


class Pump:
    """Feeds what a session receives to an observer while the checker waits for something."""

    def __init__(self, session: CheckSession, on_message: Callable[[Observed], None]) -> None:
        self._session = session
        self._on_message = on_message

    def until(self, condition: Callable[[], object], timeout_s: float) -> bool:
        """Whether ``condition`` became true; looked at after every message."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return False
            message = self._session.next(min(left_s, _TICK_S))
            if message is not None:
                self._on_message(message)
        return True

    def listen(self, seconds: float) -> None:
        self.until(lambda: False, seconds)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def _clean(version: Any) -> dict[str, Any]:
    if version != mqtt.MQTTv5:
        return {}
    return {"clean_start": True, "properties": Properties(PacketTypes.CONNECT)}  # type: ignore[no-untyped-call]
