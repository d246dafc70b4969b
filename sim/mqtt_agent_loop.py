"""The agent's own loop: the line advances with the clock, data sets go out, commands come in."""

import queue
import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

from drivers.mqtt.base import BrokerSettings, Incoming, LinkHandler, MakeLink, Outgoing
from engine.clock import Clock
from engine.nodes import BrokerState
from sim.faults import FaultBoard, FaultSpec
from sim.line import Line, TagValue
from sim.mqtt_agent_messages import (
    COMMAND_TOPIC,
    QOS,
    Command,
    CommandError,
    Message,
    answer,
    carry_out,
    data_set,
    parse_command,
)
from sim.mqtt_agent_outbox import Outbox

DEFAULT_INTERVAL_S = 2.0
_CYCLE_S = 0.25
_LONGEST_CATCH_UP_S = 1.0
_COMMANDS_LIMIT = 200
_AFTER_COMMAND_S = 0.05


class Connected(NamedTuple):
    address: str


class Disconnected(NamedTuple):
    cause: str


class Acknowledged(NamedTuple):
    token: int


class Stop(NamedTuple):
    """Somebody wants the agent to end."""


AgentEvent = Incoming | Connected | Disconnected | Acknowledged | Stop


class Mailbox:
    """From the link's thread to the agent's; commands beyond the limit are dropped and counted."""

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[AgentEvent] = queue.SimpleQueue()
        self.dropped = 0

    def prepare(self) -> Outgoing | None:
        return None

    def on_connected(self, broker: BrokerSettings) -> None:
        self.events.put(Connected(broker.address))

    def on_disconnected(self, cause: str) -> None:
        self.events.put(Disconnected(cause))

    def on_message(self, message: Incoming) -> None:
        if self.events.qsize() < _COMMANDS_LIMIT:
            self.events.put(message)
        else:
            self.dropped += 1

    def on_sent(self, token: int) -> None:
        self.events.put(Acknowledged(token))


class LineInTime:
    """The line advanced by the clock; after a standstill at most one second is caught up."""

    def __init__(
        self, line: Line, clock: Clock, speed: float = 1.0, faults: Sequence[FaultSpec] = ()
    ) -> None:
        self.line = line
        self._clock = clock
        self._speed = speed
        self._faults = FaultBoard(line)
        for spec in faults:
            self._faults.schedule(spec)
        self._last_s = clock.monotonic()

    def advance(self) -> None:
        now_s = self._clock.monotonic()
        owed_s = min(now_s - self._last_s, _LONGEST_CATCH_UP_S) * self._speed
        self._last_s = now_s
        while owed_s > 0.0:
            self._faults.tick(self.line.now_s)
            self.line.tick(min(owed_s, _CYCLE_S))
            owed_s -= _CYCLE_S


class Agent:
    """Publishes a data set at every interval while there is a session, and at once after a command.

    ``say`` gets a line for people. Everything but ``stop`` belongs to one thread.
    """

    def __init__(
        self,
        broker: BrokerSettings,
        line: LineInTime,
        make_link: MakeLink,
        clock: Clock,
        interval_s: float = DEFAULT_INTERVAL_S,
        say: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self._line = line
        self._clock = clock
        self._interval_s = interval_s
        self._say = say
        self._mailbox = Mailbox()
        handler: LinkHandler = self._mailbox
        client_id = f"bottlefiller-{random.SystemRandom().getrandbits(32):08x}"
        self._link = make_link([broker], client_id, handler, "bottlefiller")
        self._link.subscriptions([(COMMAND_TOPIC, QOS)])
        self.outbox = Outbox()
        self.sequence = 0
        self._due_s = clock.monotonic()
        self._skipped = 0
        self._stopping = False

    def stop(self) -> None:
        """End ``run``; from any thread or signal handler."""
        self._mailbox.events.put(Stop())

    def run(self) -> None:
        """Until ``stop``; the session is then closed in order."""
        self._link.start()
        try:
            while not self._stopping:
                self._handle_events()
                self._line.advance()
                if self._clock.monotonic() >= self._due_s:
                    self._on_interval()
                self.outbox.send(self._publish)
        finally:
            self._link.stop()
        self._say(f"Stopped after {self.sequence} data sets, {self.outbox.published} messages")

    def _handle_events(self) -> None:
        """Wait for something to do, for a cycle at most, then do all that waits."""
        wait_s = min(max(self._due_s - self._clock.monotonic(), 0.001), _CYCLE_S)
        try:
            event: AgentEvent | None = self._mailbox.events.get(timeout=wait_s)
        except queue.Empty:
            return
        while event is not None and not self._stopping:
            self._on_event(event)
            try:
                event = self._mailbox.events.get_nowait()
            except queue.Empty:
                event = None

    def _on_event(self, event: AgentEvent) -> None:
        match event:
            case Stop():
                self._stopping = True
            case Incoming():
                self._on_command(event)
            case Acknowledged():
                self.outbox.on_acknowledged(event.token)
            case Connected():
                again = f", {self._skipped} data sets were not published" if self._skipped else ""
                self._say(f"Connected to the broker {event.address}{again}")
                self._skipped = 0
                self._due_s = self._clock.monotonic()
            case Disconnected():
                self.outbox.on_session_end()
                self._say(event.cause)

    def _on_interval(self) -> None:
        """The grid of intervals is kept; what was missed is not made up for."""
        late_s = self._clock.monotonic() - self._due_s
        self._due_s += (late_s // self._interval_s + 1) * self._interval_s
        if self._link.status().state is BrokerState.CONNECTED:
            self._add_data_set()
        elif self.sequence:
            self._skipped += 1

    def _add_data_set(self) -> None:
        self.sequence += 1
        self.outbox.add(data_set(self._line.line.tags(), self.sequence, self._clock.utc_us()))

    def _on_command(self, message: Incoming) -> None:
        """A retained command is an old one: it is refused like one that comes too late."""
        self._line.advance()
        command: Command | None = None
        error = note = ""
        kept: TagValue | None = None
        try:
            command = parse_command(message.payload)
            now_ms = self._clock.utc_us() // 1000
            note = carry_out(self._line.line, command, now_ms, retained=message.retain)
            self._line.line.tick(_AFTER_COMMAND_S)
            kept = self._line.line.tags()[command.tag]
        except CommandError as reason:
            error = str(reason)
        self._say(_told(command, error, note))
        self.outbox.add([answer(command, error, note, kept, self._clock.utc_us())])
        if not error:
            self._add_data_set()

    def _publish(self, message: Message) -> int | None:
        return self._link.publish(Outgoing(message.topic, message.payload, QOS))


def _told(command: Command | None, error: str, note: str) -> str:
    what = "A command" if command is None else f"Command {command.tag:.60} = {command.value}"
    return f"{what}: {error or note or 'done'}"
