"""What recording costs where many tags change once between two commits, in a database in use.

10,000 tags, one row each per commit, on a day that already has 250 rows of each tag; another process
asks for trends meanwhile. Runs in a process of its own.
"""

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from engine.clock import SystemClock
from engine.model import Quality, Sample
from engine.storage import SqlHistoryReader, SqlRecorder
from engine.storage.batch import Batch, RunMark, TagEntry
from engine.storage.writer import HistoryWriter
from tests.bench.children import child_arguments, give_result

URL = "sqlite:///history.db"
TAGS = 10_000
CONTROLLERS = 100
ROWS_BEFORE = 250
HOURS = 8
PERIOD_S = 0.5
_AT_ONCE = 500
_NAMES = [f"plc{number % CONTROLLERS}/Tag{number}" for number in range(TAGS)]


def run(seconds: float = 60.0, folder: Path | None = None) -> dict[str, float]:
    """Microseconds of processor time per row, MB written per commit, and times in milliseconds."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="bench-many-tags-") as name:
        place = Path(name)
        _fill(place)
        recorder = SqlRecorder(URL, place, {}, SystemClock())
        recorder.start()
        scans = _scans()
        written = _record(recorder, next(scans))
        asker = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.historian_many_tags", "ask", name],
            stdout=subprocess.PIPE,
            text=True,
        )
        process = psutil.Process()
        rounds = [next(scans) for _ in range(round(seconds / PERIOD_S))]
        waited: list[float] = []
        cpu_s, bytes_written = time.process_time(), process.io_counters().write_bytes
        for scan in rounds:
            began_s = time.monotonic()
            written = _record(recorder, scan, written)
            waited.append(time.monotonic() - began_s)
            time.sleep(max(0.0, PERIOD_S - waited[-1]))
        time.sleep(1.0)
        cpu_s = time.process_time() - cpu_s
        bytes_written = process.io_counters().write_bytes - bytes_written
        asker.terminate()
        answers = json.loads(asker.communicate()[0].splitlines()[-1])
        status = recorder.status()
        began_s = time.monotonic()
        recorder.stop()
        stopping_s = time.monotonic() - began_s
    if status.rows_lost or status.spool_rows:
        raise RuntimeError("the bench overran the recorder")
    rows = len(rounds) * TAGS
    return {
        "us_per_row": cpu_s / rows * 1e6,
        "mb_per_commit": bytes_written / len(rounds) / 1e6,
        "longest_until_written_ms": max(waited) * 1e3,
        "median_until_written_ms": statistics.median(waited) * 1e3,
        "stop_ms": stopping_s * 1e3,
        **answers,
    }


def _fill(folder: Path) -> None:
    writer = HistoryWriter(folder / "history.db")
    first_us = SystemClock().utc_us() - HOURS * 3_600_000_000
    step_us = HOURS * 3_600_000_000 // ROWS_BEFORE
    for first in range(0, TAGS, _AT_ONCE):
        tags = [TagEntry(name, "", "", "") for name in _NAMES[first : first + _AT_ONCE]]
        rows = [
            (index, first_us + number * step_us + index, float(number % 40), 192)
            for index in range(len(tags))
            for number in range(ROWS_BEFORE)
        ]
        writer.write(Batch(RunMark("before", first_us, first_us + HOURS * 3_600_000_000), tags, rows))
    with writer.engine_or_open().begin() as connection:
        # Their roll-ups are not what is measured.
        connection.exec_driver_sql("DELETE FROM hist_dirty")
    writer.close()


def _scans() -> Iterator[list[list[Sample]]]:
    """All tags once, by controller; times go up by the period."""
    value, at_us = random.Random(1).uniform, SystemClock().utc_us()
    while True:
        yield [
            [Sample(tag, value(0, 100), Quality.GOOD, at_us + c) for tag in _NAMES[c::CONTROLLERS]]
            for c in range(CONTROLLERS)
        ]
        at_us += round(PERIOD_S * 1e6)


def _record(recorder: SqlRecorder, scans: list[list[Sample]], before: int = 0) -> int:
    for scan in scans:
        recorder.record_samples(scan)
    wanted = before + TAGS
    while recorder.status().rows_written < wanted:
        time.sleep(0.005)
    return wanted


def _ask(folder: Path) -> None:
    """Trends of one tag after the other until stopped; prints how long they took."""
    reader = SqlHistoryReader(URL, folder)
    choose = random.Random(2).choice
    took: dict[str, list[float]] = {"trend_8h": [], "newest_minute": []}
    while True:
        for kind, span_us in (("trend_8h", HOURS * 3_600_000_000), ("newest_minute", 60_000_000)):
            now_us = SystemClock().utc_us()
            began_s = time.perf_counter()
            reader.series(choose(_NAMES), now_us - span_us, now_us, 2000 if kind == "newest_minute" else 200)
            took[kind].append((time.perf_counter() - began_s) * 1e3)
        answers = {f"{kind}_median_ms": statistics.median(all_ms) for kind, all_ms in took.items()}
        answers |= {f"{kind}_worst_ms": max(all_ms[1:], default=0.0) for kind, all_ms in took.items()}
        print(json.dumps(answers), flush=True)
        time.sleep(0.2)


if __name__ == "__main__":
    if sys.argv[1] == "ask":
        _ask(Path(sys.argv[2]))
    else:
        give_result(run(child_arguments()["seconds"]))
