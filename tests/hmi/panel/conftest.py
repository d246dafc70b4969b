"""Qt without a screen, with the panel's own fonts; the demo plant with a clock set by hand."""

import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from hmi.panel.theme import load_fonts
from tests.hmi.panel.plant_bench import Bench


@pytest.fixture(scope="session")
def panel_fonts(qapp: QApplication) -> None:
    load_fonts()


@pytest.fixture
def bench(qapp: QApplication, panel_fonts: None) -> Iterator[Bench]:
    """The demo plant, connected, without any value yet."""
    plant = Bench()
    yield plant
    plant.close()
