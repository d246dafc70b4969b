"""Names found on a controller and names read from a file, each carried through in the panel to a trend."""

import shutil
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

SAMPLES = Path(__file__).resolve().parents[3] / "drivers" / "discovery" / "samples"


def test_a_tag_found_on_the_controller_becomes_a_curve(panel):
    panel.window.show_page("discovery")
    panel.page.source.show_way(1)
    table = panel.page.source.known.table
    table.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Return):
        QTest.keyClick(table, key)
    panel.settle()
    panel.choose("ScanCount")
    panel.review_and_apply()
    trace = panel.trend_of("line2/ScanCount")
    low, high = trace.bounds(0, 2**62)
    assert high > low


def test_a_tag_read_from_a_file_becomes_a_curve(panel, tmp_path):
    """The controller tells no names; the engineering tool's source does."""
    source = tmp_path / "Filler [DB1].db"
    shutil.copy(SAMPLES / "Filler.db", source)
    panel.window.show_page("discovery")
    panel.page.source.show_way(3)
    panel.page.source.file.read(source)
    panel.settle()
    panel.page.next.click()
    panel.settle()
    panel.choose("LineEncoder")
    panel.review_and_apply()
    panel.trend_of("line1/LineEncoder")
