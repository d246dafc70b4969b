"""A choice of a few, all visible, one taken."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QWidget,
)

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
        self._name = name
        self._values = [value for value, _ in options]
        self.setProperty("panel", "segmented")
        context.theme_changed.connect(self.update)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        for index, (_, text) in enumerate(options):
            button = self._button(text)
            button.setAccessibleName(self._spoken(text))
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

    def change_text(self, value: object, text: str) -> None:
        """Say something else for an option, such as how many there are of it."""
        button = self._group.button(self._values.index(value))
        if button.text() != text:
            button.setText(text)
            button.setAccessibleName(self._spoken(text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        index = self._group.checkedId()
        if step is None or not 0 <= index + step < len(self._values):
            super().keyPressEvent(event)
            return
        button = self._group.button(index + step)
        button.setFocus(Qt.FocusReason.TabFocusReason)
        button.click()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = theme.px("radius", "control")
        outline = QPainterPath()
        outline.addRoundedRect(frame, radius, radius)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(outline, theme.brush("raised"))
        painter.setClipPath(outline)
        for button in self._group.buttons():
            self._paint_ground(painter, button)
        painter.setClipping(False)
        painter.setPen(theme.pen("border" if self.isEnabled() else "hairline"))
        painter.drawPath(outline)
        painter.end()

    def _paint_ground(self, painter: QPainter, button: QAbstractButton) -> None:
        """What lies behind the text: chosen with its ink line, pressed, or nothing; a hairline before it."""
        theme, place = self._context.theme, button.geometry()
        if button.isChecked():
            painter.fillRect(place, theme.color("inkSoft"))
            painter.fillRect(place.x(), place.bottom() - 1, place.width(), 2, theme.color("ink"))
        elif button.isDown():
            painter.fillRect(place, theme.color("sunken"))
        if place.x() > 1:
            painter.fillRect(place.x(), place.y(), 1, place.height(), theme.color("hairline"))

    def _spoken(self, text: str) -> str:
        return f"{self._name}, {text}" if self._name else text

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setCheckable(True)
        button.setAutoDefault(True)
        button.setProperty("segment", "true")
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        button.pressed.connect(self.update)
        button.released.connect(self.update)
        return button

    def _on_clicked(self, index: int) -> None:
        self._dress()
        self.chosen.emit(self._values[index])

    def _dress(self) -> None:
        for button in self._group.buttons():
            button.setFont(self._context.theme.font("bodyStrong" if button.isChecked() else "body"))
        self.update()
