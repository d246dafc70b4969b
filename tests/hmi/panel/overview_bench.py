"""Several lines side by side: the demo's filler as often as a test needs it, each with a link of its own."""

from dataclasses import replace

from engine.commands import Commands
from engine.config import PlantConfig, load_plant, tag_defs
from engine.connections import ConnectionState, ConnectionStatus
from engine.events import EventJournal
from engine.history import NullRecorder
from engine.model import Quality, Sample, Value
from engine.tags import TagDatabase
from hmi.panel.context import PanelContext
from hmi.panel.theme import Theme
from tests.hmi.panel.plant_bench import DEMO, RUNNING, START_US, Bench, HandClock, MemoryHistory, OrderList


def hall_config(count: int) -> PlantConfig:
    """The demo's plant with lines ``line1`` to ``lineN``, all like the first."""
    config = load_plant(DEMO, {})
    first = next(each for each in config.plc_connections if each.id == "line1")
    machine = next(each for each in config.machines if each.connection == "line1")
    numbers = range(1, count + 1)
    lines = tuple(first.model_copy(update={"id": f"line{n}", "name": f"Line {n}"}) for n in numbers)
    machines = tuple(
        machine.model_copy(update={"id": f"filler{n}", "connection": f"line{n}"}) for n in numbers
    )
    return config.model_copy(update={"plc_connections": lines, "machines": machines})


class HallBench(Bench):
    """As ``Bench``, with lines that are named where one of them is meant."""

    def __init__(self, count: int = 2, theme: str = "paper") -> None:
        self.config = hall_config(count)
        self.clock = HandClock()
        ids = [each.id for each in self.config.plc_connections]
        self.tags = TagDatabase(tag for each in ids for tag in tag_defs(self.config, each))
        self.events = EventJournal()
        self.recorder = NullRecorder()
        self.history = MemoryHistory()
        self.host = self.edge = self.polling = None
        self.orders = OrderList()
        self.links = {
            each.id: ConnectionStatus(
                each.id,
                "SIEMENS_S7",
                "S7-1500",
                "127.0.0.1:1102",
                ConnectionState.CONNECTED,
                START_US,
                scan_ms=250.0,
            )
            for each in self.config.plc_connections
        }
        self.commands = Commands(self.tags, self.connection, self.events, self.clock)
        self.commands.connect(dict.fromkeys(ids, self.orders))
        self.context = PanelContext(self, self.config, Theme.load(theme))

    def connections(self) -> list[ConnectionStatus]:
        return list(self.links.values())

    def connection(self, connection_id: str, /) -> ConnectionStatus | None:
        return self.links.get(connection_id)

    def say(self, line: str, quality: Quality = Quality.GOOD, /, **values: Value | None) -> None:
        """The controller of one line says something, seen by the panel at once."""
        now_us = self.clock.utc_us()
        self.tags.update(Sample(f"{line}/{name}", value, quality, now_us) for name, value in values.items())
        self.context.bridge.drain()
        self.context.bridge.frame.emit(0.033)

    def run(self, *lines: str, **other: Value) -> None:
        """These lines run, all of them without a name."""
        for line in lines or self.links:
            everything = {
                d.name: False if d.type.base == "BOOL" else 0.0
                for d in self.tags.definitions()
                if d.connection == line
            }
            self.say(line, **(everything | RUNNING | other))

    def lose(self, line: str, state: ConnectionState = ConnectionState.DISCONNECTED, cause: str = "") -> None:
        """The link of one line is not what it was."""
        now_us = self.clock.utc_us()
        self.links[line] = replace(self.links[line], state=state, cause=cause, since_us=now_us)
        self.tags.lose(line, now_us)
        self.context.bridge.drain()
        self.context.bridge.connections_changed.emit()

    def pass_time(self, seconds: float, frames: int = 1) -> None:
        for _ in range(frames):
            self.clock.now_s += seconds / frames
            self._confirm()
            self.context.bridge.drain()
            self.context.bridge.frame.emit(seconds / frames)
        self.context.bridge.second.emit()

    def _confirm(self) -> None:
        now_us = self.clock.utc_us()
        states = [self.tags.state(d.key) for d in self.tags.definitions()]
        self.tags.update(
            Sample(s.sample.tag, s.sample.value, s.sample.quality, now_us)
            for s in states
            if s.seen_us and self.links[s.definition.connection].state is ConnectionState.CONNECTED
        )
