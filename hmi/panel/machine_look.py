"""What a machine is doing, in the words and colours of the panel; PackML states (ISA-TR88.00.02)."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto


class StateGlyph(Enum):
    """The sign in front of a machine's state."""

    RUNNING = auto()
    STOPPED = auto()
    FAULT = auto()
    STARVED = auto()
    BLOCKED = auto()
    CHANGEOVER = auto()
    READY = auto()
    OFF = auto()
    NO_DATA = auto()


class RibbonKind(StrEnum):
    """How a stretch of time is drawn in a ribbon; named as in the tokens' ``machineState``."""

    RUNNING = "running"
    MINOR_STOP = "minorStop"
    STOP = "unplannedStop"
    STARVED_BLOCKED = "starvedBlocked"
    PLANNED = "plannedStop"
    READY = "ready"
    OFF = "off"
    NO_DATA = "noData"


@dataclass(frozen=True, slots=True)
class MachineLook:
    """A state as shown: word, sign, and kind of ribbon."""

    text: str
    glyph: StateGlyph
    ribbon: RibbonKind


NO_DATA_LOOK = MachineLook("No data", StateGlyph.NO_DATA, RibbonKind.NO_DATA)

_PACKML = {
    1: MachineLook("Clearing", StateGlyph.CHANGEOVER, RibbonKind.STOP),
    2: MachineLook("Stopped", StateGlyph.STOPPED, RibbonKind.STOP),
    3: MachineLook("Starting", StateGlyph.CHANGEOVER, RibbonKind.READY),
    4: MachineLook("Ready", StateGlyph.READY, RibbonKind.READY),
    5: MachineLook("Suspended", StateGlyph.STARVED, RibbonKind.STARVED_BLOCKED),
    6: MachineLook("Running", StateGlyph.RUNNING, RibbonKind.RUNNING),
    7: MachineLook("Stopping", StateGlyph.CHANGEOVER, RibbonKind.STOP),
    8: MachineLook("Aborting", StateGlyph.FAULT, RibbonKind.STOP),
    9: MachineLook("Fault", StateGlyph.FAULT, RibbonKind.STOP),
    10: MachineLook("Holding", StateGlyph.READY, RibbonKind.STOP),
    11: MachineLook("Held", StateGlyph.READY, RibbonKind.STOP),
    12: MachineLook("Resuming", StateGlyph.CHANGEOVER, RibbonKind.READY),
    13: MachineLook("Suspending", StateGlyph.STARVED, RibbonKind.STARVED_BLOCKED),
    14: MachineLook("Resuming", StateGlyph.CHANGEOVER, RibbonKind.READY),
    15: MachineLook("Resetting", StateGlyph.CHANGEOVER, RibbonKind.READY),
    16: MachineLook("Completing", StateGlyph.CHANGEOVER, RibbonKind.RUNNING),
    17: MachineLook("Complete", StateGlyph.READY, RibbonKind.READY),
}


def packml_look(state: int | None) -> MachineLook:
    """The look of a PackML state number; None and unknown numbers are "No data"."""
    return _PACKML.get(state, NO_DATA_LOOK) if state is not None else NO_DATA_LOOK


def machine_look(
    running: bool | None, fault: bool | None, ready: bool | None = None, packml: int | None = None
) -> MachineLook:
    """The look from the PackML state if there is one, else from the state bits; None where not known."""
    if packml is not None and packml in _PACKML:
        return _PACKML[packml]
    if fault:
        return _PACKML[9]
    if running:
        return _PACKML[6]
    if running is None:
        return NO_DATA_LOOK
    return _PACKML[4] if ready else _PACKML[2]
