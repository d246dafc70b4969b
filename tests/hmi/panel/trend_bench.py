"""The panel's bench with a real history on disk, and the filling line to make one."""

from collections.abc import Callable
from pathlib import Path

from engine.model import Quality, Sample
from engine.storage import SqlHistoryReader, SqlRecorder
from sim.faults import Fault
from sim.line import Line
from tests.hmi.panel.plant_bench import Bench
from tests.waiting import wait_until

URL = "sqlite:///history.db"


class TrendBench(Bench):
    """``record`` writes to SQLite in ``folder``; the panel reads from there."""

    def __init__(self, folder: Path, theme: str = "paper") -> None:
        super().__init__(theme)
        self.folder = folder
        definitions = {d.key: d for d in self.tags.definitions()}
        self.sql_recorder = SqlRecorder(URL, folder, definitions, self.clock)
        self.sql_reader = SqlHistoryReader(URL, folder, self.clock)
        self.history = self.sql_reader  # type: ignore[assignment]
        self.line = Line(7)
        self._recording = False

    def record(self, samples: list[Sample]) -> None:
        if not self._recording:
            self._recording = True
            self.sql_recorder.start()
        self.sql_recorder.record_samples(samples)

    def settle(self) -> None:
        """Until everything is in the database."""

        def written() -> bool:
            self.clock.now_s += 0.001
            return self.sql_recorder.status().queue_rows == 0

        self.clock.now_s += 1.0
        wait_until(written, "the recorder to write what it has", 120.0)

    def run_line(
        self, seconds: float, step_s: float, faults: Callable[[float], dict[Fault, bool]] = lambda _: {}
    ) -> None:
        """Record what the line does from now on; ``faults`` says which are switched at a second."""
        line = self.line
        known = {d.name for d in self.tags.definitions()}
        for index in range(round(seconds / step_s)):
            for fault, active in faults(index * step_s).items():
                line.disturb(fault, active=active)
            line.tick(step_s)
            self.clock.now_s += step_s
            now_us = self.clock.utc_us()
            values = line.tags()
            self.record(
                self.tags.update(
                    Sample(f"line1/{name}", value, Quality.GOOD, now_us)
                    for name, value in values.items()
                    if name in known
                )
            )

    def lose_for(self, seconds: float) -> None:
        """Record that the controller does not answer for a while."""
        self.record(self.tags.lose("line1", self.clock.utc_us()))
        self.clock.now_s += seconds

    def close(self) -> None:
        super().close()
        if self._recording:
            self.sql_recorder.stop()
        self.sql_reader.close()
