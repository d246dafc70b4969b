"""A real history database driven step by step, without the recorder's thread."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from engine.model import Quality, Sample, TagDef, Value
from engine.storage.batch import Batch, RowBuilder, RunMark
from engine.storage.maintenance import Maintenance
from engine.storage.reader import SqlHistoryReader
from engine.storage.retention import Retention
from engine.storage.writer import HistoryWriter
from tests.clock import ManualClock

URL = "sqlite:///history.db"
TAG = "line1/FillLevel"
KEEP_ALL = Retention(raw_days=100_000, rollup_days=100_000)
NOON_US = 1_773_316_800_000_000
"""2026-03-12T12:00:00Z"""
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


def sample(value: Value | None, at_us: int, quality: Quality = Quality.GOOD, tag: str = TAG) -> Sample:
    return Sample(tag, value, quality, at_us)


class History:
    """Writes batches of one run that never ends, unless told otherwise."""

    def __init__(self, folder: Path, tags: Sequence[TagDef] = (), retention: Retention | None = None) -> None:
        self.folder = folder
        self.path = folder / "history.db"
        self.clock = ManualClock()
        self.builder = RowBuilder({tag.key: tag for tag in tags}, self.clock)
        self.writer = HistoryWriter(self.path)
        self.reader = SqlHistoryReader(URL, folder, self.clock)
        self.maintenance = Maintenance(self.writer, retention or KEEP_ALL, self.clock)

    def record(self, *samples: Sample, run: RunMark | None = None) -> Batch:
        rows, texts = self.builder.build(samples)
        mark = run or RunMark("run", 0, self.clock.utc_us())
        batch = Batch(mark, list(self.builder.tags), rows, texts)
        self.write(batch)
        return batch

    def write(self, batch: Batch) -> None:
        self.maintenance.on_hours_written(self.writer.write(batch))

    def restart(self) -> None:
        """As after a crash: nothing is remembered but what is on disk."""
        self.close()
        self.builder = RowBuilder({}, self.clock)
        self.maintenance = Maintenance(self.writer, KEEP_ALL, self.clock)

    def maintain(self) -> None:
        while self.maintenance.step():
            pass

    def samples(self, tag: str = TAG) -> list[Sample]:
        return list(self.reader.samples(tag, None, None))

    def sql(self, statement: str) -> list[tuple]:
        connection = sqlite3.connect(self.path)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()

    def close(self) -> None:
        self.writer.close()
        self.reader.close()
