"""In a child: the panel on Diagnostics while remote nodes publish at a steady rate; latency and gaps."""

import tempfile
import time
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

from engine.model import Sample
from hmi.panel.main_window import MainWindow
from hmi.plant import Plant
from tests.bench.children import child_arguments, give_result, simulator
from tests.bench.gaps import GapWatch
from tests.bench.panel_gaps import Phase
from tests.bench.panel_harness import Steps, show_panel
from tests.bench.sparkplug_plant import BROKER_OPTIONS, CONNECTION, sparkplug_plant
from tests.bench.sparkplug_publisher import METRICS
from tests.mqtt.mosquitto import Mosquitto

_CONNECT_S = 3.0
_WARM_UP_S = 5.0
_DRAIN_S = 3.0
_EVERY_S = 5.0


class LatencyWatch:
    """From the time in the message to the engine's tag, in milliseconds; called in the engine's thread."""

    def __init__(self) -> None:
        self.on = False
        self.samples = 0
        self.latency_ms = array("f")  # four bytes each: an hour of them must not pass for a leak

    def on_changes(self, changes: Sequence[Sample]) -> None:
        remote = [sample for sample in changes if sample.tag.startswith(f"{CONNECTION}/")]
        self.samples += sum(sample.value is not None for sample in remote)
        if self.on and remote:
            now_us = time.time_ns() // 1000
            self.latency_ms.extend((now_us - sample.source_time_us) / 1e3 for sample in remote[::METRICS])


def main() -> None:
    """Arguments: nodes, per_s, seconds, page."""
    given = child_arguments()
    result: dict[str, Any] = {"rss_mb": []}

    def look_on(plant: Plant, window: MainWindow, steps: Steps) -> Iterator[float]:
        watch, latency = GapWatch(window._context.bridge), LatencyWatch()
        plant.engine.tags.add_listener("bench", latency.on_changes)
        steps.start_plant()
        yield _CONNECT_S
        settings = {"port": port, "nodes": given["nodes"], "qos": 1, "per_s": given["per_s"]}
        with simulator("tests.bench.sparkplug_publisher", settings) as publisher:
            yield 1.0
            window.show_page(given["page"])
            born = latency.samples
            _begin(publisher)
            yield _WARM_UP_S
            latency.on, phase = True, Phase(watch)
            for _ in range(round(given["seconds"] / _EVERY_S)):
                yield _EVERY_S
                result["rss_mb"].append(psutil.Process().memory_info().rss / 2**20)
            latency.on = False
            result.update(phase.end())
            words = publisher.last_words()
            yield _DRAIN_S
        result["lost"] = words["sent"] * METRICS - (latency.samples - born)
        result["sent"], result["latency_ms"] = words["sent"], latency.latency_ms.tolist()
        result["rows_lost"] = plant.engine.recorder.status().rows_lost

    with Mosquitto(options=BROKER_OPTIONS) as broker, tempfile.TemporaryDirectory() as folder:
        port = broker.port
        show_panel(sparkplug_plant(port, given["nodes"]), Path(folder), look_on)
    give_result(result)


def _begin(publisher: Any) -> None:
    publisher.process.stdin.write("1000000000\n")
    publisher.process.stdin.flush()


if __name__ == "__main__":
    main()
