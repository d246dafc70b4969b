"""Shows what arrives on MQTT topics as it comes: what ``brimline view`` runs."""

import argparse
import shutil
import sys
from typing import TextIO

from drivers.mqtt.base import Incoming
from engine.clock import Clock, SystemClock
from hmi.broker_session import (
    BrokerSession,
    Connected,
    Disconnected,
    SessionEvents,
    Stop,
    add_broker_arguments,
    output,
    parse_positive,
    quiet_link,
    stopped_by_signals,
    to_settings,
)
from hmi.mqtt_view_json import message_line, summary_line
from hmi.mqtt_view_text import DataSets, format_message, format_summary
from hmi.sparkplug_births import Births

DEFAULT_TOPIC = "plc/bottlefiller/#"
_QOS = 1
_WAIT_S = 0.5


class View:
    """Turns messages into lines on ``out``; ``shown`` counts the messages."""

    def __init__(self, out: TextIO, width: int, *, as_json: bool) -> None:
        self._out = out
        self._width = width
        self._as_json = as_json
        self._births = Births()
        self._data_sets = DataSets()
        self.shown = 0

    def on_message(self, message: Incoming) -> None:
        self._births.learn(message.topic, message.payload)
        if self._as_json:
            self._write(message_line(message, self._births))
        else:
            self._write(format_message(message, self._width, self._births.describe))
        summary = self._data_sets.add(message)
        if summary is not None:
            self._write(summary_line(summary) if self._as_json else format_summary(summary))
        self.shown += 1

    def _write(self, text: str) -> None:
        self._out.write(f"{text}\n")
        self._out.flush()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``brimline view``."""
    add = parser.add_argument
    add(
        "--topic",
        action="append",
        type=_parse_filter,
        metavar="FILTER",
        help=f"topic filter; may be given several times (default: {DEFAULT_TOPIC})",
    )
    add_broker_arguments(parser)
    add("--json", action="store_true", help="one JSON object a line")
    add("--count", type=_parse_count, metavar="N", help="stop after N messages")
    add("--minutes", type=parse_positive, metavar="N", help="stop after N minutes")


def run(args: argparse.Namespace) -> int:
    """Until Ctrl+C, ``--count`` or ``--minutes``; 1 where there was never a session."""
    clock = SystemClock()
    topics = dict.fromkeys(args.topic or [DEFAULT_TOPIC])
    session = BrokerSession(to_settings(args), [(topic, _QOS) for topic in topics], "view", clock)
    view = View(output(), shutil.get_terminal_size((100, 24)).columns, as_json=args.json)
    with quiet_link(), stopped_by_signals(session.events.stop):
        session.open()
        try:
            connected = show(session.events, view, clock, args.count, args.minutes)
        finally:
            session.close()
    if session.events.left_out:
        _note(f"{session.events.left_out} messages came too fast to be shown")
    return 0 if connected else 1


def show(events: SessionEvents, view: View, clock: Clock, count: int | None, minutes: float | None) -> bool:
    """Show messages until somebody or something ends it; whether there ever was a session."""
    end_s = None if minutes is None else clock.monotonic() + minutes * 60.0
    connected = False
    while (count is None or view.shown < count) and (end_s is None or clock.monotonic() < end_s):
        event = events.next(_WAIT_S if end_s is None else min(_WAIT_S, end_s - clock.monotonic()))
        match event:
            case Stop():
                break
            case Incoming():
                view.on_message(event)
            case Connected():
                connected = True
                _note(f"Connected to the broker {event.address}")
            case Disconnected():
                _note(f"{event.cause} Trying again.")
    return connected


def _note(text: str) -> None:
    """Beside the messages, so that these can be piped on."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _parse_filter(text: str) -> str:
    levels = text.split("/")
    wrong = "#" in text.removesuffix("#") or (text.endswith("#") and levels[-1] != "#")
    if not text or wrong or any("+" in level and level != "+" for level in levels) or "\0" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not a topic filter such as {DEFAULT_TOPIC}")
    return text


def _parse_count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of messages")
    return int(text)
