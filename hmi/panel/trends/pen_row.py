"""One pen in the side panel: name and unit, values at A and B and their change, and the cross."""

from PySide6.QtCore import QLineF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from engine.model import FLOAT_TYPES, DataType, TagDef
from hmi.panel.context import PanelContext
from hmi.panel.display import DASH, display_unit, format_number
from hmi.panel.trends.live_value import live_value
from hmi.panel.trends.pens import Pen
from hmi.panel.widgets.buttons import IconButton
from hmi.panel.widgets.label import ElidedLabel, Label

HEIGHT = 63
_CROSS = 48
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class PenRow(QFrame):
    """``selected`` and ``removed`` carry the tag key."""

    selected = Signal(str)
    removed = Signal(str)

    def __init__(self, context: PanelContext, pen: Pen, definition: TagDef) -> None:
        super().__init__()
        self._context, self._pen, self._definition = context, pen, definition
        self._name = context.title_of(definition)
        self._unit = display_unit(definition.unit)
        self._is_selected = False
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._figures = [Label(context, "", "valueS") for _ in range(3)]
        self.cross = IconButton(context, "x", self.tr("Remove pen {0}").format(self._name), "quiet")
        self.cross.setIconSize(QSize(16, 16))
        self.cross.clicked.connect(lambda: self.removed.emit(pen.key))
        self._lay_out()

    def select(self, *, selected: bool) -> None:
        self._is_selected = selected
        self.update()

    def show_values(self, a: float | None, b: float | None, *, with_cursors: bool) -> None:
        """At the cursors; without them the value now, in the last column."""
        if with_cursors:
            texts = [self._text(a), self._text(b), self._change_text(a, b)]
            tones = ["text"] * 3
        else:
            now, live = live_value(self._context, self._definition)
            texts, tones = ["", "", now], ["text", "text", "text" if live else "textDisabled"]
        for label, text, tone in zip(self._figures, texts, tones, strict=True):
            if label.text() != text:
                label.setText(text)
            label.change_tone(tone)
        self._tell(texts, with_cursors=with_cursors)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        painter = QPainter(self)
        if self._is_selected:
            painter.fillRect(self.rect(), theme.color("inkSoft"))
        painter.setPen(theme.pen("hairline"))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        pen = theme.pen(self._pen.color, 4)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.drawLine(QLineF(18, 19, 30, 19))
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.selected.emit(self._pen.key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.selected.emit(self._pen.key)
        elif event.key() == Qt.Key.Key_Delete:
            self.removed.emit(self._pen.key)
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(40, 8, 4, 0)
        top.setSpacing(8)
        middle = Qt.TextElideMode.ElideMiddle  # the line before and "setpoint" behind both tell pens apart
        top.addWidget(ElidedLabel(self._context, self._name, "bodyStrong", mode=middle), 1)
        top.addWidget(Label(self._context, self._unit, "label", "text2"))
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(2)
        column.addLayout(top)
        column.addLayout(figures_row(self._figures, cross=False))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 6, 1)
        row.setSpacing(0)
        row.addLayout(column, 1)
        row.addWidget(self.cross)

    def _text(self, value: float | None) -> str:
        if value is None:
            return DASH
        if self._definition.type.base is DataType.BOOL:
            return self.tr("On") if value else self.tr("Off")
        return format_number(value, self._decimals())

    def _change_text(self, a: float | None, b: float | None) -> str:
        if a is None or b is None:
            return DASH
        if self._definition.type.base is DataType.BOOL:
            return self.tr("same") if a == b else self.tr("changed")
        text = format_number(b - a, self._decimals())
        return f"+{text}" if b > a and text.strip("0.") else text

    def _decimals(self) -> int:
        return self._definition.decimals if self._definition.type.base in FLOAT_TYPES else 0

    def _tell(self, texts: list[str], *, with_cursors: bool) -> None:
        names = ("A", "B", self.tr("Change")) if with_cursors else ("", "", self.tr("Now"))
        parts = [f"{n} {t} {self._unit}".strip() for n, t in zip(names, texts, strict=True) if t]
        spoken = self._context.lines.spoken(
            self._definition.connection, self._definition.description or self._definition.name
        )
        self.setAccessibleName(", ".join([spoken, *parts]))


def figures_row(labels: list[Label], *, cross: bool = True) -> QHBoxLayout:
    """Three right-aligned columns; ``cross``: with room for the cross on the right."""
    row = QHBoxLayout()
    row.setContentsMargins(8, 0, (_CROSS + 6 if cross else 0) + 4, 0)
    row.setSpacing(4)
    for label in labels:
        label.setAlignment(_RIGHT)
        label.setMinimumWidth(1)
        row.addWidget(label, 1)
    return row
