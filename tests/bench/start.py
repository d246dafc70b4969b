"""From the start of ``brimline demo`` to the first live value on the screen: plant, simulator and panel."""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.children import run_child
from tests.bench.table import Row

_AIM_S = 2.0
_ROUNDS = 7
_COLD_ROUNDS = 3
_STAGES = (
    ("interpreter", "interpreter"),
    ("imported", "imports"),
    ("window painted", "plant file, window and first paint"),
    ("value known", "connecting and first value"),
    ("value painted", "painting it"),
)
Stages = dict[str, float]


def run(*, long: bool) -> list[Row]:
    _start()
    warm = [_start() for _ in range(_ROUNDS * (3 if long else 1))]
    cold = [_start_cold() for _ in range(_COLD_ROUNDS)]
    total = statistics.median(_total(stages) for stages in warm)
    cold_total = statistics.median(_total(stages) for stages in cold)
    worst = max(_total(stages) for stages in warm)
    note = f"median of {len(warm)} starts, worst {worst:.2f} s"
    cold_note = f"median of {len(cold)} starts after the files were dropped from the system's cache"
    return [
        Row("Start to first live value, warm", total, "s", _AIM_S, note=note),
        Row("Start to first live value, cold files", cold_total, "s", _AIM_S, note=cold_note),
        *(_stage_row(name, text, warm, cold) for name, text in _STAGES),
    ]


def _start() -> Stages:
    """Seconds of each stage."""
    with tempfile.TemporaryDirectory(prefix="bench-start-") as data:
        command = ["demo", "--s7-port", "0", "--data", data]
        last = time.monotonic_ns()
        stamps = run_child("tests.bench.panel_start", {"command": command}, 60)
    stages: Stages = {}
    for name, _ in _STAGES:
        stages[name], last = (stamps[name] - last) / 1e9, stamps[name]
    return stages


def _start_cold() -> Stages:
    for folder in {*map(Path, sys.path), Path(__file__).parents[2] / "resources"}:
        if folder.is_dir():
            _drop_from_cache(folder)
    return _start()


def _drop_from_cache(folder: Path) -> None:
    """The system reads these files from the disk again, unless another program has them in use."""
    if not hasattr(os, "posix_fadvise"):
        return
    for path in folder.rglob("*"):
        if path.suffix in (".py", ".pyc", ".so", ".ttf", ".svg", ".json") or ".so." in path.name:
            try:
                file = os.open(path, os.O_RDONLY)
            except OSError:
                continue
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(file)


def _total(stages: Stages) -> float:
    return sum(stages.values())


def _stage_row(name: str, text: str, warm: list[Stages], cold: list[Stages]) -> Row:
    cold_s = statistics.median(stages[name] for stages in cold)
    value = statistics.median(stages[name] for stages in warm)
    return Row(f"Start, of which {text}", value, "s", note=f"cold {cold_s:.2f} s")
