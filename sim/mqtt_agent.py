"""The bottle filler agent: the simulated line as JSON on MQTT, what ``brimline sim mqtt`` runs."""

import argparse
import logging
import math
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from drivers.mqtt.base import BrokerSettings, LinkHandler, TlsSettings
from drivers.mqtt.link import MqttLink
from engine.clock import SystemClock
from sim.faults import CONTROLLER_FAULTS, Fault, FaultError, FaultSpec, parse_fault
from sim.line import Line
from sim.mqtt_agent_loop import DEFAULT_INTERVAL_S, Agent, LineInTime
from sim.mqtt_agent_messages import TOPIC_ROOT

_HIGHEST_PORT = 65535
_LONGEST_INTERVAL_S = 3600.0
_FASTEST = 500.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``brimline sim mqtt``; environment variables give other defaults."""
    add, env = parser.add_argument, os.environ
    add(
        "--host",
        default=env.get("MQTT_BROKER_HOST") or "localhost",
        metavar="H",
        help="broker (MQTT_BROKER_HOST; now %(default)s)",
    )
    add(
        "--port",
        type=_parse_port,
        default=env.get("MQTT_BROKER_PORT") or "1883",
        metavar="P",
        help="its port (MQTT_BROKER_PORT; now %(default)s)",
    )
    add(
        "--interval",
        type=_parse_interval,
        default=env.get("PUBLISH_INTERVAL") or str(DEFAULT_INTERVAL_S),
        metavar="S",
        help="seconds between two data sets (PUBLISH_INTERVAL; now %(default)s)",
    )
    add("--username", metavar="NAME", help="user at the broker, its password in MQTT_BROKER_PASSWORD")
    add("--ca-cert", metavar="FILE", help="encrypt, and trust these certificates")
    add("--seed", type=int, default=1, metavar="N", help="the same seed gives the same day (now %(default)s)")
    add("--speed", type=_parse_speed, default=1.0, metavar="X", help="line seconds per second (default: 1)")
    add(
        "--fault",
        type=_parse_line_fault,
        action="append",
        default=[],
        metavar="NAME@SECONDS[+DURATION]",
        help=f"a fault at that line time; may be given several times. Faults: {', '.join(_LINE_FAULTS)}",
    )


def run(args: argparse.Namespace) -> int:
    """Run the agent until SIGTERM or Ctrl+C; 0 after a clean stop."""
    clock = SystemClock()
    broker = BrokerSettings(
        args.host,
        args.port,
        tls=None if args.ca_cert is None else TlsSettings(ca_cert_path=args.ca_cert),
        username=args.username,
        password=os.environ.get("MQTT_BROKER_PASSWORD") or None,
    )

    def make_link(
        brokers: Sequence[BrokerSettings], client_id: str, handler: LinkHandler, role: str
    ) -> MqttLink:
        return MqttLink(brokers, client_id, handler, role, clock, random.Random())

    line = LineInTime(Line(args.seed), clock, args.speed, args.fault)
    agent = Agent(broker, line, make_link, clock, args.interval, _say)
    _say(f"Bottle filler agent: {TOPIC_ROOT}/# every {args.interval:g} s to {broker.address}")
    with _faults_only(logging.getLogger("drivers.mqtt")), _stopped_by_signals(agent.stop):
        agent.run()
    return 0


@contextmanager
def _stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
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
def _faults_only(log: logging.Logger) -> Iterator[None]:
    """The agent says itself what became of its session; of the link's log only faults are shown."""
    handler, before = logging.StreamHandler(sys.stderr), log.propagate
    handler.setLevel(logging.ERROR)
    log.addHandler(handler)
    log.propagate = False
    try:
        yield
    finally:
        log.propagate = before
        log.removeHandler(handler)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


_LINE_FAULTS = [fault for fault in Fault if fault not in CONTROLLER_FAULTS]


def _parse_port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: expected 1 to {_HIGHEST_PORT}")
    return int(text)


def _parse_interval(text: str) -> float:
    return _parse_number(text, "an interval", 0.05, _LONGEST_INTERVAL_S)


def _parse_speed(text: str) -> float:
    return _parse_number(text, "a speed", 0.01, _FASTEST)


def _parse_number(text: str, what: str, low: float, high: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not low <= number <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}: expected {low:g} to {high:g}")
    return number


def _parse_line_fault(text: str) -> FaultSpec:
    try:
        spec = parse_fault(text)
    except FaultError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if spec.fault in CONTROLLER_FAULTS:
        raise argparse.ArgumentTypeError(
            f"{spec.fault} is a fault of a controller; there are {', '.join(_LINE_FAULTS)}"
        )
    return spec
