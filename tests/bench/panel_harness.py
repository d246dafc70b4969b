"""The real panel in this process, with a plant and something that looks on."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QTimer

from engine.clock import SystemClock
from engine.config import PlantConfig, load_plant
from hmi.panel.app import run_panel
from hmi.panel.main_window import MainWindow
from hmi.panel.pages import PAGES
from hmi.plant import Plant, build_plant

DEMO = Path(__file__).resolve().parents[2] / "resources" / "plants" / "demo.yaml"
SIZE = (1280, 800)
START_PAGE = "overview"
PAGE_IDS = [page.page_id for page in PAGES]


def demo_plant(port: int, scan_ms: int = 250) -> PlantConfig:
    """The demo's line with its controller at ``port``; Sparkplug has benches of its own."""
    config = load_plant(DEMO, {"BRIMLINE_DEMO_S7_PORT": str(port)})
    line = config.plc_connections[0].model_copy(update={"scan_rate_ms": scan_ms})
    panel = config.panel.model_copy(update={"start_page": START_PAGE})
    only_line = {"plc_connections": (line,), "panel": panel, "mqtt": None, "sparkplug": None}
    return config.model_copy(update=only_line)


def show_panel(
    config: PlantConfig, folder: Path, look_on: Callable[[Plant, MainWindow, "Steps"], Iterator[float]]
) -> None:
    """Run the panel at the reference size until ``look_on`` is through.

    ``look_on`` is a generator in the GUI thread: it gives the seconds after which it is to go on.
    The plant stands still until it calls ``Steps.start_plant``.
    """
    plant = build_plant(config, folder, SystemClock())
    steps = Steps(plant)

    def on_ready(window: MainWindow) -> None:
        window.showNormal()
        window.resize(*SIZE)
        steps.follow(look_on(plant, window, steps), window)

    code = run_panel(
        plant.engine, config, folder, start=lambda: None, stop=steps.stop_plant, on_ready=on_ready
    )
    if code:
        raise RuntimeError("the panel did not run")
    if steps.error is not None:
        raise steps.error


class Steps:
    """Carries a generator on by a timer and closes the window after its end."""

    def __init__(self, plant: Plant) -> None:
        self.error: Exception | None = None
        self._plant = plant
        self._thread: threading.Thread | None = None
        self._window: MainWindow | None = None
        self._script: Iterator[float] = iter(())

    def follow(self, script: Iterator[float], window: MainWindow) -> None:
        self._script, self._window = script, window
        self._go_on()

    def start_plant(self) -> None:
        """As the panel does it: in a thread of its own."""
        self._thread = threading.Thread(target=self._plant.start, name="panel-start")
        self._thread.start()

    def stop_plant(self) -> None:
        if self._thread is not None:
            self._thread.join()
            self._plant.stop()

    def _go_on(self) -> None:
        try:
            seconds = next(self._script)
        except StopIteration:
            self._close()
        except Exception as error:
            self.error = error
            self._close()
        else:
            QTimer.singleShot(round(seconds * 1000), self._go_on)

    def _close(self) -> None:
        if self._window is not None:
            self._window.close()
