"""The stations of the line and what is said under each; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QCoreApplication

from engine.model import Value
from hmi.panel.display import format_duration, format_number
from hmi.panel.filler_state import FillerState
from hmi.panel.machine_look import StateGlyph
from hmi.panel.overview.plant_lines import PlantLine

STATION_TAGS = (
    "BottlesPerMinute",
    "BottlesFilled",
    "BottlesRejected",
    "FillLevel",
    "NoBottle",
    "CapMissing",
    "LowProductLevel",
)


class Station(Enum):
    """From the first to the last along the belt."""

    INFEED = auto()
    FILLER = auto()
    CAPPER = auto()
    CHECK = auto()
    OUTFEED = auto()


@dataclass(frozen=True, slots=True)
class StationLook:
    """``lost``: nothing is known of it now; ``running``: it is drawn lighter than when it stands."""

    station: Station
    name: str
    glyph: StateGlyph
    text: str
    running: bool
    lost: bool = False


def station_looks(
    line: PlantLine, state: FillerState, values: Mapping[str, Value | None], age_s: float | None
) -> list[StationLook]:
    """``values``: the live values of ``STATION_TAGS``; ``age_s``: how long nothing came, None if it does."""
    names = station_names(line)
    if age_s is not None or not state.known:
        text = _tr("No data") if age_s is None else _tr("No data {0}").format(format_duration(age_s))
        return [StationLook(s, names[s], StateGlyph.NO_DATA, text, False, True) for s in Station]
    look, running = state.look, bool(state.running)
    rate = values.get("BottlesPerMinute")
    rate_text = (
        _tr("{0} /min").format(format_number(float(rate))) if isinstance(rate, (int, float)) else look.text
    )
    shown = dict.fromkeys(Station, (look.glyph, look.text))
    if running:
        shown[Station.FILLER] = shown[Station.CAPPER] = (StateGlyph.RUNNING, rate_text)
    if values.get("NoBottle") is True:
        shown[Station.INFEED] = (StateGlyph.STARVED, _tr("No bottles"))
    if values.get("LowProductLevel") is True and not running:
        shown[Station.FILLER] = (StateGlyph.STARVED, _tr("Low product"))
    if values.get("CapMissing") is True:
        shown[Station.CAPPER] = (StateGlyph.STARVED, _tr("Caps missing"))
    rejected, filled = values.get("BottlesRejected"), values.get("BottlesFilled")
    if _count(rejected):
        shown[Station.CHECK] = (look.glyph, _tr("{0} rejected").format(_figure(rejected)))
    if _count(filled) and _count(rejected):
        good = int(filled) - int(rejected)  # type: ignore[arg-type]
        shown[Station.OUTFEED] = (look.glyph, _tr("{0} good").format(format_number(good)))
    return [StationLook(s, names[s], *shown[s], running) for s in Station]


def station_names(line: PlantLine) -> dict[Station, str]:
    return {
        Station.INFEED: _tr("Infeed"),
        Station.FILLER: line.machine or _tr("Filler"),
        Station.CAPPER: _tr("Capper"),
        Station.CHECK: _tr("Check"),
        Station.OUTFEED: _tr("Outfeed"),
    }


def _count(value: Value | None) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _figure(value: Value | None) -> str:
    return format_number(float(value)) if isinstance(value, (int, float)) else ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Overview", text)
