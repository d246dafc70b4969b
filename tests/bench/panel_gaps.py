"""The panel of the demo and load benches: gaps and processor time before polling, then page by page."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

from engine.connections import ConnectionState
from engine.model import Quality, Sample
from engine.system_tags import SYSTEM
from hmi.panel.main_window import MainWindow
from hmi.plant import Plant
from tests.bench.children import child_arguments, give_result
from tests.bench.gaps import GapWatch
from tests.bench.many_controllers import Cell, with_controllers
from tests.bench.panel_harness import PAGE_IDS, Steps, demo_plant, show_panel

_FIRST_SHOW_S = 1.5


class ScanWatch:
    """When each controller's values arrived, in the engine's thread."""

    def __init__(self) -> None:
        self.on = False
        self.samples = 0
        self._last_us: dict[str, int] = {}
        self.intervals_ms: list[float] = []

    def on_changes(self, changes: Sequence[Sample]) -> None:
        first = changes[0]
        connection = first.tag.partition("/")[0]
        last, self._last_us[connection] = self._last_us.get(connection), first.source_time_us
        if self.on and connection.startswith("cell"):
            self.samples += len(changes)
            if last is not None:
                self.intervals_ms.append((first.source_time_us - last) / 1e3)


class Phase:
    """Time and processor time of a stretch; ``end`` gives them with the gaps."""

    def __init__(self, watch: GapWatch) -> None:
        self._watch = watch
        self._process = psutil.Process()
        self._began = time.monotonic()
        self._used = self._cpu()
        watch.start()

    def end(self) -> dict[str, Any]:
        share = (self._cpu() - self._used) / (time.monotonic() - self._began)
        return {**self._watch.stop(), "cpu": share}

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)


def main() -> None:
    """Arguments: line, ports, cells, workers, data, baseline_s, warm_up_s, page_s."""
    given = child_arguments()
    hall = [Cell(*each) for each in given["cells"]]
    config = with_controllers(demo_plant(given["line"]), hall, given["ports"], given["workers"])
    result: dict[str, Any] = {"pages": {}}

    def look_on(plant: Plant, window: MainWindow, steps: Steps) -> Iterator[float]:
        watch = GapWatch(window._context.bridge)
        scans = ScanWatch()
        plant.engine.tags.add_listener("bench", scans.on_changes)
        yield _FIRST_SHOW_S
        phase = Phase(watch)
        yield given["baseline_s"]
        result["baseline"] = phase.end()
        steps.start_plant()
        yield given["warm_up_s"]
        began, rows = time.monotonic(), plant.engine.recorder.status().rows_written
        scans.on = True
        for page in PAGE_IDS:
            first = Phase(watch)
            window.show_page(page)
            yield _FIRST_SHOW_S
            opened = first.end()
            phase = Phase(watch)
            yield given["page_s"]
            result["pages"][page] = {**phase.end(), "opening": max(opened["timer"])}
        seconds = time.monotonic() - began
        result["workers"] = _workers(plant)
        result.update(_plant_figures(plant, scans, rows, seconds))

    show_panel(config, Path(given["data"]), look_on)
    give_result(result)


def _workers(plant: Plant) -> dict[str, Any]:
    """The processes that poll: how many, their share of a core, their memory; and why so many."""
    polling = plant.engine.polling
    if polling is None:
        return {"count": 0, "cpu": 0.0, "rss_mb": 0.0, "reason": ""}
    status = polling.status()
    return {
        "count": len(status.processes),
        "cpu": sum(each.cpu for each in status.processes),
        "rss_mb": sum(each.rss_mb for each in status.processes),
        "reason": status.reason,
    }


def _plant_figures(plant: Plant, scans: ScanWatch, rows_before: int, seconds: float) -> dict[str, Any]:
    scans.on = False
    engine = plant.engine
    status = engine.recorder.status()
    states = [engine.tags.state(tag.key) for tag in engine.tags.definitions()]
    links = engine.connections()
    return {
        "intervals_ms": scans.intervals_ms,
        "updates_per_s": scans.samples / seconds,
        "rows_per_s": (status.rows_written - rows_before) / seconds,
        "rows_lost": status.rows_lost,
        "spool_rows": status.spool_rows,
        "queue_rows": status.queue_rows,
        "bad_tags": sum(
            s.sample.quality is not Quality.GOOD for s in states if s.definition.connection != SYSTEM
        ),
        "not_connected": sum(link.state is not ConnectionState.CONNECTED for link in links),
        "timeouts": sum(link.timeouts_per_hour for link in links),
        "rss_mb": psutil.Process().memory_info().rss / 2**20,
    }


if __name__ == "__main__":
    main()
