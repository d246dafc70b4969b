"""A session with a broker for the tools that show what is on it: options, events in order, a clean end."""

import argparse
import io
import logging
import os
import queue
import random
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NamedTuple, TextIO

from drivers.mqtt.base import BrokerSettings, Incoming, Outgoing, TlsSettings
from drivers.mqtt.link import MqttLink
from engine.clock import Clock

DEFAULT_PORT = 1883
_WAITING_LIMIT = 20_000
_HIGHEST_PORT = 65535


class Connected(NamedTuple):
    """The broker accepted the session and the subscriptions."""

    address: str


class Disconnected(NamedTuple):
    """There is no session, for this reason; another try follows."""

    cause: str


class Stop(NamedTuple):
    """Somebody pressed Ctrl+C or sent SIGTERM."""


SessionEvent = Incoming | Connected | Disconnected | Stop


class SessionEvents:
    """From the link's thread to whoever shows; beyond the limit new messages are left out and counted."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[SessionEvent] = queue.SimpleQueue()
        self.left_out = 0

    def prepare(self) -> Outgoing | None:
        return None

    def on_connected(self, broker: BrokerSettings) -> None:
        self._events.put(Connected(broker.address))

    def on_disconnected(self, cause: str) -> None:
        self._events.put(Disconnected(cause))

    def on_sent(self, token: int) -> None:
        """Nothing of what these tools publish has to be known to have arrived."""

    def on_message(self, message: Incoming) -> None:
        if self._events.qsize() < _WAITING_LIMIT:
            self._events.put(message)
        else:
            self.left_out += 1

    def stop(self) -> None:
        self._events.put(Stop())

    def next(self, timeout_s: float) -> SessionEvent | None:
        """The next event, or None when there was none for so long."""
        try:
            return self._events.get(timeout=max(timeout_s, 0.0))
        except queue.Empty:
            return None


class BrokerSession:
    """``events`` until ``close``; ``publish`` as ``Link``."""

    def __init__(
        self, broker: BrokerSettings, filters: Sequence[tuple[str, int]], tool: str, clock: Clock
    ) -> None:
        self.events = SessionEvents()
        client_id = f"brimline-{tool}-{random.SystemRandom().getrandbits(32):08x}"
        self._link = MqttLink([broker], client_id, self.events, tool, clock, random.Random())
        self._link.subscriptions(filters)

    def open(self) -> None:
        self._link.start()

    def close(self) -> None:
        self._link.stop()

    def publish(self, message: Outgoing) -> bool:
        return self._link.publish(message) is not None


def add_broker_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the broker is and how it is entered."""
    host = os.environ.get("MQTT_BROKER_HOST") or "localhost"
    port = os.environ.get("MQTT_BROKER_PORT") or str(DEFAULT_PORT)
    add = parser.add_argument
    add(
        "--broker",
        type=parse_broker,
        default=f"{host}:{port}",
        metavar="HOST[:PORT]",
        help="broker (MQTT_BROKER_HOST, MQTT_BROKER_PORT; now %(default)s)",
    )
    add("--username", metavar="NAME", help="user at the broker, its password in MQTT_BROKER_PASSWORD")
    add("--ca-cert", metavar="FILE", help="encrypt, and trust these certificates")
    add("--websocket", action="store_true", help="speak MQTT over a WebSocket")


def to_settings(args: argparse.Namespace) -> BrokerSettings:
    """The broker that the options name."""
    host, port = args.broker
    return BrokerSettings(
        host,
        port,
        transport="websockets" if args.websocket else "tcp",
        tls=None if args.ca_cert is None else TlsSettings(ca_cert_path=args.ca_cert),
        username=args.username,
        password=os.environ.get("MQTT_BROKER_PASSWORD") or None,
    )


def parse_broker(text: str) -> tuple[str, int]:
    """Read ``HOST``, ``HOST:PORT`` or ``[IPv6]:PORT``."""
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]") or (":" in host and not host.startswith("[")):
        host, port = text, str(DEFAULT_PORT)
    host = host.removeprefix("[").removesuffix("]")
    if not host or any(character.isspace() or character in "/@" for character in host):
        raise argparse.ArgumentTypeError(f"{text!r} is not a broker: expected HOST or HOST:PORT")
    if not port.isascii() or not port.isdigit() or not 0 < int(port) <= _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{port!r} is not a port: expected 1 to {_HIGHEST_PORT}")
    return host, int(port)


def parse_positive(text: str) -> float:
    """Read a number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def output() -> TextIO:
    """Standard output, which shows escaped what its encoding does not have."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    return sys.stdout


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """SIGTERM and Ctrl+C call ``stop``; what they did before is put back at the end."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def quiet_link() -> Iterator[None]:
    """The tools say themselves what became of their session; of the log only faults are shown."""
    log, handler = logging.getLogger("drivers.mqtt"), logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.ERROR)
    before = log.propagate
    log.addHandler(handler)
    log.propagate = False
    try:
        yield
    finally:
        log.propagate = before
        log.removeHandler(handler)
