"""A panel without a window: the demo plant's tags and limits, real parts, a clock and a link set by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.commands import Commands, WriteOrder, WriteOutcome
from engine.config import PlantConfig, load_plant, tag_defs
from engine.connections import ConnectionState, ConnectionStatus, PollingView
from engine.events import Event, EventJournal
from engine.history import CancelToken, NullRecorder, Series, TagRecord
from engine.model import Quality, Sample, Value
from engine.nodes import EdgeView, HostView
from engine.tags import TagDatabase
from hmi.panel.context import PanelContext
from hmi.panel.theme import Theme

DEMO = Path(__file__).parents[3] / "resources" / "plants" / "demo.yaml"
START_US = 1_773_308_400_000_000  # 2026-03-12 09:40:00 UTC, 10:40 at the site

RUNNING: dict[str, Value] = {
    "FillLevel": 62.4,
    "FillFlowRate": 29.6,
    "TankTemperature": 12.8,
    "TankPressure": 14.6,
    "ConveyorSpeed": 58.2,
    "ConveyorSpeedSetpoint": 58.0,
    "FillTargetSetpoint": 500.0,
    "BottleFillVolume": 320.0,
    "BottlesFilled": 8640,
    "BottlesRejected": 216,
    "BottlesPerMinute": 39,
    "StateCurrent": 6,
    "SystemRunning": True,
    "Ready": True,
    "AutoMode": True,
    "CapPresent": True,
    "LowLevel": True,
    "IndicatorGreen": True,
}


def one_line(config: PlantConfig) -> PlantConfig:
    """The demo's plant without its second line, so that there is one filler to speak of."""
    connections = tuple(each for each in config.plc_connections if each.id != "line2")
    machines = tuple(each for each in config.machines if each.connection != "line2")
    return config.model_copy(update={"plc_connections": connections, "machines": machines})


class HandClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s

    def utc_us(self) -> int:
        return START_US + round((self.now_s - 1000.0) * 1e6)


class MemoryHistory:
    """Recorded samples in a list."""

    def __init__(self) -> None:
        self.recorded: list[Sample] = []

    def series(
        self, tag: str, start_us: int, end_us: int, points: int, cancel: CancelToken | None = None
    ) -> Series:
        found = [s for s in self.recorded if s.tag == tag and start_us <= s.source_time_us < end_us]
        values = np.array([float(s.value) if isinstance(s.value, (int, float)) else np.nan for s in found])
        times = np.array([s.source_time_us for s in found], dtype=np.int64)
        gaps = [
            (int(times[i]), int(times[i + 1]) if i + 1 < len(times) else end_us)
            for i in np.flatnonzero(np.isnan(values))
        ]
        return Series(tag, start_us, end_us, False, times, values, values, values, tuple(gaps))

    def samples(self, tag: str, start_us: int | None, end_us: int | None) -> Iterator[Sample]:
        for sample in self.recorded:
            after = start_us is None or sample.source_time_us >= start_us
            if sample.tag == tag and after and (end_us is None or sample.source_time_us < end_us):
                yield sample

    def tags(self) -> list[TagRecord]:
        return []

    def events(self, start_us: int, end_us: int, limit: int = 500) -> list[Event]:
        return []


class OrderList:
    """The end of the write path: keeps orders until the test answers them."""

    def __init__(self) -> None:
        self.orders: list[WriteOrder] = []

    def put(self, order: WriteOrder) -> str:
        self.orders.append(order)
        return ""


class Bench:
    """What ``PanelContext`` wants of an engine, and handles for a test to play the plant."""

    def __init__(self, theme: str = "paper") -> None:
        self.config = one_line(load_plant(DEMO, {}))
        self.clock = HandClock()
        self.tags = TagDatabase(tag_defs(self.config, "line1"))
        self.events = EventJournal()
        self.recorder = NullRecorder()
        self.history = MemoryHistory()
        self.host: HostView | None = None
        self.edge: EdgeView | None = None
        self.polling: PollingView | None = None
        self.orders = OrderList()
        self.status = ConnectionStatus(
            "line1",
            "SIEMENS_S7",
            "S7-1500",
            "127.0.0.1:1102",
            ConnectionState.CONNECTED,
            START_US,
            scan_ms=250.0,
        )
        self.commands = Commands(self.tags, self.connection, self.events, self.clock)
        self.commands.connect({"line1": self.orders})
        self.context = PanelContext(self, self.config, Theme.load(theme))

    def connections(self) -> list[ConnectionStatus]:
        return [self.status]

    def connection(self, connection_id: str, /) -> ConnectionStatus | None:
        return self.status if connection_id == "line1" else None

    def retry_now(self, connection_id: str, /) -> None:
        return

    def queues(self) -> Sequence[Any]:
        return ()

    def set(self, quality: Quality = Quality.GOOD, /, **values: Value | None) -> None:
        """The plant says: one reading of these tags, seen by the panel at once."""
        now_us = self.clock.utc_us()
        self.tags.update(Sample(f"line1/{name}", value, quality, now_us) for name, value in values.items())
        self.context.bridge.drain()

    def set_running(self) -> None:
        everything = {d.name: False if d.type.base == "BOOL" else 0.0 for d in self.tags.definitions()}
        self.set(**(everything | RUNNING))

    def lose_link(self) -> None:
        self.status = replace(
            self.status, state=ConnectionState.DISCONNECTED, cause="No answer", since_us=self.clock.utc_us()
        )
        self.tags.lose("line1", self.clock.utc_us())
        self.context.bridge.drain()
        self.context.bridge.connections_changed.emit()

    def restore_link(self) -> None:
        self.status = replace(self.status, state=ConnectionState.CONNECTED, cause="")
        self.context.bridge.connections_changed.emit()

    def pass_time(self, seconds: float, frames: int = 1) -> None:
        """The clock and the panel's timers go on; values are confirmed but do not change."""
        for _ in range(frames):
            self.clock.now_s += seconds / frames
            if self.status.state is ConnectionState.CONNECTED:
                self._confirm()
            self.context.bridge.drain()
            self.context.bridge.frame.emit(seconds / frames)
        self.context.bridge.second.emit()

    def answer(self, error: str = "", readback: Value | None = None, sent: bool = True) -> None:
        """The controller answers the oldest order."""
        order = self.orders.orders.pop(0)
        shown = order.raw if readback is None and not error else readback
        self.commands.on_outcome(WriteOutcome(order, sent, error, shown))

    def close(self) -> None:
        self.context.close()

    def _confirm(self) -> None:
        states = [self.tags.state(d.key) for d in self.tags.definitions()]
        now_us = self.clock.utc_us()
        self.tags.update(
            Sample(s.sample.tag, s.sample.value, s.sample.quality, now_us) for s in states if s.seen_us
        )
