"""The line controller's sequence: commands, interlocks and conditions drive the PackML states.

What the commands do:

* Start: in Stopped (through Resetting and Idle) or Idle starts the line, in Held goes on. Needs Auto, no
  fault, tank above 15 %, pressure below 20 psi and caps present; otherwise, and elsewhere, ignored.
* Stop: an orderly stop; the bottle under the nozzle is filled to the end first.
* Reset: takes back alarm bits and the fault. In Aborted it clears (and aborts again while the cause is
  there), in Stopped it makes the line Idle.
* Manual: ends automatic operation with an orderly stop; there is no Start in Manual. Auto: back to
  automatic; the line waits for Start.

What happens by itself: too many rejects in a row hold the line with a fault; the line is suspended while
product, caps or bottles lack and goes on when they are back; the capper's motor protection aborts it.
"""

from dataclasses import dataclass

from sim.line_alarms import LOW_LEVEL_OFF_PCT, REJECTS_IN_A_ROW
from sim.packml import State, StateMachine, Trigger
from sim.process import STEP_S

STARVED_BELOW_PCT = 15.0
PRESSURE_LIMIT_PSI = 20.0
NO_CAPS_SUSPEND_S = 5.0
BOTTLES_TO_RESUME = 4

_STARTING = frozenset({State.STARTING, State.UNHOLDING, State.UNSUSPENDING})
_STOPPING = frozenset({State.STOPPING, State.HOLDING, State.SUSPENDING})
_DRIVEN = _STARTING | {State.EXECUTE}
_PRODUCING = _DRIVEN | _STOPPING
_BRAKED = frozenset({State.ABORTING, State.ABORTED})
_WAITING = frozenset({State.HELD, State.SUSPENDED})

_STOPPED_DWELL_S = 0.5
_IDLE_DWELL_S = 0.3
_RESETTING_S = 1.0
_STARTING_S = 1.5
_STOPPING_S = 1.0
_GIVE_UP_FILLING_S = 5.0
_ABORTING_S = 0.5
_CLEARING_S = 1.0
_SUSPENDED_DWELL_S = 2.0
_AT_SPEED = 0.97


@dataclass(slots=True)
class Conditions:
    """What the sequence looks at in each step; one object, brought up to date in place."""

    speed_rpm: float = 0.0
    speed_setpoint_rpm: float = 0.0
    level_pct: float = 100.0
    pressure_psi: float = 0.0
    filling: bool = False
    caps_present: bool = True
    no_caps_s: float = 0.0
    capper_tripped: bool = False
    belt_empty: bool = False
    bottles_waiting: int = 0
    rejects_in_a_row: int = 0


@dataclass(slots=True)
class Commands:
    """The command bits; the controller takes each and resets it."""

    start: bool = False
    stop: bool = False
    reset: bool = False
    auto: bool = False
    manual: bool = False


class Sequencer:
    """One transition at most in each step, so that every state can be seen."""

    def __init__(self, *, autostart: bool) -> None:
        self.machine = StateMachine()
        self.conditions = Conditions()
        self.commands = Commands()
        self.auto = True
        self.fault = False
        self.reset_taken = False
        self._autostart = autostart
        self._start_wanted = autostart

    @property
    def state(self) -> State:
        return self.machine.state

    @property
    def running(self) -> bool:
        return self.machine.state is State.EXECUTE

    @property
    def driven(self) -> bool:
        """The conveyor is to run."""
        return self.machine.state in _DRIVEN

    @property
    def producing(self) -> bool:
        """The filler and the capper may work."""
        return self.machine.state in _PRODUCING

    @property
    def braked(self) -> bool:
        return self.machine.state in _BRAKED

    @property
    def waiting(self) -> bool:
        """Held or suspended."""
        return self.machine.state in _WAITING

    @property
    def ready(self) -> bool:
        """Running, or a Start would be accepted."""
        c = self.conditions
        return (
            self.auto
            and not self.fault
            and c.caps_present
            and c.level_pct > STARVED_BELOW_PCT
            and c.pressure_psi < PRESSURE_LIMIT_PSI
        )

    def restart(self) -> None:
        """The CPU starts anew: Stopped, no fault, commands forgotten; runs again by itself with autostart."""
        self.machine = StateMachine()
        self.commands = Commands()
        self.fault = self.reset_taken = False
        self._start_wanted = self._autostart and self.auto

    def step(self) -> None:
        machine = self.machine
        machine.in_state_s += STEP_S
        before = machine.state
        self._take_commands()
        if machine.state is not before:
            return
        if self.conditions.capper_tripped and before not in _BRAKED:
            self.fault = True
            self._start_wanted = False
            machine.fire(Trigger.ABORT)
        else:
            self._advance()

    def _take_commands(self) -> None:
        commands, self.reset_taken = self.commands, self.commands.reset
        if commands.stop or commands.manual:
            self.auto = self.auto and not commands.manual
            self._start_wanted = False
            self.machine.fire(Trigger.STOP)
            commands.stop = commands.manual = False
        if commands.auto:
            self.auto = True
            commands.auto = False
        if commands.reset:
            self._on_reset()
            commands.reset = False
        if commands.start:
            self._on_start()
            commands.start = False

    def _on_reset(self) -> None:
        if self.state is State.ABORTED:
            self.machine.fire(Trigger.CLEAR)
        elif self.state is not State.ABORTING:
            self.fault = False
            self.machine.fire(Trigger.RESET)

    def _on_start(self) -> None:
        if not self.ready:
            return
        if self.state is State.HELD:
            self.machine.fire(Trigger.UNHOLD)
        elif self.state in (State.STOPPED, State.RESETTING, State.IDLE):
            self._start_wanted = True

    def _advance(self) -> None:
        state, lasted_s = self.machine.state, self.machine.in_state_s
        if state is State.EXECUTE:
            self._watch_execution()
        elif state in _STARTING:
            c = self.conditions
            if lasted_s >= _STARTING_S and c.speed_rpm >= _AT_SPEED * c.speed_setpoint_rpm:
                self.machine.fire(Trigger.DONE)
        elif state in _STOPPING:
            if self._standing_still(lasted_s):
                self.machine.fire(Trigger.DONE)
        elif state in _WAITING:
            if state is State.SUSPENDED and lasted_s >= _SUSPENDED_DWELL_S and self._supplied():
                self.machine.fire(Trigger.UNSUSPEND)
        else:
            self._advance_at_rest(state, lasted_s)

    def _advance_at_rest(self, state: State, lasted_s: float) -> None:
        if state is State.STOPPED:
            if self._start_wanted and lasted_s >= _STOPPED_DWELL_S:
                self.machine.fire(Trigger.RESET)
        elif state is State.RESETTING:
            if lasted_s >= _RESETTING_S:
                self.machine.fire(Trigger.DONE)
        elif state is State.IDLE:
            if self._start_wanted and lasted_s >= _IDLE_DWELL_S and self.ready:
                self._start_wanted = False
                self.machine.fire(Trigger.START)
        elif state is State.ABORTING:
            if lasted_s >= _ABORTING_S and self.conditions.speed_rpm == 0.0:
                self.machine.fire(Trigger.DONE)
        elif state is State.CLEARING and lasted_s >= _CLEARING_S:
            self.fault = False
            self.machine.fire(Trigger.DONE)

    def _watch_execution(self) -> None:
        c = self.conditions
        if c.rejects_in_a_row >= REJECTS_IN_A_ROW:
            self.fault = True
            self.machine.fire(Trigger.HOLD)
        elif (
            c.level_pct <= STARVED_BELOW_PCT
            or c.no_caps_s >= NO_CAPS_SUSPEND_S
            or (c.belt_empty and c.bottles_waiting == 0)
        ):
            self.machine.fire(Trigger.SUSPEND)

    def _supplied(self) -> bool:
        c = self.conditions
        bottles = not c.belt_empty or c.bottles_waiting >= BOTTLES_TO_RESUME
        return c.level_pct >= LOW_LEVEL_OFF_PCT and c.caps_present and bottles

    def _standing_still(self, lasted_s: float) -> bool:
        c = self.conditions
        if lasted_s < _STOPPING_S or c.speed_rpm > 0.0:
            return False
        return not c.filling or lasted_s >= _GIVE_UP_FILLING_S
