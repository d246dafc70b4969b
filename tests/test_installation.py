"""What the environment must be for Brimline to run in it."""

from importlib.metadata import packages_distributions, version

import pytest
from PySide6.QtCore import QObject, Signal

PACKAGES = ("engine", "drivers", "sim", "hmi", "resources")


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_distribution_owns_our_package_names(package):
    assert set(packages_distributions().get(package, ["brimline"])) == {"brimline"}


def test_qt_is_of_the_line_that_does_not_lose_references():
    assert version("PySide6-Essentials").startswith("6.11.")


def test_twenty_thousand_signals_are_emitted_and_received():
    """PySide6 6.12.0 on Python 3.10 and 3.11 aborts the process after about 570 emits."""

    class Source(QObject):
        fired = Signal(bool)

    source, received = Source(), []
    source.fired.connect(received.append)
    for _ in range(20_000):
        source.fired.emit(True)
    assert len(received) == 20_000
