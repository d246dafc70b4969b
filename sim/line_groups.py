"""The line's tags by what they are, in the order in which every controller's memory has them."""

from collections.abc import Mapping, Sequence
from typing import Final

from sim.line import COMMANDS, SETPOINT_LIMITS, TagValue

INPUTS: Final = ("BottlePresent", "BottleAtFill", "BottleAtCap", "LowLevel", "HighLevel", "CapPresent")
OUTPUTS: Final = (
    "FillValve",
    "ConveyorMotor",
    "CappingMotor",
    "IndicatorGreen",
    "IndicatorRed",
    "IndicatorYellow",
)
STATUS: Final = ("SystemRunning", "Filling", "Ready", "Fault", "AutoMode")
ALARMS: Final = ("LowProductLevel", "Overfill", "Underfill", "NoBottle", "CapMissing")
BOOLS: Final[tuple[tuple[str, ...], ...]] = (INPUTS, OUTPUTS, STATUS, ALARMS)
"""All that are read only; ``COMMANDS`` of ``sim.line`` come after them."""

PROCESS_VALUES: Final = (
    "FillLevel",
    "FillFlowRate",
    "TankTemperature",
    "TankPressure",
    "ConveyorSpeed",
    "BottleFillVolume",
)
SETPOINTS: Final = tuple(SETPOINT_LIMITS)
LARGE_COUNTERS: Final = ("BottlesFilled", "BottlesRejected", "LineEncoder")
SMALL_NUMBERS: Final = ("BottlesPerMinute", "StateCurrent")


def pack_bits(tags: Mapping[str, TagValue], names: Sequence[str]) -> int:
    """The named BOOLs as bits, the first one lowest."""
    return sum(1 << bit for bit, name in enumerate(names) if tags[name])


def commands_in(bits: int) -> list[tuple[str, TagValue]]:
    """The commands whose bits are set, as writes to the line."""
    return [(name, True) for bit, name in enumerate(COMMANDS) if bits >> bit & 1]


def changed_setpoints(before: Sequence[float], after: Sequence[float]) -> list[tuple[str, TagValue]]:
    """The setpoints that differ, as writes to the line."""
    return [(name, new) for name, old, new in zip(SETPOINTS, before, after, strict=True) if new != old]
