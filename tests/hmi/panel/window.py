"""Shows one widget in a window of its own, as large as it has room for on the panel."""

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot


def in_window(qtbot: QtBot, widget: QWidget, width: int, height: int) -> QWidget:
    """A plain window around the widget: a fixed size on a window itself makes the screenless Qt complain."""
    window = QWidget()
    window.resize(width, height)
    qtbot.addWidget(window)
    widget.setParent(window)
    widget.resize(width, height)
    window.show()
    widget.show()
    widget.in_window = window  # lives as long as what it shows
    return window
