"""A figure with its name, a bar if it has a limit, and a line that says what the limit means."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.level_bar import POINTER_SIDE, LevelBar
from hmi.panel.scale import Scale
from hmi.panel.widgets.label import ElidedLabel, Label


class Figure(QWidget):
    """Name and figure on one line where there is a bar, else one below the other.

    With a bar it is ``POINTER_SIDE`` wider at both sides than what it says.
    """

    def __init__(self, context: PanelContext, name: str, *, bar: bool = False) -> None:
        super().__init__()
        self._name = name
        self._value = Label(context, "", "valueS")
        self._unit = Label(context, "", "label", "text2")
        self._note = ElidedLabel(context, "", "label", "text2")
        self._bar = LevelBar(context) if bar else None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        figure = QHBoxLayout()
        figure.setSpacing(5)
        beside = POINTER_SIDE if bar else 0
        figure.setContentsMargins(beside, 0, beside, 0)
        label = Label(context, name, "label", "text2")
        if bar:
            figure.addWidget(label, 1, Qt.AlignmentFlag.AlignBottom)
        else:
            column.addWidget(label)
        figure.addWidget(self._value, 0, Qt.AlignmentFlag.AlignBottom)
        figure.addWidget(self._unit, 0, Qt.AlignmentFlag.AlignBottom)
        if not bar:
            figure.addStretch(1)
        column.addLayout(figure)
        if self._bar is not None:
            column.addWidget(self._bar)
        note = QHBoxLayout()
        note.setContentsMargins(beside, 0, beside, 0)
        note.addWidget(self._note)
        column.addLayout(note)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_figure(
        self,
        value: str,
        unit: str = "",
        note: str = "",
        level: float | None = None,
        scale: Scale | None = None,
    ) -> None:
        self._value.setText(value)
        self._unit.setText(unit)
        self._unit.setVisible(bool(unit))
        self._note.change_text(note)
        self.setAccessibleName(
            ", ".join(part for part in (self._name, f"{value} {unit}".strip(), note) if part)
        )
        if self._bar is not None and scale is not None:
            self._bar.show_level(level, scale)
