"""The number keys in phone order, with steps beside them."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.display import MINUS, format_limit
from hmi.panel.icons import themed_icon
from hmi.panel.widgets.buttons import Button

KEY_W, KEY_H, GAP = 104, 62, 8
_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "0")


class Keypad(QWidget):
    """``pressed`` carries one character; ``erased`` is the backspace key."""

    pressed = Signal(str)
    erased = Signal()

    def __init__(self, context: PanelContext, decimals: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GAP)
        for index, text in enumerate(_KEYS):
            key = pad_key(context, text)
            key.clicked.connect(lambda _=False, t=text: self.pressed.emit(t))
            key.setEnabled(text != "." or decimals > 0)
            grid.addWidget(key, index // 3, index % 3)
        self._erase = pad_key(context, "")
        self._erase.setAccessibleName(self.tr("Erase last digit"))
        self._erase.setIconSize(QSize(24, 24))
        self._erase.clicked.connect(self.erased)
        grid.addWidget(self._erase, 3, 2)
        context.theme_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        self._erase.setIcon(themed_icon(self._context.theme, "delete", size=24))


class StepKeys(QWidget):
    """Two steps down and up; ``stepped`` carries the change."""

    stepped = Signal(float)

    def __init__(
        self, context: PanelContext, steps: tuple[float, float], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GAP)
        for row, size in enumerate(steps):
            for column, sign in enumerate((-1, 1)):
                text = f"{'+' if sign > 0 else MINUS}  {format_limit(size)}"
                key = pad_key(context, text)
                key.setFont(context.theme.font("h2"))
                words = self.tr("up by {n}") if sign > 0 else self.tr("down by {n}")
                key.setAccessibleName(words.format(n=format_limit(size)))
                key.clicked.connect(lambda _=False, change=sign * size: self.stepped.emit(change))
                grid.addWidget(key, row, column)


class PadKey(Button):
    """A key; the style sheet draws it, the layout gives its width."""

    def __init__(self, context: PanelContext, text: str) -> None:
        super().__init__(context, text)

    def sizeHint(self) -> QSize:
        return QSize(KEY_W, max(KEY_H, self._context.density.command))


def pad_key(context: PanelContext, text: str) -> PadKey:
    key = PadKey(context, text)
    key.setFont(context.theme.font("h1"))
    key.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    key.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the physical keys type into the entry all the time
    return key
