"""A choice of a few, all visible, one taken."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from hmi.panel.context import PanelContext


class Segmented(QFrame):
    """``options`` are (value, text); ``chosen`` tells a choice by the person, not one by ``select``."""

    chosen = Signal(object)

    def __init__(
        self,
        context: PanelContext,
        options: Sequence[tuple[object, str]],
        current: object = None,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._values = [value for value, _ in options]
        self.setProperty("panel", "segmented")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        for index, (_, text) in enumerate(options):
            button = self._button(text, index, len(options))
            button.setAccessibleName(f"{name}, {text}" if name else text)
            self._group.addButton(button, index)
            row.addWidget(button, 1)
        self._group.idClicked.connect(self._on_clicked)
        self.select(current if current is not None else self._values[0])

    @property
    def value(self) -> object:
        index = self._group.checkedId()
        return self._values[index] if index >= 0 else None

    def select(self, value: object) -> None:
        """Show a choice without telling anybody; an unknown one shows none."""
        self._group.setExclusive(False)
        for button in self._group.buttons():
            button.setChecked(False)
        self._group.setExclusive(True)
        if value in self._values:
            self._group.button(self._values.index(value)).setChecked(True)
        self._dress()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        index = self._group.checkedId()
        if step is None or not 0 <= index + step < len(self._values):
            super().keyPressEvent(event)
            return
        button = self._group.button(index + step)
        button.setFocus(Qt.FocusReason.TabFocusReason)
        button.click()

    def _button(self, text: str, index: int, count: int) -> QPushButton:
        button = QPushButton(text)
        button.setCheckable(True)
        place = (
            "only" if count == 1 else "first" if index == 0 else "last" if index == count - 1 else "middle"
        )
        button.setProperty("segment", place)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return button

    def _on_clicked(self, index: int) -> None:
        self._dress()
        self.chosen.emit(self._values[index])

    def _dress(self) -> None:
        for button in self._group.buttons():
            button.setFont(self._context.theme.font("bodyStrong" if button.isChecked() else "body"))
