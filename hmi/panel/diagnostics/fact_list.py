"""Facts by name that change while they are shown."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.widgets.label import Label


class FactList(QWidget):
    """Names stay, values change; an empty value hides its line."""

    def __init__(self, context: PanelContext, names: Sequence[str], name_width: int = 120) -> None:
        super().__init__()
        self._lines: dict[str, tuple[Label, Label]] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, name_width)
        grid.setColumnStretch(1, 1)
        for row, name in enumerate(names):
            title, value = Label(context, name, "body", "text2"), Label(context, "", "body", wrap=True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, 1)
            self._lines[name] = (title, value)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        for name, text in facts:
            title, value = self._lines[name]
            if value.text() != text:
                value.setText(text)
                value.setAccessibleName(f"{name}, {text}")
            for label in (title, value):
                label.setVisible(bool(text))
