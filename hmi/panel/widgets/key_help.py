"""Help for the keyboard (F1): what has the focus, and every key."""

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.card import rule
from hmi.panel.widgets.label import Label


class KeyHelp(QWidget):
    """``keys`` are (key, what it does); ``focus`` is what the focused control says of itself."""

    def __init__(self, context: PanelContext, focus: str, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Keys"))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 18, 24, 18)
        column.setSpacing(12)
        column.addWidget(Label(context, self.tr("Keys"), "h2"))
        column.addWidget(
            Label(context, focus or self.tr("Nothing has the focus: press Tab"), "body", "text2")
        )
        column.addWidget(rule())
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(8)
        for row, (key, text) in enumerate(keys):
            grid.addWidget(_key_cap(context, key), row, 0)
            grid.addWidget(Label(context, text, "body"), row, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        self.close_button = Button(context, self.tr("Close"))
        row_layout = QHBoxLayout()
        row_layout.addStretch(1)
        row_layout.addWidget(self.close_button)
        column.addLayout(row_layout)


def _key_cap(context: PanelContext, key: str) -> QFrame:
    frame = QFrame()
    frame.setProperty("panel", "plate")
    row = QHBoxLayout(frame)
    row.setContentsMargins(10, 4, 10, 4)
    row.addWidget(Label(context, key, "label"))
    return frame
