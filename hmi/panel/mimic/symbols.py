"""The symbols that a mimic's file may name."""

from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from hmi.panel.mimic.alarm_mark import AlarmMarkItem
from hmi.panel.mimic.cap_chute import CapChuteItem
from hmi.panel.mimic.capping_chuck import CappingChuckItem
from hmi.panel.mimic.conveyor import ConveyorItem
from hmi.panel.mimic.definition import ItemDef, MimicError
from hmi.panel.mimic.figures import BottleFillItem, RejectCountItem, SetpointValueItem
from hmi.panel.mimic.flow_meter import FlowMeterItem
from hmi.panel.mimic.labels import LabelItem, StateLabelItem
from hmi.panel.mimic.level_bar import LevelBarItem
from hmi.panel.mimic.motor import MotorItem
from hmi.panel.mimic.nozzle import NozzleItem
from hmi.panel.mimic.pipe import PipeItem
from hmi.panel.mimic.reject_pusher import RejectPusherItem
from hmi.panel.mimic.reject_tray import RejectTrayItem
from hmi.panel.mimic.sensor import SensorItem
from hmi.panel.mimic.stack_light import StackLightItem
from hmi.panel.mimic.station_frame import DirectionArrowItem, StationFrameItem
from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.mimic.tank import TankItem
from hmi.panel.mimic.value_plate import ValuePlateItem
from hmi.panel.mimic.valve import ValveItem
from hmi.panel.scale import Scale
from hmi.panel.theme import Theme

SYMBOLS: dict[str, tuple[type[SymbolItem], frozenset[str]]] = {
    "alarm_mark": (AlarmMarkItem, frozenset({"on"})),
    "bottle_fill": (BottleFillItem, frozenset({"volume", "target"})),
    "cap_chute": (CapChuteItem, frozenset({"caps"})),
    "capping_chuck": (CappingChuckItem, frozenset({"running"})),
    "conveyor": (ConveyorItem, frozenset({"running"})),
    "direction_arrow": (DirectionArrowItem, frozenset()),
    "flow_meter": (FlowMeterItem, frozenset({"flow"})),
    "label": (LabelItem, frozenset()),
    "level_bar": (LevelBarItem, frozenset({"level"})),
    "motor": (MotorItem, frozenset({"running"})),
    "nozzle": (NozzleItem, frozenset({"open"})),
    "pipe": (PipeItem, frozenset()),
    "reject_count": (RejectCountItem, frozenset({"count"})),
    "reject_pusher": (RejectPusherItem, frozenset({"count"})),
    "reject_tray": (RejectTrayItem, frozenset({"count"})),
    "sensor": (SensorItem, frozenset({"on"})),
    "setpoint_value": (SetpointValueItem, frozenset({"value"})),
    "stack_light": (StackLightItem, frozenset({"red", "yellow", "green"})),
    "state_label": (StateLabelItem, frozenset({"on"})),
    "station_frame": (StationFrameItem, frozenset()),
    "tank": (TankItem, frozenset({"level"})),
    "value_plate": (ValuePlateItem, frozenset({"value"})),
    "valve": (ValveItem, frozenset({"open"})),
}
"""Every symbol with the roles it cannot do without."""


def build_symbol(definition: ItemDef, theme: Theme, scales: dict[str, Scale]) -> SymbolItem:
    """The item of a definition; ``MimicError`` for an unknown symbol or a role that is missing."""
    if definition.symbol not in SYMBOLS:
        known = ", ".join(SYMBOLS)
        raise MimicError(f"item {definition.id}: no symbol {definition.symbol!r}; there are {known}")
    kind, roles = SYMBOLS[definition.symbol]
    missing = sorted(roles - set(definition.tags))
    if missing:
        raise MimicError(f"item {definition.id}: a {definition.symbol} needs a tag for {missing[0]!r}")
    text = QCoreApplication.translate("Mimic", definition.text) if definition.text else ""
    return kind(replace(definition, text=text), theme, scales)
