"""A hundred controllers with a hundred REAL each at 500 ms, all changing, all recorded, with the panel."""

from typing import Any

from tests.bench.demo import all_pages, baseline_row, measure, page_row
from tests.bench.gaps import gap_rows, opening_row
from tests.bench.many_controllers import CONTROLLERS, REALS, SCAN_MS
from tests.bench.table import Row, quantile

_PAGE_S = 12
_NAME = f"{CONTROLLERS} controllers"


def run(*, long: bool) -> list[Row]:
    result = measure(controllers=CONTROLLERS, page_s=_PAGE_S * (4 if long else 1), warm_up_s=8)
    rows = gap_rows(_NAME, all_pages(result), "all pages")
    rows.append(opening_row(_NAME, result["pages"]))
    rows += _plant_rows(result)
    rows += [page_row(_NAME, page, phase) for page, phase in result["pages"].items()]
    rows.append(baseline_row(_NAME, result))
    return rows


def _plant_rows(result: dict[str, Any]) -> list[Row]:
    wanted = CONTROLLERS * REALS * 1000 / SCAN_MS
    intervals = result["intervals_ms"]
    simulator = f"simulators {result['simulator']['cpu'] * 100:.0f} % of the other core"
    kept = f"{result['rows_lost']:,} lost, {result['spool_rows']:,} spooled, {result['queue_rows']:,} waiting"
    bad = f"{result['not_connected']} not connected, {result['timeouts']} timeouts"
    return [
        Row(
            f"{_NAME}: updates : wanted",
            result["updates_per_s"] / wanted,
            ratio=True,
            note=f"{result['updates_per_s']:,.0f} of {wanted:,.0f} a second; {simulator}",
        ),
        Row(
            f"{_NAME}: achieved scan, p95",
            quantile(intervals, 0.95),
            "ms",
            note=f"p50 {quantile(intervals, 0.5):.0f} ms, worst {max(intervals):.0f} ms; asked {SCAN_MS} ms",
        ),
        Row(f"{_NAME}: recorded", result["rows_per_s"], "rows/s", note=kept),
        Row(f"{_NAME}: tags of bad quality", result["bad_tags"], aim=0, note=bad),
        Row(f"{_NAME}: resident memory", result["rss_mb"], "MB"),
    ]
