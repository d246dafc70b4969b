"""A mimic's items bound to their tags, and the bottles that travel through them."""

from functools import partial

from PySide6.QtCore import QObject, QPointF, Signal, Slot
from PySide6.QtWidgets import QGraphicsScene, QGraphicsSceneMouseEvent

from engine.connections import ConnectionState
from hmi.panel.context import PanelContext
from hmi.panel.mimic.belt import BeltAnimation
from hmi.panel.mimic.definition import MimicDef
from hmi.panel.mimic.frame_rate import FrameRate
from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.mimic.symbols import build_symbol
from hmi.panel.mimic.value_plate import ValuePlateItem
from hmi.panel.tag_binding import TagBinding
from hmi.panel.widgets.value_plate import plate_caption


class MimicScene(QGraphicsScene):
    """``connection`` is the controller whose tags the mimic's names belong to; follows only while started."""

    opened = Signal(str)
    """Somebody touched an item: the key of the tag it stands for."""

    def __init__(
        self, context: PanelContext, mimic: MimicDef, connection: str, parent: QObject | None = None
    ) -> None:
        super().__init__(0, 0, *mimic.size, parent)
        self.context = context
        self.mimic = mimic
        self.connection = connection
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.bindings = {
            name: TagBinding(context, self.key(name), self) for name in sorted(mimic.tag_names())
        }
        self.symbols = [self._build(index) for index in range(len(mimic.items))]
        self.belt = BeltAnimation(self, mimic.line, self.bindings) if mimic.line else None
        self._frame_rate = FrameRate()
        self.update_touch(context.density.control)
        self._pressed: SymbolItem | None = None
        self._follow()

    def key(self, name: str) -> str:
        """The tag's key from its name in the mimic's file."""
        return f"{self.connection}/{name}"

    def opens(self, symbol: SymbolItem) -> str:
        """The tag that a touch on this symbol opens; empty for none, or for one that does not exist."""
        definition = symbol.definition
        name = definition.opens or next(iter(definition.tags.values()), "")
        binding = self.bindings.get(name)
        return binding.key if binding is not None and binding.definition is not None else ""

    def start(self) -> None:
        """Follow the tags; called when the mimic comes into sight."""
        self.context.bridge.frame.connect(self.on_frame)
        self.context.bridge.connections_changed.connect(self.on_connections_changed)
        self.on_connections_changed()
        for binding in self.bindings.values():
            binding.start()

    def stop(self) -> None:
        self.context.bridge.frame.disconnect(self.on_frame)
        self.context.bridge.connections_changed.disconnect(self.on_connections_changed)
        for binding in self.bindings.values():
            binding.stop()
        if self.belt:
            self.belt.clear()

    def scale_text(self, factor: float) -> None:
        """Size of plates and type against that of the drawing."""
        for symbol in self.symbols:
            if symbol.TEXT:
                symbol.setScale(factor)

    def update_touch(self, least: float) -> None:
        """The touch size is another one."""
        for symbol in self.symbols:
            symbol.least_touch = least

    def symbol_at(self, place: QPointF) -> SymbolItem | None:
        """What a touch there means: the smallest symbol drawn there, else the nearest with room there."""
        hits = [s for s in self.symbols if self.opens(s) and s.shape().contains(s.mapFromScene(place))]
        drawn = [s for s in hits if s.extent().contains(s.mapFromScene(place))]
        if drawn:
            return min(drawn, key=_area)
        return min(hits, key=lambda s: _distance(s, place), default=None)

    @Slot(float)
    def on_frame(self, elapsed_s: float) -> None:
        if self.belt is not None and self._frame_rate.bottles_move(elapsed_s):
            self.belt.on_frame(elapsed_s)

    @Slot()
    def on_connections_changed(self) -> None:
        status = self.context.engine.connection(self.connection)
        lost = status is None or status.state is not ConnectionState.CONNECTED
        for symbol in self.symbols:
            symbol.update_lost(lost)
        if self.belt is not None:
            self.belt.update_lost(lost)

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        self._pressed = self.symbol_at(event.scenePos())
        event.accept()

    def mouseReleaseEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is not None and self.symbol_at(event.scenePos()) is pressed:
            self.opened.emit(self.opens(pressed))
        event.accept()

    def _build(self, index: int) -> SymbolItem:
        definition = self.mimic.items[index]
        scales = {
            role: scale
            for role, name in definition.tags.items()
            if (scale := self.bindings[name].scale) is not None
        }
        symbol = build_symbol(definition, self.context.theme, scales)
        self.addItem(symbol)
        return symbol

    def _follow(self) -> None:
        """One binding a tag, whatever the number of items that show it."""
        for symbol in self.symbols:
            for role, name in symbol.definition.tags.items():
                binding = self.bindings[name]
                show = partial(_show, symbol, role, binding)
                binding.look_changed.connect(show)
                binding.pointer_moved.connect(show)
                show()
        self._choose_speakers()

    def _choose_speakers(self) -> None:
        """Which symbol says that its tag is missing: a text before a drawing, else the first in the file."""
        spoken: dict[str, SymbolItem] = {}
        for symbol in sorted(self.symbols, key=lambda each: not each.TEXT):
            first = spoken.setdefault(symbol.missing_tag, symbol)
            symbol.says_missing = first is symbol


def _show(symbol: SymbolItem, role: str, binding: TagBinding) -> None:
    symbol.update_look(role, binding.look)
    symbol.update_pointer(role, binding.pointer)
    if isinstance(symbol, ValuePlateItem):
        symbol.update_caption(plate_caption(binding))


def _area(symbol: SymbolItem) -> float:
    rect = symbol.extent()
    return rect.width() * rect.height()


def _distance(symbol: SymbolItem, place: QPointF) -> float:
    away = symbol.mapToScene(symbol.extent().center()) - place
    return away.manhattanLength()
