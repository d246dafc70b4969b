"""The historian's figures as rows."""

from tests.bench import bench_historian
from tests.bench.table import Row


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
    ]
