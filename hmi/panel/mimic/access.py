"""Keyboard and screen readers on a mimic: an unseen widget over each item, because items are not read out."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from hmi.panel.mimic.scene import MimicScene
from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.widgets.tag_widget import spoken_name

_ROW_PX = 60.0


def reading_order(scene: MimicScene) -> list[SymbolItem]:
    """One symbol a tag, from the upper left to the lower right; the first in the file speaks for its tag."""
    by_tag: dict[str, SymbolItem] = {}
    for symbol in scene.symbols:
        key = scene.opens(symbol)
        if key:
            by_tag.setdefault(key, symbol)
    return sorted(by_tag.values(), key=lambda symbol: (symbol.y() // _ROW_PX, symbol.x()))


def spoken_symbol(symbol: SymbolItem) -> str:
    """Name, value or state, unit, alarm, quality."""
    name = symbol.definition.text or symbol.definition.id
    look = next(iter(symbol.looks.values()))
    text = symbol.spoken_state() if isinstance(look.raw, bool) else look.text
    return spoken_name(name, replace(look, text=text))


class ItemProxy(QWidget):
    """Takes the focus for one symbol and speaks for it; draws nothing: the window rings the focus."""

    def __init__(self, view: QGraphicsView, scene: MimicScene, symbol: SymbolItem) -> None:
        super().__init__(view.viewport())
        self.symbol = symbol
        self._scene = scene
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.update_name()
        self.show()

    def update_name(self) -> None:
        """What to say now; what is not drawn, an alarm mark that is off, takes no focus."""
        drawn = not self.symbol.shape().isEmpty()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if drawn else Qt.FocusPolicy.NoFocus)
        name = self._scene.context.lines.spoken(self._scene.connection, spoken_symbol(self.symbol))
        if name != self.accessibleName():
            self.setAccessibleName(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._scene.opened.emit(self._scene.opens(self.symbol))
        else:
            super().keyPressEvent(event)
