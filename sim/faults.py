"""Faults that can be put on the line or on its controllers, by name, now or at a set time.

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
controller_stop    15 s   the CPU goes to STOP (Allen-Bradley: program mode), memory frozen, all outputs off;
                          starts again by itself afterwards
slow               20 s   the controller answers every request 0.4 s late
mute               15 s   the controller keeps its connections and answers nothing
drop                5 s   all connections are cut and new ones refused
refuse_open        20 s   Forward Open is refused; connections that are open stay so (not on S7)
slots_full         20 s   no slot for another Forward Open; connections that are open stay so (not on S7)
===============  =======  =================================================================================

The last six act on all controllers of the line or, written with a controller's name as in ``mute:slc``,
on that one: s7, logix, slc, micrologix, plc5. To clear ``mute`` clears it wherever it acts, to clear
``mute:slc`` only what was begun by that name. All outputs are off once no controller is in RUN.
"""

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol, runtime_checkable


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
    REFUSE_OPEN = "refuse_open"
    SLOTS_FULL = "slots_full"


_CONNECTION_FAULTS = frozenset({Fault.REFUSE_OPEN, Fault.SLOTS_FULL})
CONTROLLER_FAULTS = _CONNECTION_FAULTS | {Fault.CONTROLLER_STOP, Fault.SLOW, Fault.MUTE, Fault.DROP}
"""These act on the controllers and their network; all others on the line."""

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
    Fault.REFUSE_OPEN: 20.0,
    Fault.SLOTS_FULL: 20.0,
}
SLOW_ANSWER_S = 0.4
_LONGEST_S = 1e9


class FaultError(ValueError):
    """A fault that cannot be understood; the text says what was expected."""


class FaultName(NamedTuple):
    """A fault, and the controller it acts on; None: all of them, or the line."""

    fault: Fault
    controller: str | None = None

    def __str__(self) -> str:
        return self.fault if self.controller is None else f"{self.fault}:{self.controller}"


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """One fault to come: at ``at_s`` of line time, for ``duration_s`` (0: until cleared)."""

    fault: Fault
    at_s: float
    duration_s: float
    controller: str | None = None


def parse_fault(text: str) -> FaultSpec:
    """Read ``NAME@SECONDS`` or ``NAME@SECONDS+DURATION``; a bare ``NAME`` means at once."""
    name, _, when = text.strip().partition("@")
    fault, controller = parse_fault_name(name)
    if not when and "@" not in text:
        return FaultSpec(fault, 0.0, DEFAULT_DURATION_S[fault], controller)
    at, plus, duration = when.partition("+")
    duration_s = parse_seconds(duration) if plus else DEFAULT_DURATION_S[fault]
    return FaultSpec(fault, parse_seconds(at), duration_s, controller)


def parse_fault_name(name: str) -> FaultName:
    """Read a fault's name, with or without ``:CONTROLLER``; ``FaultError`` offers the nearest one."""
    text, colon, controller = name.strip().partition(":")
    try:
        fault = Fault(text)
    except ValueError:
        near = difflib.get_close_matches(text, list(Fault), n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(Fault)}"
        raise FaultError(f"{text!r} is not a fault: {hint}") from None
    if colon and fault not in CONTROLLER_FAULTS:
        raise FaultError(f"{fault} acts on the line, not on a controller: leave out :{controller}")
    return FaultName(fault, controller if colon else None)


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


@runtime_checkable
class ConnectionFaults(Protocol):
    """A controller with connections that can be refused one by one."""

    refuse_forward_open: bool
    connection_slots: int | None


class FaultBoard:
    """Which faults act now, and which will; ``controllers`` are those of the line by name."""

    def __init__(self, line: Disturbed, controllers: Mapping[str, ControllerFaults] | None = None) -> None:
        self._line = line
        self._controllers = dict(controllers or {})
        self._scheduled: list[FaultSpec] = []
        self._ends_at_s: dict[FaultName, float] = {}
        self._now_s = 0.0

    @property
    def active(self) -> list[str]:
        """Such as ``mute`` or ``mute:slc``, oldest first."""
        return [str(name) for name in self._ends_at_s]

    def schedule(self, spec: FaultSpec) -> None:
        """Have a fault come; raises ``FaultError`` for a controller that is not there."""
        self._check(spec.controller)
        self._scheduled.append(spec)

    def inject(self, fault: Fault, duration_s: float | None = None, controller: str | None = None) -> None:
        """Begin a fault now; one that acts already is given the new duration."""
        self._check(controller)
        duration_s = DEFAULT_DURATION_S[fault] if duration_s is None else duration_s
        name = FaultName(fault, controller)
        if duration_s > 0.0:
            self._ends_at_s[name] = self._now_s + duration_s
        elif fault is not Fault.DROP:
            self._ends_at_s[name] = math.inf
        if fault is Fault.DROP:
            for each in self._targets(controller):
                self._controllers[each].drop(refuse_for_s=duration_s)
        else:
            self._apply(name)

    def clear(self, fault: Fault, controller: str | None = None) -> None:
        """End a fault now, wherever it acts or where it was begun on one controller."""
        for name in list(self._ends_at_s):
            if name.fault is fault and controller in (None, name.controller):
                self._end(name)

    def clear_all(self) -> None:
        """End everything that acts and forget everything that was to come."""
        self._scheduled.clear()
        for name in list(self._ends_at_s):
            self._end(name)

    def tick(self, now_s: float) -> None:
        """Begin and end what is due at this line time."""
        self._now_s = now_s
        for name in [name for name, end in self._ends_at_s.items() if end <= now_s]:
            self._end(name)
        due = [spec for spec in self._scheduled if spec.at_s <= now_s]
        for spec in due:
            self._scheduled.remove(spec)
            self.inject(spec.fault, spec.duration_s, spec.controller)

    def without_effect(self, fault: Fault, controller: str | None = None) -> list[str]:
        """The controllers meant on which this fault does nothing."""
        if fault not in _CONNECTION_FAULTS:
            return []
        return [
            name
            for name in self._targets(controller)
            if not isinstance(self._controllers[name], ConnectionFaults)
        ]

    def _check(self, controller: str | None) -> None:
        if controller is not None and controller not in self._controllers:
            there = ", ".join(self._controllers) or "none"
            raise FaultError(f"The line has no controller {controller!r}: there are {there}")

    def _targets(self, controller: str | None) -> list[str]:
        return list(self._controllers) if controller is None else [controller]

    def _end(self, name: FaultName) -> None:
        del self._ends_at_s[name]
        if name.fault is not Fault.DROP:
            self._apply(name)

    def _apply(self, name: FaultName) -> None:
        """Make line or controllers be as what acts now on them says."""
        fault, everywhere = name.fault, FaultName(name.fault) in self._ends_at_s
        if fault not in CONTROLLER_FAULTS:
            self._line.disturb(fault, active=everywhere)
            return
        for each in self._targets(name.controller):
            _set(
                self._controllers[each], fault, active=everywhere or FaultName(fault, each) in self._ends_at_s
            )


def _set(controller: ControllerFaults, fault: Fault, *, active: bool) -> None:
    if fault is Fault.CONTROLLER_STOP:
        controller.stopped = active
    elif fault is Fault.SLOW:
        controller.delay_s = SLOW_ANSWER_S if active else 0.0
    elif fault is Fault.MUTE:
        controller.mute = active
    elif isinstance(controller, ConnectionFaults):
        if fault is Fault.REFUSE_OPEN:
            controller.refuse_forward_open = active
        else:
            controller.connection_slots = 0 if active else None
