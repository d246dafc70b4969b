"""Facts by name, one a line."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from hmi.panel.context import PanelContext
from hmi.panel.widgets.label import Label


def facts_grid(context: PanelContext, facts: Sequence[tuple[str, str]], name_width: int = 140) -> QGridLayout:
    """Names at the left, values at the right; values can be marked and copied."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(8)
    grid.setColumnMinimumWidth(0, name_width)
    grid.setColumnStretch(1, 1)
    for row, (name, value) in enumerate(facts):
        grid.addWidget(Label(context, name, "body", "text2"), row, 0, Qt.AlignmentFlag.AlignTop)
        label = Label(context, value, "body", wrap=True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setAccessibleName(f"{name}, {value}")
        grid.addWidget(label, row, 1)
    return grid
