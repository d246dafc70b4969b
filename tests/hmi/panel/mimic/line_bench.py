"""The simulated line feeding a real panel context directly: no wire, no thread, a clock set by hand."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from engine.config import tag_defs
from engine.connections import ConnectionState
from engine.model import Quality, Sample
from engine.tags import TagDatabase
from hmi.panel.context import PanelContext
from hmi.panel.theme import Theme
from sim.line import Line
from tests.hmi.panel.plant_bench import Bench

MIMIC = Path(__file__).resolve().parents[4] / "resources" / "mimics" / "bottle_filler.yaml"
CONNECTION = "line1"
SCAN_S = 0.25


class LineBench(Bench):
    """One line, one panel context; time passes only in ``run``. ``without``: tags the plant does not have."""

    def __init__(self, theme: str = "graphite", seed: int = 1, without: Sequence[str] = ()) -> None:
        super().__init__(theme)
        if without:
            self.context.close()
            self.tags = TagDatabase(d for d in tag_defs(self.config, CONNECTION) if d.name not in without)
            self.context = PanelContext(self, self.config, Theme.load(theme))
        self.names = [d.name for d in self.tags.definitions()]
        self.line = Line(seed)
        self.status = replace(self.status, state=ConnectionState.CONNECTING)
        self._next_scan_s = self.clock.now_s

    def run(self, seconds: float, frame_s: float = 1 / 30) -> Iterator[float]:
        """Let time pass frame by frame; yields the time after each frame."""
        end_s = self.clock.now_s + seconds
        while self.clock.now_s < end_s - 1e-9:
            second = int(self.clock.now_s)
            self.clock.now_s += frame_s
            self.line.tick(frame_s)
            if self.connected and self.clock.now_s >= self._next_scan_s:
                self.scan()
            self.context.bridge.drain()
            self.context.bridge.frame.emit(frame_s)
            if int(self.clock.now_s) != second:
                self.context.bridge.second.emit()
            yield self.clock.now_s

    def let_run(self, seconds: float) -> None:
        for _ in self.run(seconds):
            pass

    def scan(self) -> None:
        """Read the controller once."""
        self._next_scan_s = self.clock.now_s + SCAN_S
        values, now_us = self.line.tags(), self.clock.utc_us()
        self.tags.update(
            Sample(f"{CONNECTION}/{name}", values[name], Quality.GOOD, now_us) for name in self.names
        )

    @property
    def connected(self) -> bool:
        return self.status.state is ConnectionState.CONNECTED

    def connect(self) -> None:
        self._change(ConnectionState.CONNECTED)
        self.scan()
        self.context.bridge.drain()

    def lose(self, state: ConnectionState = ConnectionState.DISCONNECTED) -> None:
        """Pull the cable, or let the CPU stop."""
        self.tags.lose(CONNECTION, self.clock.utc_us())
        self._change(state)
        self.context.bridge.drain()

    def _change(self, state: ConnectionState) -> None:
        now_us = self.clock.utc_us()
        waits = state is ConnectionState.DISCONNECTED
        self.status = replace(
            self.status,
            state=state,
            since_us=now_us,
            last_read_us=now_us,
            retry_at_us=now_us + 31_000_000 if waits else None,
            cause="No answer from 127.0.0.1:1102 for 0.5 s; check the cable" if waits else "",
        )
        self.context.bridge.connections_changed.emit()


@contextmanager
def line_bench(theme: str = "graphite", seed: int = 1, without: Sequence[str] = ()) -> Iterator[LineBench]:
    bench = LineBench(theme, seed, without)
    try:
        yield bench
    finally:
        bench.close()
