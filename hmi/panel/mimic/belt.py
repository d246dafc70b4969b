"""The bottles on the screen: created, moved and taken away as the tracker says, frame by frame."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hmi.panel.mimic.bottle import BottleItem
from hmi.panel.mimic.bottles import BottleTracker
from hmi.panel.mimic.conveyor import ConveyorItem
from hmi.panel.mimic.definition import LineDef
from hmi.panel.mimic.line_model import ShownBottle, nearest_to
from hmi.panel.mimic.line_reader import LineReader
from hmi.panel.mimic.nozzle import NozzleItem
from hmi.panel.mimic.reject_pusher import RejectPusherItem
from hmi.panel.tag_binding import TagBinding

if TYPE_CHECKING:
    from hmi.panel.mimic.scene import MimicScene

_Z = 2.0


class BeltAnimation:
    """Everything that goes with the belt: bottles, cleats, nozzle, pusher."""

    def __init__(self, scene: "MimicScene", line: LineDef, bindings: Mapping[str, TagBinding]) -> None:
        self._scene = scene
        self._line = line
        self._clock = scene.context.engine.clock
        followed = {role: bindings[name] for role, name in line.tags.items()}
        self._reader = LineReader(followed)
        self.tracker = BottleTracker(line.geometry, self._scan_s())
        self._items: dict[int, BottleItem] = {}
        self._changed = True
        self._lost = False
        self._conveyors = [s for s in scene.symbols if isinstance(s, ConveyorItem)]
        self._nozzles = [s for s in scene.symbols if isinstance(s, NozzleItem)]
        self._pushers = [s for s in scene.symbols if isinstance(s, RejectPusherItem)]
        for binding in followed.values():
            binding.look_changed.connect(self._on_change)

    def clear(self) -> None:
        """The mimic went out of sight: what happens there meanwhile is not known."""
        self.tracker.clear()
        self._show(())

    def update_lost(self, lost: bool) -> None:
        self._lost = lost
        self._changed = True

    def on_frame(self, elapsed_s: float) -> None:
        now_s = self._clock.monotonic()
        if self._changed:
            self._changed = False
            self.tracker.scan_s = self._scan_s()
            self.tracker.update(self._reader.scan(), now_s)
        bottles = self.tracker.shown(now_s)
        self._show(bottles)
        travel = self.tracker.travel_mm(now_s) * self._line.px_per_mm
        for conveyor in self._conveyors:
            conveyor.update_travel(travel)
        for pusher in self._pushers:
            pusher.update_pushing(any(b.rejected for b in bottles))
        if self.tracker.reliable:
            self._guide_nozzle(bottles, elapsed_s if self.tracker.moving else 0.0)

    def _on_change(self) -> None:
        self._changed = True

    def _show(self, bottles: tuple[ShownBottle, ...]) -> None:
        no_data = self._lost or not self.tracker.reliable
        gone = self._items.keys() - {bottle.number for bottle in bottles}
        for number in gone:
            self._scene.removeItem(self._items.pop(number))
        for bottle in bottles:
            item = self._items.get(bottle.number) or self._add(bottle.number)
            x = self._line.to_x(bottle.x_mm)
            item.update_bottle(bottle, x, self._line.base_y, no_data=no_data)

    def _add(self, number: int) -> BottleItem:
        item = self._items[number] = BottleItem(self._scene.context.theme)
        item.setZValue(_Z)
        self._scene.addItem(item)
        return item

    def _guide_nozzle(self, bottles: tuple[ShownBottle, ...], elapsed_s: float) -> None:
        fill = self._line.geometry.fill
        inside = [b for b in bottles if fill.holds(b.x_mm)]
        filling = next((b for b in bottles if b.number == self.tracker.filling), None)
        bottle = filling or nearest_to(inside, fill.at_mm)
        target = None if bottle is None else (bottle.x_mm - fill.at_mm) * self._line.px_per_mm
        for nozzle in self._nozzles:
            nozzle.follow(target, elapsed_s)

    def _scan_s(self) -> float:
        status = self._scene.context.engine.connection(self._scene.connection)
        return (status.achieved_ms or status.scan_ms or 250.0) / 1000 if status else 0.25
