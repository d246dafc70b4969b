"""From the first paint to the last row: in which order the panel starts and stops."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

import hmi.panel.app as app_module
from engine.errors import StorageError
from hmi.panel.app import run_panel
from hmi.panel.lifecycle import Lifecycle
from hmi.panel.main_window import MainWindow
from hmi.panel.screen_scale import scale_for
from hmi.panel.widgets.curtain import Curtain
from tests.hmi.panel.plant_bench import Bench


@pytest.fixture(autouse=True)
def _as_it_was(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The panel's main function dresses the whole application."""
    monkeypatch.setattr(app_module, "qInstallMessageHandler", lambda handler: None)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    yield
    qapp.setStyleSheet("")
    qapp.setQuitOnLastWindowClosed(True)


class Plant:
    """Remembers what was done, by whom."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.may_start = threading.Event()
        self.may_start.set()

    def start(self) -> None:
        assert threading.current_thread() is not threading.main_thread()
        assert self.may_start.wait(10)
        self.log.append("started")

    def stop(self) -> None:
        assert threading.current_thread() is not threading.main_thread()
        self.log.append("stopped")


def run(bench: Bench, plant: Plant, folder: Path, **options) -> int:
    panel = bench.config.panel.model_copy(update={"start_page": "settings"})
    config = bench.config.model_copy(update={"panel": panel})
    return run_panel(bench, config, folder, start=plant.start, stop=plant.stop, **options)


def test_the_window_is_painted_before_the_plant_starts(bench: Bench, tmp_path: Path) -> None:
    plant = Plant()

    def on_ready(window: MainWindow) -> None:
        plant.log.append("ready" if window._was_painted else "ready without a paint")
        window.close()

    assert run(bench, plant, tmp_path, on_ready=on_ready) == 0
    assert plant.log == ["started", "ready", "stopped"]


def test_history_is_read_only_once_the_plant_has_started(bench: Bench, tmp_path: Path) -> None:
    plant = Plant()
    plant.may_start.clear()

    def fail(error: Exception) -> None:
        pytest.fail(str(error))

    def ask(window: MainWindow) -> None:
        window._context.queries.submit(lambda _: plant.log.append("read"), lambda _: window.close(), fail)
        plant.may_start.set()

    def find() -> None:
        (window,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]
        ask(window)

    QTimer.singleShot(0, find)
    assert run(bench, plant, tmp_path) == 0
    assert plant.log == ["started", "read", "stopped"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_and_cleanly(bench: Bench, tmp_path: Path, number: signal.Signals) -> None:
    plant = Plant()
    before = signal.getsignal(number)
    assert run(bench, plant, tmp_path, on_ready=lambda window: os.kill(os.getpid(), number)) == 0
    assert plant.log == ["started", "stopped"]
    assert signal.getsignal(number) is before


def test_it_ends_by_itself_after_the_minutes_asked_for(bench: Bench, tmp_path: Path) -> None:
    plant = Plant()
    assert run(bench, plant, tmp_path, minutes=0.001) == 0
    assert plant.log[-1] == "stopped"


def test_a_plant_that_does_not_start_is_said_and_the_program_fails(
    bench: Bench, tmp_path: Path, expected_logs
) -> None:
    expected_logs.add("not started: The database is locked")
    plant = Plant()
    said: list[str] = []

    def start() -> None:
        raise StorageError("The database is locked")

    plant.start = start  # type: ignore[method-assign]

    def look() -> None:
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]
        said.extend(curtain.accessibleName() for w in windows for curtain in w.findChildren(Curtain))
        if said and windows:
            windows[0].close()

    timer = QTimer(interval=20)
    timer.timeout.connect(look)
    timer.start()
    assert run(bench, plant, tmp_path) == 1
    timer.stop()
    assert said == ["The plant was not started. The database is locked"]
    assert plant.log == ["stopped"]


def test_closing_while_starting_waits_and_then_stops(qtbot, qapp: QApplication) -> None:
    plant = Plant()
    plant.may_start.clear()
    lifecycle = Lifecycle(plant.start, plant.stop)
    lifecycle.begin_soon()
    qtbot.waitUntil(lambda: lifecycle._thread is not None)
    lifecycle.close()
    with qtbot.waitSignal(lifecycle.finished):
        plant.may_start.set()
    assert plant.log == ["started", "stopped"]


def test_closing_before_the_start_never_starts(qtbot, qapp: QApplication) -> None:
    plant = Plant()
    lifecycle = Lifecycle(plant.start, plant.stop)
    with qtbot.waitSignal(lifecycle.finished):
        lifecycle.begin_soon()
        lifecycle.close()
        lifecycle.close()
    assert plant.log == ["stopped"]


@pytest.mark.parametrize(
    ("width", "height", "factor"),
    [(1024, 768, 1.0), (1920, 1080, 1.0), (2560, 1440, 1.25), (3840, 2160, 2.0), (3840, 1080, 1.0)],
)
def test_large_screens_are_drawn_larger(width: int, height: int, factor: float) -> None:
    assert scale_for(width, height) == factor
