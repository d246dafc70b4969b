"""Faults that can be put on the line or on its controller, by name, now or at a set time.

Times and durations are seconds of line time. A fault ends by itself after its duration; 0 means it
stays until it is cleared (``drop``: connections are cut once and new ones accepted). What is broken
then mends, but a line that was aborted or held waits for an operator.

===============  =======  =================================================================================
name             default  what happens
===============  =======  =================================================================================
no_bottle          30 s   the infeed gate jams: no bottle gets on the belt; NoBottle, then Suspended
cap_missing        20 s   the cap sorter jams: no cap at the chute; CapMissing, rejects, then Suspended
overfill           12 s   the fill valve closes late; Overfill, rejects; held after 12 rejects in a row
underfill          12 s   the product filter clogs: little flow; Underfill, rejects; held after 12 in a row
low_product       120 s   the cellar draws product back, down to 21 %; LowProductLevel, below 15 % Suspended
capper_trip        10 s   motor protection of the capper trips: Aborted; needs Reset and Start afterwards
stuck_sensor       12 s   the photo-eye at the fill position sees nothing; NoBottle, Underfill, rejects
controller_stop    15 s   the CPU goes to STOP, all outputs off; starts again by itself afterwards
slow               20 s   the controller answers every request 0.4 s late
mute               15 s   the controller keeps its connections and answers nothing
drop                5 s   all connections are cut and new ones refused
===============  =======  =================================================================================
"""

import difflib
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Fault(StrEnum):
    """Every fault there is."""

    NO_BOTTLE = "no_bottle"
    CAP_MISSING = "cap_missing"
    OVERFILL = "overfill"
    UNDERFILL = "underfill"
    LOW_PRODUCT = "low_product"
    CAPPER_TRIP = "capper_trip"
    STUCK_SENSOR = "stuck_sensor"
    CONTROLLER_STOP = "controller_stop"
    SLOW = "slow"
    MUTE = "mute"
    DROP = "drop"


CONTROLLER_FAULTS = frozenset({Fault.CONTROLLER_STOP, Fault.SLOW, Fault.MUTE, Fault.DROP})
"""These act on the controller and its network; all others on the line."""

DEFAULT_DURATION_S = {
    Fault.NO_BOTTLE: 30.0,
    Fault.CAP_MISSING: 20.0,
    Fault.OVERFILL: 12.0,
    Fault.UNDERFILL: 12.0,
    Fault.LOW_PRODUCT: 120.0,
    Fault.CAPPER_TRIP: 10.0,
    Fault.STUCK_SENSOR: 12.0,
    Fault.CONTROLLER_STOP: 15.0,
    Fault.SLOW: 20.0,
    Fault.MUTE: 15.0,
    Fault.DROP: 5.0,
}
SLOW_ANSWER_S = 0.4
_LONGEST_S = 1e9


class FaultError(ValueError):
    """A fault that cannot be understood; the text says what was expected."""


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """One fault to come: at ``at_s`` of line time, for ``duration_s`` (0: until cleared)."""

    fault: Fault
    at_s: float
    duration_s: float


def parse_fault(text: str) -> FaultSpec:
    """Read ``NAME@SECONDS`` or ``NAME@SECONDS+DURATION``; a bare ``NAME`` means at once."""
    name, _, when = text.strip().partition("@")
    fault = parse_fault_name(name)
    if not when and "@" not in text:
        return FaultSpec(fault, 0.0, DEFAULT_DURATION_S[fault])
    at, plus, duration = when.partition("+")
    duration_s = parse_seconds(duration) if plus else DEFAULT_DURATION_S[fault]
    return FaultSpec(fault, parse_seconds(at), duration_s)


def parse_fault_name(name: str) -> Fault:
    """Read a fault's name; ``FaultError`` offers the nearest one."""
    try:
        return Fault(name.strip())
    except ValueError:
        near = difflib.get_close_matches(name.strip(), list(Fault), n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(Fault)}"
        raise FaultError(f"{name.strip()!r} is not a fault: {hint}") from None


def parse_seconds(text: str) -> float:
    """Read a number of seconds, 0 or more."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0.0 <= seconds <= _LONGEST_S:
        raise FaultError(
            f"{text!r} is not a number of seconds: expected NAME@SECONDS or NAME@SECONDS+DURATION"
        )
    return seconds


class Disturbed(Protocol):
    """The line, as far as faults are concerned."""

    def disturb(self, fault: Fault, *, active: bool) -> None: ...


class ControllerFaults(Protocol):
    """The controller's simulator, as far as faults are concerned."""

    stopped: bool
    delay_s: float
    mute: bool

    def drop(self, refuse_for_s: float = 0.0) -> None:
        """Cut all connections and refuse new ones for this long (seconds of real time)."""


class FaultBoard:
    """Which faults act now, and which will."""

    def __init__(self, line: Disturbed, controller: ControllerFaults | None = None) -> None:
        self._line = line
        self._controller = controller
        self._scheduled: list[FaultSpec] = []
        self._ends_at_s: dict[Fault, float] = {}
        self._now_s = 0.0

    @property
    def active(self) -> list[Fault]:
        return list(self._ends_at_s)

    def schedule(self, spec: FaultSpec) -> None:
        self._scheduled.append(spec)

    def inject(self, fault: Fault, duration_s: float | None = None) -> None:
        """Begin a fault now; one that acts already is given the new duration."""
        duration_s = DEFAULT_DURATION_S[fault] if duration_s is None else duration_s
        if duration_s > 0.0:
            self._ends_at_s[fault] = self._now_s + duration_s
        elif fault is not Fault.DROP:
            self._ends_at_s[fault] = math.inf
        self._apply(fault, active=True, duration_s=duration_s)

    def clear(self, fault: Fault) -> None:
        """End a fault now; nothing happens where it does not act."""
        if self._ends_at_s.pop(fault, None) is not None:
            self._apply(fault, active=False)

    def clear_all(self) -> None:
        """End everything that acts and forget everything that was to come."""
        self._scheduled.clear()
        for fault in self.active:
            self.clear(fault)

    def tick(self, now_s: float) -> None:
        """Begin and end what is due at this line time."""
        self._now_s = now_s
        for fault in [f for f, end in self._ends_at_s.items() if end <= now_s]:
            self.clear(fault)
        due = [spec for spec in self._scheduled if spec.at_s <= now_s]
        for spec in due:
            self._scheduled.remove(spec)
            self.inject(spec.fault, spec.duration_s)

    def _apply(self, fault: Fault, *, active: bool, duration_s: float = 0.0) -> None:
        if fault not in CONTROLLER_FAULTS:
            self._line.disturb(fault, active=active)
            return
        controller = self._controller
        if controller is None:
            return
        if fault is Fault.CONTROLLER_STOP:
            controller.stopped = active
        elif fault is Fault.SLOW:
            controller.delay_s = SLOW_ANSWER_S if active else 0.0
        elif fault is Fault.MUTE:
            controller.mute = active
        elif active:
            controller.drop(refuse_for_s=duration_s)
