"""The panel of the pixel bench: stamps the end of every paint that shows another value."""

import time
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from hmi.panel.context import PanelContext
from hmi.panel.main_window import MainWindow
from hmi.panel.widgets.value_plate import ValuePlate
from hmi.plant import Plant
from tests.bench.children import child_arguments, give_result
from tests.bench.panel_harness import Steps, demo_plant, show_panel
from tests.bench.sim_steps import TAG


class StampedPlate(ValuePlate):
    """A plate as the pages show it."""

    def __init__(self, context: PanelContext, key: str, parent: QWidget) -> None:
        super().__init__(context, key, parent=parent)
        self.painted: list[tuple[float, int]] = []

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        value = self.look.value
        super().paintEvent(event)
        if value is not None and (not self.painted or self.painted[-1][0] != value):
            self.painted.append((value, time.monotonic_ns()))


def main() -> None:
    """Arguments: port, scan_ms, seconds, data. Result: all paints as [value, monotonic ns]."""
    given = child_arguments()
    painted: list[tuple[float, int]] = []

    def look_on(_plant: Plant, window: MainWindow, steps: Steps) -> Iterator[float]:
        plate = StampedPlate(window._context, f"line1/{TAG}", window)
        plate.setGeometry(window.width() - 220, window.height() - 120, 200, plate.height())
        plate.raise_()
        plate.show()
        steps.start_plant()
        yield given["seconds"]
        painted.extend(plate.painted)

    show_panel(demo_plant(given["port"], given["scan_ms"]), Path(given["data"]), look_on)
    give_result(painted)


if __name__ == "__main__":
    main()
