"""100 and 300 mixed controllers at 500 ms, all values changing, all recorded, with the panel open."""

from typing import Any

from tests.bench.demo import all_pages, baseline_row, measure, page_row
from tests.bench.gaps import gap_rows, opening_row
from tests.bench.many_controllers import CONTROLLERS, REALS, SCAN_MS, Cell, cells
from tests.bench.table import Row, quantile

_PAGE_S = 12
_MANY = 300
_LEAST = 20
_AIM_SCAN_MS = 1.1 * SCAN_MS
_AIM_GUI = 25


def run(*, long: bool) -> list[Row]:
    page_s = _PAGE_S * (4 if long else 1)
    rows = _rows(f"{CONTROLLERS} controllers x {REALS} tags", cells(CONTROLLERS), page_s, aims=True)
    rows += _rows(
        f"{_MANY} controllers x {_LEAST} to {REALS} tags", cells(_MANY, _LEAST, REALS), page_s, aims=False
    )
    in_process = measure(cells(CONTROLLERS), page_s=_PAGE_S, warm_up_s=8, workers=0)
    note = f"p99 of frame gaps {quantile(all_pages(in_process)['frame'], 0.99):.0f} ms"
    name = f"{CONTROLLERS} controllers x {REALS} tags, polled in the panel's process: processor"
    return [*rows, Row(name, _panel_cpu(in_process) * 100, "% of a core", note=note)]


def _rows(name: str, hall: list[Cell], page_s: float, *, aims: bool) -> list[Row]:
    result = measure(hall, page_s=page_s, warm_up_s=8)
    rows = gap_rows(name, all_pages(result), "all pages")
    rows.append(opening_row(name, result["pages"]))
    rows += _plant_rows(name, hall, result, aims=aims)
    rows += [page_row(name, page, phase) for page, phase in result["pages"].items()]
    rows.append(baseline_row(name, result))
    return rows


def _plant_rows(name: str, hall: list[Cell], result: dict[str, Any], *, aims: bool) -> list[Row]:
    wanted = sum(cell.tags for cell in hall) * 1000 / SCAN_MS
    intervals, workers = result["intervals_ms"], result["workers"]
    simulator = f"simulators {result['simulator']['cpu'] * 100:.0f} % of a core"
    kept = f"{result['rows_lost']:,} lost, {result['spool_rows']:,} spooled, {result['queue_rows']:,} waiting"
    bad = f"{result['not_connected']} not connected, {result['timeouts']} timeouts"
    return [
        Row(
            f"{name}: updates : wanted",
            result["updates_per_s"] / wanted,
            ratio=True,
            note=f"{result['updates_per_s']:,.0f} of {wanted:,.0f} a second; {simulator}",
        ),
        Row(
            f"{name}: achieved scan, p95",
            quantile(intervals, 0.95),
            "ms",
            _AIM_SCAN_MS if aims else None,
            note=f"p50 {quantile(intervals, 0.5):.0f} ms, worst {max(intervals):.0f} ms; asked {SCAN_MS} ms",
        ),
        Row(
            f"{name}: processor of the panel's process",
            _panel_cpu(result) * 100,
            "% of a core",
            _AIM_GUI if aims else None,
            note="mean of all pages",
        ),
        Row(
            f"{name}: processor of the polling processes",
            workers["cpu"] * 100,
            "% of a core",
            note=f"{workers['count']} with {workers['rss_mb']:.0f} MB; {workers['reason']}",
        ),
        Row(f"{name}: recorded", result["rows_per_s"], "rows/s", note=kept),
        Row(f"{name}: tags of bad quality", result["bad_tags"], aim=0, note=bad),
        Row(f"{name}: resident memory of the panel's process", result["rss_mb"], "MB"),
    ]


def _panel_cpu(result: dict[str, Any]) -> float:
    shares = [phase["cpu"] for phase in result["pages"].values()]
    return float(sum(shares) / len(shares))
