"""How long it takes to read a plant file with 10,000 tags."""

import statistics
import time

from engine.config import parse_plant
from tests.bench.many_controllers import CONTROLLERS, REALS, plant_file
from tests.bench.table import Row


def run(*, long: bool) -> list[Row]:
    text = plant_file(list(range(10_000, 10_000 + CONTROLLERS)))
    seconds = [_timed(text) for _ in range(3)]
    tags = f"{CONTROLLERS * REALS:,} tags, {len(text) / 1e6:.1f} MB of YAML"
    return [Row("Reading and checking a large plant file", statistics.median(seconds), "s", note=tags)]


def _timed(text: str) -> float:
    began = time.perf_counter()
    parse_plant(text, "bench.yaml", {})
    return time.perf_counter() - began
