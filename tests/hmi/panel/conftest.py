"""Qt without a screen, with the panel's own fonts; the demo plant with a clock set by hand."""

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from hmi.panel.theme import load_fonts
from tests.hmi.panel.plant_bench import Bench

HERE = Path(__file__).parent
NO_SCREEN = "This plugin does not support"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What Qt's plugin for no screen cannot do is no fault of the panel."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.qt_log_ignore(NO_SCREEN, extend=True))


@pytest.fixture(scope="session")
def panel_fonts(qapp: QApplication) -> None:
    load_fonts()


@pytest.fixture
def bench(qapp: QApplication, panel_fonts: None) -> Iterator[Bench]:
    """The demo plant, connected, without any value yet."""
    plant = Bench()
    yield plant
    plant.close()
