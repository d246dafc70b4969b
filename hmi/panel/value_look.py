"""How a value must look, given all that is known of it; pure, so that no widget decides it by itself."""

from dataclasses import dataclass
from datetime import tzinfo
from enum import Enum, auto

from engine.connections import ConnectionState, ConnectionStatus
from engine.model import Quality, Value
from engine.tags import TagState
from hmi.panel.display import (
    DASH,
    display_unit,
    format_age,
    format_time,
    format_value_text,
)
from hmi.panel.limit import Limit, limit_hit
from hmi.panel.limits import Limits

STALE_SCANS = 3
STALE_FLOOR_S = 2.0
"""A value is old after three scans, but never before two seconds: ages are looked at once a second."""


class LookKind(Enum):
    """The looks of a value; DISCONNECTED and STALE look alike and differ in what is said."""

    GOOD = auto()
    UNCERTAIN = auto()
    STALE = auto()
    DISCONNECTED = auto()
    BAD = auto()
    MANUAL = auto()
    SIMULATED = auto()
    NO_DATA = auto()
    NO_TAG = auto()

    @property
    def live(self) -> bool:
        """Does the value stand for the plant as it is now?"""
        return self in (LookKind.GOOD, LookKind.UNCERTAIN, LookKind.MANUAL, LookKind.SIMULATED)

    @property
    def old(self) -> bool:
        """Is a value shown that was true once?"""
        return self in (LookKind.STALE, LookKind.DISCONNECTED)


class Source(Enum):
    """Where the value comes from: the process, a person, or a simulation of the plant."""

    PROCESS = auto()
    MANUAL = auto()
    SIMULATED = auto()


class Trend(Enum):
    """Which way a value is going, for the arrow beside it."""

    UNKNOWN = auto()
    STEADY = auto()
    RISING = auto()
    FALLING = auto()


@dataclass(frozen=True, slots=True)
class ValueLook:
    """Everything a widget needs to draw a value.

    ``text`` and ``unit`` as displayed. ``value`` is the figure to put a pointer at (None: no pointer).
    ``raw`` is the value itself, of whatever type. ``age_s`` counts from the last confirmation.
    ``hit`` is the limit passed, only while the look is live. ``caption`` is the line under the value.
    """

    kind: LookKind
    text: str = DASH
    unit: str = ""
    raw: Value | None = None
    value: float | None = None
    caption: str = ""
    age_s: float | None = None
    age_text: str = ""
    last_good_text: str = ""
    hit: Limit | None = None
    trend: Trend = Trend.UNKNOWN

    @property
    def priority(self) -> int | None:
        return self.hit.priority if self.hit else None


def value_look(
    state: TagState | None,
    connection: ConnectionStatus | None,
    limits: Limits | None,
    now_us: int,
    *,
    source: Source = Source.PROCESS,
    previous_hit: Limit | None = None,
    trend: Trend = Trend.UNKNOWN,
    zone: tzinfo | None = None,
) -> ValueLook:
    """The look of a tag at this moment; ``state`` None means that the plant file has no such tag."""
    if state is None:
        return ValueLook(LookKind.NO_TAG, caption="No such tag")
    kind = _kind(state, connection, now_us, source)
    if kind in (LookKind.BAD, LookKind.NO_DATA):
        return ValueLook(
            kind, unit=display_unit(state.definition.unit), caption=_caption(kind, connection, "", "")
        )
    shown = state.sample if kind.live or state.sample.value is not None else state.last_good
    raw = shown.value if shown else None
    value = _figure(raw)
    age_s = max(0.0, (now_us - _confirmed_us(state, kind)) / 1e6)
    last_good = format_time(state.good_us, zone) if state.good_us else ""
    hit = None
    if kind.live and value is not None:
        hit = limit_hit(limits, value, previous_hit)
    return ValueLook(
        kind,
        format_value_text(state.definition, raw),
        display_unit(state.definition.unit),
        raw,
        value,
        _caption(kind, connection, format_age(age_s), last_good),
        age_s,
        format_age(age_s),
        last_good,
        hit,
        trend if kind.live else Trend.UNKNOWN,
    )


def _kind(state: TagState, connection: ConnectionStatus | None, now_us: int, source: Source) -> LookKind:
    quality = state.sample.quality
    if quality is Quality.BAD:
        return _bad_kind(state, connection)
    if quality is Quality.STALE or _too_old(state, connection, now_us):
        return LookKind.STALE if state.last_good or state.sample.value is not None else LookKind.NO_DATA
    if quality is Quality.UNCERTAIN:
        return LookKind.UNCERTAIN
    if source is Source.PROCESS:
        return LookKind.GOOD
    return LookKind.MANUAL if source is Source.MANUAL else LookKind.SIMULATED


def _bad_kind(state: TagState, connection: ConnectionStatus | None) -> LookKind:
    if connection is not None and connection.state is not ConnectionState.CONNECTED:
        if state.last_good is not None:
            return LookKind.DISCONNECTED
        if connection.state is ConnectionState.CONNECTING:
            return LookKind.NO_DATA
        return LookKind.BAD
    return LookKind.BAD if state.seen_us else LookKind.NO_DATA


def _too_old(state: TagState, connection: ConnectionStatus | None, now_us: int) -> bool:
    """Has the source stopped confirming a value that still claims to be good?"""
    if connection is None or connection.scan_ms <= 0:
        return False
    scan_ms = max(connection.scan_ms, connection.achieved_ms or 0.0)
    return now_us - state.seen_us > max(STALE_SCANS * scan_ms * 1e3, STALE_FLOOR_S * 1e6)


def _confirmed_us(state: TagState, kind: LookKind) -> int:
    return state.good_us if kind.old and state.good_us else state.seen_us


def _figure(raw: Value | None) -> float | None:
    """What a pointer can stand at: numbers, and bits as 0 and 1."""
    return float(raw) if isinstance(raw, (bool, int, float)) else None


_PLAIN_CAPTIONS = {
    LookKind.GOOD: "Good",
    LookKind.UNCERTAIN: "Uncertain",
    LookKind.MANUAL: "Manual",
    LookKind.SIMULATED: "Simulated",
    LookKind.NO_DATA: "Waiting for the first value",
    LookKind.NO_TAG: "No such tag",
}


def _caption(kind: LookKind, connection: ConnectionStatus | None, age: str, last_good: str) -> str:
    if kind is LookKind.STALE:
        return f"Stale, {age} old"
    if kind is LookKind.DISCONNECTED:
        return f"Last good {last_good}"
    if kind is LookKind.BAD:
        linked = connection is None or connection.state is ConnectionState.CONNECTED
        return "Bad, not readable" if linked else "Bad, no link"
    return _PLAIN_CAPTIONS[kind]
