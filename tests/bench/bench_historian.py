"""Rows per second of the historian, as ratios to bare sqlite3 on the same disk in the same run."""

import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from engine.clock import SystemClock
from engine.model import Quality, Sample
from engine.storage import SqlHistoryReader, SqlRecorder
from engine.storage.connect import writer_engine
from engine.storage.dialect import insert_new_sql
from engine.storage.schema import raw_table

TAGS = 1000
BATCH = 10_000
ROUNDS = 5
START_US = 1_773_312_000_000_000

Row = tuple[int, int, float, int]
_COLUMNS = ("tag_id", "ts_us", "value", "quality")


def run(rows: int = 300_000, folder: Path | None = None) -> dict[str, float]:
    """Ratios first, then rates (rows/s) and sizes (bytes per row); medians of interleaved rounds."""
    samples = _make_samples(rows)
    batches = _sorted_batches(samples)
    rates: dict[str, list[float]] = {"bare": [], "call": [], "whole": []}
    sizes: list[float] = []
    with tempfile.TemporaryDirectory(dir=folder, prefix="bench-historian-") as name:
        for number in range(ROUNDS):
            place = Path(name) / str(number)
            for kind, measure in (("bare", _bare), ("call", _write_call)):
                (place / kind).mkdir(parents=True)
                rates[kind].append(rows / measure(place / kind, batches))
            seconds, size = _whole_path(place / "whole", samples)
            rates["whole"].append(rows / seconds)
            sizes.append(size / rows)
            shutil.rmtree(place)
    bare, call, whole = (statistics.median(rates[kind]) for kind in ("bare", "call", "whole"))
    return {
        "whole_to_bare": whole / bare,
        "call_to_bare": call / bare,
        "whole_rows_per_s": whole,
        "call_rows_per_s": call,
        "bare_rows_per_s": bare,
        "bytes_per_row": statistics.median(sizes),
    }


def main() -> int:
    """Print the table; the first argument is the number of rows."""
    result = run(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)
    print(f"{'historian':<44}{'ratio':>8}{'rows/s':>12}{'aim':>8}")
    print(
        f"{'whole write path : bare sqlite3':<44}{result['whole_to_bare']:>8.2f}"
        f"{result['whole_rows_per_s']:>12,.0f}{'0.35':>8}"
    )
    print(
        f"{'write call alone : bare sqlite3':<44}{result['call_to_bare']:>8.2f}"
        f"{result['call_rows_per_s']:>12,.0f}{'0.80':>8}"
    )
    print(f"{'bare sqlite3.executemany (sorted, FULL)':<44}{1.0:>8.2f}{result['bare_rows_per_s']:>12,.0f}")
    print(f"bytes per row: {result['bytes_per_row']:.1f}")
    return 0


def _make_samples(rows: int) -> list[list[Sample]]:
    """Lists as a driver hands them over: every tag once, 250 ms apart, from 10 connections."""
    random_value = random.Random(1).uniform
    scans: list[list[Sample]] = []
    per_scan = TAGS // 10
    names = [[f"line{c}/Tag{n}" for n in range(per_scan)] for c in range(10)]
    for number in range(rows // per_scan):
        at_us = START_US + number // 10 * 250_000 + number % 10 * 1000
        scans.append([Sample(tag, random_value(0, 100), Quality.GOOD, at_us) for tag in names[number % 10]])
    return scans


def _sorted_batches(scans: list[list[Sample]]) -> list[list[Row]]:
    ids: dict[str, int] = {}
    rows: list[Row] = [
        (ids.setdefault(tag, len(ids) + 1), ts_us, value, 192)  # type: ignore[misc]
        for scan in scans
        for tag, value, _, ts_us in scan
    ]
    return [sorted(rows[first : first + BATCH]) for first in range(0, len(rows), BATCH)]


def _bare(folder: Path, batches: list[list[Row]]) -> float:
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=16000", "cache_size=-32000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(
        "CREATE TABLE raw (tag_id INTEGER, ts_us BIGINT, value DOUBLE, quality SMALLINT, "
        "PRIMARY KEY (tag_id, ts_us)) WITHOUT ROWID"
    )

    def write() -> None:
        for batch in batches:
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO raw VALUES (?, ?, ?, ?)", batch)
            connection.execute("COMMIT")

    seconds = _timed(write)
    connection.close()
    return seconds


def _write_call(folder: Path, batches: list[list[Row]]) -> float:
    engine = writer_engine(folder / "call.db")
    table = raw_table(START_US // 86_400_000_000)
    with engine.begin() as connection:
        table.create(connection)
    statement = insert_new_sql("sqlite", table.name, _COLUMNS)

    def write() -> None:
        for batch in batches:
            with engine.begin() as connection:
                connection.exec_driver_sql(statement, batch)

    seconds = _timed(write)
    engine.dispose()
    return seconds


def _whole_path(folder: Path, scans: list[list[Sample]]) -> tuple[float, int]:
    """From the first ``record_samples`` until the last row is committed; then the size on disk."""
    recorder = SqlRecorder("sqlite:///history.db", folder, {}, SystemClock())
    recorder.start()
    _poll(lambda: (folder / "history.db").exists() and recorder.status().state == "writing")
    rows = sum(len(scan) for scan in scans)

    def write() -> None:
        for number, scan in enumerate(scans):
            if number % 100 == 0:
                _poll(lambda: recorder.status().queue_rows < 100_000)
            recorder.record_samples(scan)
        _poll(lambda: recorder.status().rows_written >= rows)

    seconds = _timed(write)
    status = recorder.status()
    recorder.stop()
    if status.rows_lost or status.spool_rows:
        raise RuntimeError("the bench overran the recorder")
    reader = SqlHistoryReader("sqlite:///history.db", folder)
    if sum(1 for _ in reader.samples("line0/Tag0", None, None)) != rows // TAGS + 1:
        raise RuntimeError("rows are missing")
    reader.close()
    return seconds, (folder / "history.db").stat().st_size


def _poll(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.002)


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main())
