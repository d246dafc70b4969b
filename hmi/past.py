"""Writes a past for the demonstration's pictures: the simulated lines, recorded faster than they run."""

from pathlib import Path

from engine.clock import SystemClock
from engine.config import PlantConfig, tag_defs
from engine.model import Quality, Sample, TagDef
from engine.storage import open_storage
from engine.tags import TagDatabase
from sim.line import Line

_SEEDS = {"line1": 1, "line2": 2}
"""Connection -> seed of the line behind it."""
_SCAN_S = 0.25


class _PastClock:
    """UTC as it was; intervals as they are, for the recorder's own waiting."""

    def __init__(self, start_us: int) -> None:
        self._now_us = start_us
        self._system = SystemClock()

    def monotonic(self) -> float:
        return self._system.monotonic()

    def utc_us(self) -> int:
        return self._now_us

    def advance(self, seconds: float) -> None:
        self._now_us += round(seconds * 1e6)


def record_past(config: PlantConfig, data_folder: Path, seconds: float) -> None:
    """Record ``seconds`` of the simulated lines, ending now, into the data folder's history."""
    lines = [(Line(seed, autostart=True), tag_defs(config, name)) for name, seed in _SEEDS.items()]
    definitions = [tag for _, tags in lines for tag in tags]
    clock = _PastClock(SystemClock().utc_us() - round(seconds * 1e6))
    recorder = open_storage(
        config.database.url, data_folder, {tag.key: tag for tag in definitions}, clock
    ).recorder
    tags = TagDatabase(definitions)
    tags.add_listener("recorder", lambda changes: recorder.record_samples(list(changes)))
    recorder.start()
    for _ in range(round(seconds / _SCAN_S)):
        clock.advance(_SCAN_S)
        for line, own in lines:
            line.tick(_SCAN_S)
            tags.update(_samples(line, own, clock.utc_us()))
    recorder.stop()


def _samples(line: Line, definitions: tuple[TagDef, ...], now_us: int) -> list[Sample]:
    values = line.tags()
    return [
        Sample(tag.key, values[tag.name], Quality.GOOD, now_us)
        for tag in definitions
        if tag.history and tag.name in values
    ]
