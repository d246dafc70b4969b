"""A bottle filler in software: seeded, pure, without clock, thread or wire.

``Line`` is advanced by ``tick`` and works in fixed steps of 10 ms inside, so that one seed gives one
and the same day however the ticks are cut. ``tags`` is what its controller knows, by the names of the
plant's tag list; ``write`` is what somebody asks of it.
"""

import difflib
import math
from dataclasses import dataclass
from random import Random
from typing import Final

from sim.bottles import Belt, Infeed
from sim.faults import Fault
from sim.line_alarms import LOW_LEVEL_ON_PCT, LineAlarms
from sim.packml import State
from sim.process import STEP_S, Tank
from sim.sequencer import Sequencer
from sim.stations import Capper, Checker, Filler, infeed_eye

TagValue = bool | int | float

COMMANDS: Final = ("StartCommand", "StopCommand", "ResetCommand", "AutoCommand", "ManualCommand")
SETPOINT_LIMITS: Final = {"ConveyorSpeedSetpoint": (40.0, 66.0), "FillTargetSetpoint": (450.0, 550.0)}
HIGH_LEVEL_PCT = 90.0

_STEP_NS = round(STEP_S * 1e9)
_WANDER_EVERY = round(Tank.WANDERS_EVERY_S / STEP_S)
_INT32 = 1 << 32


class LineWriteError(ValueError):
    """This cannot be written to the line's controller; the text says why."""


@dataclass(frozen=True, slots=True)
class PlacedBottle:
    """A bottle on the belt, for tests and pictures; ``place_mm`` is counted from the infeed photo-eye."""

    number: int
    place_mm: float
    volume_ml: float
    capped: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """Where the bottles are; arrived = waiting + on_belt + packed + rejected at any moment."""

    arrived: int
    waiting: int
    on_belt: int
    packed: int
    rejected: int


class Line:
    """The line and its controller.

    With ``autostart`` it runs to Execute by itself after power-up, as a demonstration wants it;
    without, it waits in Stopped for StartCommand.
    """

    def __init__(self, seed: int = 1, *, autostart: bool = True) -> None:
        self.belt = Belt(Random(f"{seed}:belt"))
        self.infeed = Infeed(Random(f"{seed}:infeed"))
        self.tank = Tank(Random(f"{seed}:tank"))
        self.filler = Filler(Random(f"{seed}:filler"))
        self.capper = Capper(Random(f"{seed}:capper"))
        self.checker = Checker()
        self.alarms = LineAlarms()
        self.sequencer = Sequencer(autostart=autostart)
        self.controller_running = True
        self._setpoints = {"ConveyorSpeedSetpoint": 58.0, "FillTargetSetpoint": 500.0}
        self._faults: set[Fault] = set()
        self._steps = 0
        self._owed_ns = 0
        self.infeed.prime(self.belt, self._setpoints["FillTargetSetpoint"])
        self.primed_ml = sum(bottle.volume_ml for bottle in self.belt.bottles)
        self._observe()

    @property
    def now_s(self) -> float:
        """Seconds of line time since start."""
        return self._steps * STEP_S

    @property
    def state(self) -> State:
        return self.sequencer.state

    @property
    def bottles(self) -> tuple[PlacedBottle, ...]:
        """The bottles on the belt, foremost first."""
        place = self.belt.place_mm
        return tuple(PlacedBottle(b.number, place(b), b.volume_ml, b.capped) for b in self.belt.bottles)

    @property
    def counts(self) -> Counts:
        infeed, checker = self.infeed, self.checker
        return Counts(
            infeed.arrived, infeed.waiting, len(self.belt.bottles), checker.packed, checker.rejected
        )

    def tick(self, dt: float) -> None:
        """Advance by ``dt`` seconds (0 or more); what is less than a step is kept for the next tick."""
        if not dt >= 0.0 or math.isinf(dt):
            raise ValueError(f"the line cannot be advanced by {dt} s")
        self._owed_ns += round(dt * 1e9)
        steps, self._owed_ns = divmod(self._owed_ns, _STEP_NS)
        for _ in range(steps):
            self._step()

    def disturb(self, fault: Fault, *, active: bool) -> None:
        """Begin or end a fault of the line; those of the controller's network change nothing here."""
        if active:
            self._faults.add(fault)
        else:
            self._faults.discard(fault)

    def run_controller(self, *, running: bool) -> None:
        """CPU to STOP: all outputs off, the program rests. Back to RUN: it starts anew, counters kept."""
        if running and not self.controller_running:
            self.sequencer.restart()
        self.controller_running = running

    def write(self, name: str, value: TagValue) -> None:
        """Ask the controller for something: a command bit or a setpoint, which it clamps to its limits.

        Writing False to a command and a setpoint that is no number do nothing. Raises
        ``LineWriteError`` for a name that cannot be written.
        """
        if name in COMMANDS:
            if value:
                setattr(self.sequencer.commands, name.removesuffix("Command").lower(), True)
        elif name in SETPOINT_LIMITS:
            low, high = SETPOINT_LIMITS[name]
            if not math.isnan(value):
                self._setpoints[name] = max(low, min(high, float(value)))
        else:
            raise LineWriteError(self._why_not_writable(name))

    def tags(self) -> dict[str, TagValue]:
        """Every tag of the controller by name, in the order of the tag list."""
        return {
            **self._inputs(),
            **self._outputs(),
            **self._analog(),
            **self._status(),
            **self._commands(),
            **self._setpoints,
        }

    def _inputs(self) -> dict[str, TagValue]:
        return {
            "BottlePresent": infeed_eye(self.belt),
            "BottleAtFill": self.filler.sees_bottle,
            "BottleAtCap": self.capper.sees_bottle,
            "LowLevel": self.tank.level_pct <= LOW_LEVEL_ON_PCT,
            "HighLevel": self.tank.level_pct >= HIGH_LEVEL_PCT,
            "CapPresent": self.capper.cap_present,
        }

    def _outputs(self) -> dict[str, TagValue]:
        sequencer, alarms, on = self.sequencer, self.alarms, self.controller_running
        return {
            "FillValve": self.filler.valve.commanded_open,
            "ConveyorMotor": on
            and (sequencer.driven or (self.belt.speed_rpm > 0.0 and not sequencer.braked)),
            "CappingMotor": self._capping_motor,
            "IndicatorGreen": on and sequencer.running,
            "IndicatorRed": on and sequencer.fault,
            "IndicatorYellow": on and (alarms.any or sequencer.waiting),
        }

    def _analog(self) -> dict[str, TagValue]:
        bottle = self.filler.bottle
        return {
            "FillLevel": self.tank.measured_level_pct,
            "FillFlowRate": self.filler.flow_l_per_min,
            "TankTemperature": self.tank.temperature_c,
            "TankPressure": self.tank.pressure_psi,
            "ConveyorSpeed": self.belt.speed_rpm,
            "BottleFillVolume": bottle.metered_ml if bottle is not None and self.filler.sees_bottle else 0.0,
        }

    def _status(self) -> dict[str, TagValue]:
        sequencer, alarms, checker = self.sequencer, self.alarms, self.checker
        return {
            "SystemRunning": sequencer.running,
            "Filling": self.filler.valve.opening > 0.0,
            "Ready": sequencer.ready,
            "Fault": sequencer.fault,
            "AutoMode": sequencer.auto,
            "BottlesFilled": checker.checked,
            "BottlesRejected": checker.rejected,
            "BottlesPerMinute": round(checker.bottles_per_minute(self.now_s)),
            "LowProductLevel": alarms.low_product,
            "Overfill": alarms.overfill,
            "Underfill": alarms.underfill,
            "NoBottle": alarms.no_bottle,
            "CapMissing": alarms.cap_missing,
            "StateCurrent": int(sequencer.state),
            "LineEncoder": int(self.belt.travel_mm) % (_INT32 // 2),
        }

    def _commands(self) -> dict[str, TagValue]:
        commands = self.sequencer.commands
        return {
            "StartCommand": commands.start,
            "StopCommand": commands.stop,
            "ResetCommand": commands.reset,
            "AutoCommand": commands.auto,
            "ManualCommand": commands.manual,
        }

    @property
    def _capping_motor(self) -> bool:
        tripped = Fault.CAPPER_TRIP in self._faults
        return self.controller_running and self.sequencer.producing and not tripped

    def _step(self) -> None:
        self._steps += 1
        if self._steps % _WANDER_EVERY == 0:
            self.tank.wander()
            self.belt.wander()
        on, sequencer = self.controller_running, self.sequencer
        if on:
            sequencer.step()
            if sequencer.reset_taken:
                self.alarms.reset(self.belt.travel_mm)
        self._move(on=on)
        if on:
            self._observe()

    def _move(self, *, on: bool) -> None:
        """Let the physics go on for one step under the outputs as they are."""
        sequencer, faults, belt = self.sequencer, self._faults, self.belt
        target_ml = self._setpoints["FillTargetSetpoint"]
        self.tank.step(supply_lost=Fault.LOW_PRODUCT in faults)
        speed_rpm = self._setpoints["ConveyorSpeedSetpoint"] if on and sequencer.driven else 0.0
        belt.step(speed_rpm, brake=sequencer.braked)
        self.infeed.step(belt, jammed=Fault.NO_BOTTLE in faults)
        self.filler.step(
            belt,
            self.tank,
            target_ml,
            permitted=on and sequencer.producing,
            overfill=Fault.OVERFILL in faults,
            underfill=Fault.UNDERFILL in faults,
            stuck=Fault.STUCK_SENSOR in faults,
        )
        self.capper.step(belt, motor=self._capping_motor, jammed=Fault.CAP_MISSING in faults)
        verdict = self.checker.step(belt, target_ml, self.now_s)
        if verdict is not None:
            self.alarms.on_bottle_checked(verdict)

    def _observe(self) -> None:
        """The controller's inputs for its next step, and its alarm bits."""
        c, level_pct = self.sequencer.conditions, self.tank.level_pct
        c.speed_rpm = self.belt.speed_rpm
        c.speed_setpoint_rpm = self._setpoints["ConveyorSpeedSetpoint"]
        c.level_pct = level_pct
        c.pressure_psi = self.tank.pressure_psi
        c.filling = self.filler.valve.passes or self.filler.unfinished
        c.caps_present = self.capper.cap_present
        c.no_caps_s = self.capper.no_caps_s
        c.capper_tripped = Fault.CAPPER_TRIP in self._faults
        c.belt_empty = not self.belt.bottles
        c.bottles_waiting = 0 if Fault.NO_BOTTLE in self._faults else self.infeed.waiting
        c.rejects_in_a_row = self.alarms.rejects_in_a_row
        self.alarms.step(
            level_pct=level_pct,
            travel_mm=self.belt.travel_mm,
            at_fill=self.filler.sees_bottle,
            executing=self.sequencer.running,
            no_caps_s=c.no_caps_s,
        )

    def _why_not_writable(self, name: str) -> str:
        writable = [*COMMANDS, *SETPOINT_LIMITS]
        if name in self.tags():
            return f"{name} is read only; writable are {', '.join(writable)}"
        near = difflib.get_close_matches(name, writable, n=1)
        hint = f"did you mean {near[0]}?" if near else f"writable are {', '.join(writable)}"
        return f"{name!r} is not a tag of the line: {hint}"
