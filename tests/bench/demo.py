"""The demo's plant with the panel: smoothness and processor time, page by page."""

import tempfile
from typing import Any

from tests.bench.children import run_child, simulator
from tests.bench.gaps import gap_rows, opening_row
from tests.bench.many_controllers import Cell
from tests.bench.table import Row, quantile

_PAGE_S = 8
_BASELINE_S = 8


def run(*, long: bool) -> list[Row]:
    result = measure([], page_s=_PAGE_S * (4 if long else 1), warm_up_s=3)
    rows = gap_rows("Demo", all_pages(result), "all pages")
    rows.append(opening_row("Demo", result["pages"]))
    rows += [page_row("Demo", page, phase) for page, phase in result["pages"].items()]
    rows.append(baseline_row("Demo", result))
    return rows


def measure(
    hall: list[Cell], *, page_s: float, warm_up_s: float, workers: int | str = "auto"
) -> dict[str, Any]:
    """One run of the panel against simulators in another process."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-gaps-") as data,
        simulator("tests.bench.sim_many", {"cells": hall}) as sim,
    ):
        given = {
            **sim.ready,
            "cells": hall,
            "workers": workers,
            "data": data,
            "baseline_s": _BASELINE_S,
            "warm_up_s": warm_up_s,
            "page_s": page_s,
        }
        result: dict[str, Any] = run_child("tests.bench.panel_gaps", given, 120 + 6 * page_s)
        result["simulator"] = sim.last_words()
    return result


def all_pages(result: dict[str, Any]) -> dict[str, list[float]]:
    """The gaps of all pages together."""
    phases = result["pages"].values()
    return {kind: [gap for phase in phases for gap in phase[kind]] for kind in ("timer", "frame")}


def page_row(name: str, page: str, phase: dict[str, Any]) -> Row:
    timer = phase["timer"]
    note = f"event loop gap p99 {quantile(timer, 0.99):.1f} ms, worst {max(timer):.0f} ms"
    return Row(f"{name}, {page}: processor", phase["cpu"] * 100, "% of a core", note=note)


def baseline_row(name: str, result: dict[str, Any]) -> Row:
    phase = result["baseline"]
    timer = phase["timer"]
    note = f"event loop gap p99 {quantile(timer, 0.99):.1f} ms, worst {max(timer):.0f} ms"
    return Row(f"{name}, before anything is polled: processor", phase["cpu"] * 100, "% of a core", note=note)
