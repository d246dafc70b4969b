"""Every node, device and metric on a broker, read only: what ``brimline sparkplug watch`` runs.

It never announces itself as a host application and publishes nothing, unless ``--ask-rebirth`` lets it
ask nodes for their births.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import Protocol, TextIO

from drivers.mqtt.base import Incoming
from drivers.sparkplug.host_commands import rebirth_request
from drivers.sparkplug.topic import NAMESPACE, Verb, legacy_state_topic, state_topic, valid_id
from engine.clock import Clock, SystemClock
from hmi.broker_session import (
    BrokerSession,
    Connected,
    Disconnected,
    SessionEvent,
    Stop,
    add_broker_arguments,
    output,
    parse_positive,
    quiet_link,
    stopped_by_signals,
    to_settings,
)
from hmi.sparkplug_watch_core import Watcher
from hmi.sparkplug_watch_json import change_to_line, snapshot_line
from hmi.sparkplug_watch_text import change_line, cut, heading, host_line, tree_lines

_SHOW_S = 1.0
_TICK_S = 0.1
_DEFAULT_WAIT_S = 5.0
_REPAINT = "\x1b[H\x1b[2J"


class Display(Protocol):
    """Shows what is known: again and again, and once more at the end."""

    def show(self, watcher: Watcher, heading: str, now_us: int) -> None: ...

    def finish(self, watcher: Watcher, heading: str, now_us: int) -> None: ...


class Screen:
    """The whole tree, painted over itself."""

    def __init__(self, out: TextIO, size: Callable[[], tuple[int, int]]) -> None:
        self._out = out
        self._size = size

    def show(self, watcher: Watcher, heading: str, now_us: int) -> None:
        width, height = self._size()
        lines = cut(_tree(watcher, heading, now_us), width, height - 1)
        self._out.write(_REPAINT + "\n".join(lines) + "\n")
        self._out.flush()

    def finish(self, watcher: Watcher, heading: str, now_us: int) -> None:
        self.show(watcher, heading, now_us)


class Listing:
    """A line for each change; with ``once`` nothing but everything at the end."""

    def __init__(self, out: TextIO, *, as_json: bool, once: bool) -> None:
        self._out = out
        self._as_json = as_json
        self._once = once

    def show(self, watcher: Watcher, heading: str, now_us: int) -> None:
        if self._once:
            return
        to_text = change_to_line if self._as_json else change_line
        self._write([to_text(change, now_us) for change in watcher.changes(now_us)])

    def finish(self, watcher: Watcher, heading: str, now_us: int) -> None:
        self.show(watcher, heading, now_us)
        if not self._once:
            return
        if self._as_json:
            self._write([snapshot_line(watcher.nodes(now_us), watcher.metrics, watcher.hosts, now_us)])
        else:
            self._write(_tree(watcher, heading, now_us))

    def _write(self, lines: Sequence[str]) -> None:
        self._out.writelines(f"{line}\n" for line in lines)
        self._out.flush()


class Watch:
    """The loop between the session and the display; ``connected`` tells whether there ever was a session."""

    def __init__(
        self, session: BrokerSession, display: Display, address: str, clock: Clock, *, ask_rebirth: bool
    ) -> None:
        self._session = session
        self._display = display
        self._address = address
        self._clock = clock
        self._ask_rebirth = ask_rebirth
        self._watcher = Watcher()
        self._state = "connecting"
        self._counted = 0
        self._rate = 0.0
        self._shown_s = clock.monotonic()
        self._due_s = 0.0
        self._stopped = False
        self.connected = False

    def run(self, seconds: float | None) -> None:
        """Until somebody stops it or the time is over."""
        end_s = None if seconds is None else self._clock.monotonic() + seconds
        while not self._stopped and (end_s is None or self._clock.monotonic() < end_s):
            self._on_event(self._session.events.next(_TICK_S))
            self._on_time()
        self._display.finish(self._watcher, self._heading(), self._clock.utc_us())

    def _on_event(self, event: SessionEvent | None) -> None:
        match event:
            case Stop():
                self._stopped = True
            case Incoming():
                self._watcher.on_message(event, self._clock.monotonic())
            case Connected():
                self.connected = True
                self._state = "connected"
                self._watcher.on_connected(self._clock.monotonic(), ask_rebirths=self._ask_rebirth)
                _note(f"Connected to the broker {event.address}")
            case Disconnected():
                self._state = f"DISCONNECTED ({event.cause.removesuffix('.')})"
                self._watcher.on_disconnected(self._clock.utc_us())
                _note(f"{event.cause} Trying again.")

    def _on_time(self) -> None:
        now_s, now_us = self._clock.monotonic(), self._clock.utc_us()
        if now_s < self._due_s:
            return
        self._due_s = now_s + _TICK_S
        for node in self._watcher.on_time(now_s, now_us):
            self._session.publish(rebirth_request(node, now_us // 1000, datatypes=True))
        if now_s - self._shown_s >= _SHOW_S:
            messages = self._watcher.messages
            self._rate = (messages - self._counted) / (now_s - self._shown_s)
            self._counted, self._shown_s = messages, now_s
            self._display.show(self._watcher, self._heading(), now_us)

    def _heading(self) -> str:
        nodes = self._watcher.nodes(self._clock.utc_us())
        return heading(self._address, self._state, nodes, self._rate, self._watcher.malformed)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``brimline sparkplug watch``."""
    add = parser.add_argument
    add_broker_arguments(parser)
    add("--group", type=_parse_group, metavar="G", help="only the nodes of this group")
    add("--json", action="store_true", help="one JSON object a line")
    add("--once", action="store_true", help="listen for a while, show everything once and stop")
    add(
        "--wait",
        type=parse_positive,
        default=_DEFAULT_WAIT_S,
        metavar="S",
        help="how long --once listens (default: %(default)s s)",
    )
    add("--minutes", type=parse_positive, metavar="N", help="stop after N minutes")
    add(
        "--ask-rebirth",
        action="store_true",
        help="ask nodes whose birth was missed for another one; otherwise nothing at all is published",
    )


def run(args: argparse.Namespace) -> int:
    """Until Ctrl+C, ``--once`` or ``--minutes``; 1 where there was never a session."""
    clock = SystemClock()
    broker = to_settings(args)
    session = BrokerSession(broker, _filters(args.group), "watch", clock)
    watch = Watch(session, _display(args), broker.address, clock, ask_rebirth=args.ask_rebirth)
    seconds = args.wait if args.once else (None if args.minutes is None else args.minutes * 60.0)
    with quiet_link(), stopped_by_signals(session.events.stop):
        session.open()
        try:
            watch.run(seconds)
        finally:
            session.close()
    if session.events.left_out:
        _note(f"{session.events.left_out} messages came too fast to be followed")
    return 0 if watch.connected else 1


def _display(args: argparse.Namespace) -> Display:
    if args.json or args.once or not sys.stdout.isatty():
        return Listing(output(), as_json=args.json, once=args.once)
    return Screen(output(), shutil.get_terminal_size)


def _filters(group: str | None) -> list[tuple[str, int]]:
    """Not those of commands; no two filters match one topic, so that nothing is delivered twice."""
    verbs = (Verb.NBIRTH, Verb.NDEATH, Verb.NDATA, Verb.DBIRTH, Verb.DDEATH, Verb.DDATA)
    group = group or "+"
    topics = [f"{NAMESPACE}/{group}/{verb}/{'+/+' if verb.startswith('D') else '+'}" for verb in verbs]
    return [(topic, 1) for topic in (*topics, state_topic("+"), legacy_state_topic("+"))]


def _tree(watcher: Watcher, heading: str, now_us: int) -> list[str]:
    hosts = [host_line(host, state) for host, state in watcher.hosts.items()]
    return [heading, *hosts, *tree_lines(watcher.nodes(now_us), watcher.metrics, now_us)]


def _note(text: str) -> None:
    """Beside the listing, so that this can be piped on."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _parse_group(text: str) -> str:
    if not valid_id(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a group: none of + / # may be in it")
    return text
