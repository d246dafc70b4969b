"""The historian's figures as rows."""

from tests.bench import bench_historian
from tests.bench.children import run_child
from tests.bench.table import Row

_MANY = "Historian, 10,000 tags with a new value twice a second"


def run(*, long: bool) -> list[Row]:
    result = bench_historian.run(1_000_000 if long else 300_000)
    bare = f"{result['bare_rows_per_s']:,.0f} rows/s bare"
    return [
        Row(
            "Historian, whole write path : bare sqlite3.executemany",
            result["whole_to_bare"],
            aim=0.35,
            at_least=True,
            ratio=True,
            note=f"{result['whole_rows_per_s']:,.0f} rows/s against {bare}",
        ),
        Row(
            "Historian, write call alone : bare sqlite3.executemany",
            result["call_to_bare"],
            aim=0.8,
            at_least=True,
            ratio=True,
            note=f"{result['call_rows_per_s']:,.0f} rows/s against {bare}",
        ),
        Row("Historian, size on disk", result["bytes_per_row"], "bytes/row"),
        *_many_tags(300.0 if long else 60.0),
    ]


def _many_tags(seconds: float) -> list[Row]:
    result = run_child("tests.bench.historian_many_tags", {"seconds": seconds}, timeout_s=seconds + 240)
    written = f"worst {result['longest_until_written_ms']:.0f} ms; {result['mb_per_commit']:.1f} MB a commit"
    asked = f"worst {result['trend_8h_worst_ms']:.1f} ms"
    newest = f"worst {result['newest_minute_worst_ms']:.1f} ms"
    return [
        Row(f"{_MANY}: processor time of a row", result["us_per_row"], "µs", note=f"in {seconds:.0f} s"),
        Row(f"{_MANY}: until on disk, median", result["median_until_written_ms"], "ms", note=written),
        Row(f"{_MANY}: until on disk, worst", result["longest_until_written_ms"], "ms", aim=500.0),
        Row(f"{_MANY}: trend of 8 h, median", result["trend_8h_median_ms"], "ms", note=asked),
        Row(f"{_MANY}: newest minute, median", result["newest_minute_median_ms"], "ms", note=newest),
        Row(f"{_MANY}: moving the last rows at the end", result["stop_ms"], "ms"),
    ]
